"""Merge one streamed part into the blocks of a preview."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import dropwhile
from typing import Any, Final, TypeAlias

from pydantic_core import from_json

from coderchat_jupyter.state._copy import copied
from coderchat_jupyter.state.preview import (
    Block,
    FileBlock,
    Preview,
    ReasoningBlock,
    SourcesBlock,
    TextBlock,
    ToolBlock,
)
from coderchat_jupyter.state.text import NO_TEXT, TextBuffer
from coderchat_jupyter.wire.parts import (
    FilePart,
    Part,
    ReasoningPart,
    SourcePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

__all__ = [
    "Blocks",
    "append_text",
    "find_tool",
    "fold_blocks",
    "fold_part",
    "merge_call",
]

Blocks: TypeAlias = tuple[Block, ...]

# To copy from: a third of what making a block of so many fields takes.
_NO_TOOL: Final = ToolBlock(tool_call_id="")


def fold_part(preview: Preview, part: Part) -> Preview:
    """The preview with a part merged in; the same object if the part adds nothing.

    A preview whose run is over is left behind: the part begins a new one.
    """
    blocks = () if preview.is_over else preview.blocks
    longer = fold_blocks(blocks, part)
    if longer is blocks:
        return preview
    return Preview(blocks=longer)


def find_tool(blocks: Blocks, tool_call_id: str) -> int | None:
    """Where the block of a call is."""
    for place in range(len(blocks) - 1, -1, -1):
        block = blocks[place]
        if type(block) is ToolBlock and block.tool_call_id == tool_call_id:
            return place
    return None


def append_text(
    blocks: Blocks,
    kind: type[Any],
    pieces: Iterable[str],
) -> Blocks:
    """The blocks with more text at their end; the same object if it adds nothing.

    Args:
        blocks: The blocks so far.
        kind: `TextPart` or `ReasoningPart`.
        pieces: What to append.
    """
    block: Any = TextBlock if kind is TextPart else ReasoningBlock
    last: Any = blocks[-1] if blocks else None
    if type(last) is block:
        longer = last.text.append("".join(pieces))
        return blocks if longer is last.text else (*blocks[:-1], block(text=longer))
    # As if they came one by one: white space alone begins nothing.
    text = "".join(dropwhile(str.isspace, filter(None, pieces)))
    return (*blocks, block(text=TextBuffer(text))) if text else blocks


def fold_blocks(blocks: Blocks, part: Part) -> Blocks:
    """The blocks with a part merged in; the same object if the part adds nothing."""
    fold = _FOLDS.get(type(part))
    # References, context and skills are of user messages. Unknown parts come with
    # the message.
    return blocks if fold is None else fold(blocks, part)


def _text(blocks: Blocks, part: TextPart) -> Blocks:
    return append_text(blocks, TextPart, (part.text,))


def _reasoning(blocks: Blocks, part: ReasoningPart) -> Blocks:
    return append_text(blocks, ReasoningPart, (part.text,))


def _file(blocks: Blocks, part: FilePart) -> Blocks:
    return (*blocks, FileBlock(file=part)) if part.data or part.file_id else blocks


def _call(blocks: Blocks, part: ToolCallPart) -> Blocks:
    return merge_call(blocks, part, part.args_delta)


def merge_call(blocks: Blocks, part: ToolCallPart, delta: str) -> Blocks:
    """The blocks with a tool call merged in; the same object if it adds nothing.

    Args:
        blocks: The blocks so far.
        part: The call, or the first piece of a run of pieces.
        delta: The pieces of the run.
    """
    if part.provider_executed:
        # What the provider runs itself shows as its sources.
        return blocks
    place = _place_of_call(blocks, part)
    if place is None:
        return (*blocks, _begun_call(blocks, part, delta))
    block = _tool_at(blocks, place)
    news = _names(block, part)
    if block.from_result:
        news["from_result"] = False
    if part.parsed_commands and part.parsed_commands != block.parsed_commands:
        news["parsed_commands"] = part.parsed_commands
    if part.args is not None:
        args = _value(part.args)
        if not block.has_args or args != block.args:
            news |= {"args": args, "has_args": True, "args_text": NO_TEXT}
    elif delta and not block.has_args:
        # A piece that comes after the whole value is late and adds nothing.
        news["args_text"] = block.args_text.append(delta)
    return _put(blocks, place, part, block, news)


def _begun_call(blocks: Blocks, part: ToolCallPart, delta: str) -> ToolBlock:
    """The block of a call that nothing was heard of so far."""
    has_args = part.args is not None
    return copied(
        _NO_TOOL,
        tool_call_id=part.tool_call_id or _made_id(blocks),
        tool_name=part.tool_name,
        mcp_server_config_id=part.mcp_server_config_id or None,
        parsed_commands=part.parsed_commands or None,
        args=_value(part.args) if has_args else None,
        has_args=has_args,
        args_text=NO_TEXT if has_args else NO_TEXT.append(delta),
    )


def _result(blocks: Blocks, part: ToolResultPart) -> Blocks:
    if part.provider_executed:
        return blocks
    place = _place_of_result(blocks, part)
    block = _tool_at(blocks, place)
    news = _names(block, part)
    if place is None:
        news["from_result"] = True
    if part.result_reset:
        news |= {"result": None, "has_result": False, "result_text": NO_TEXT}
        news["is_error"] = False
    if part.is_error:
        news["is_error"] = True
    if part.result_delta:
        said = NO_TEXT if part.result_reset else block.result_text
        news["result_text"] = said.append(part.result_delta)
    if part.result is not None or "result" in part.model_fields_set:
        news |= {"result": part.result, "has_result": True}
    if all(getattr(block, name) == value for name, value in news.items()):
        news = {}
    return _put(blocks, place, part, block, news)


def _names(block: ToolBlock, part: ToolCallPart | ToolResultPart) -> dict[str, Any]:
    """The names that are new; a part may leave them out once they were told."""
    names: dict[str, Any] = {}
    if part.tool_name and part.tool_name != block.tool_name:
        names["tool_name"] = part.tool_name
    server = part.mcp_server_config_id
    if server and server != block.mcp_server_config_id:
        names["mcp_server_config_id"] = server
    return names


def _place_of_call(blocks: Blocks, part: ToolCallPart) -> int | None:
    if part.tool_call_id:
        return find_tool(blocks, part.tool_call_id)
    for place, block in enumerate(blocks):
        if not isinstance(block, ToolBlock) or block.has_args:
            continue
        if block.tool_name == part.tool_name:
            return place
    return None


def _place_of_result(blocks: Blocks, part: ToolResultPart) -> int | None:
    if part.tool_call_id:
        return find_tool(blocks, part.tool_call_id)
    for place, block in enumerate(blocks):
        if not isinstance(block, ToolBlock) or block.has_result or block.is_error:
            continue
        if block.tool_name == part.tool_name:
            return place
    return None


def _tool_at(blocks: Blocks, place: int | None) -> ToolBlock:
    block = None if place is None else blocks[place]
    return block if isinstance(block, ToolBlock) else _NO_TOOL


def _put(
    blocks: Blocks,
    place: int | None,
    part: ToolCallPart | ToolResultPart,
    block: ToolBlock,
    news: dict[str, Any],
) -> Blocks:
    if place is None:
        made = part.tool_call_id or _made_id(blocks)
        return (*blocks, copied(block, tool_call_id=made, **news))
    if not news:
        return blocks
    return (*blocks[:place], copied(block, **news), *blocks[place + 1 :])


def _made_id(blocks: Blocks) -> str:
    # Blocks are never taken out singly while a call without an id is open, so the
    # count tells such calls apart.
    return f"local-{len(blocks) + 1}"


def _cite(blocks: Blocks, part: SourcePart) -> Blocks:
    if not part.url:
        return blocks
    cited = (s for b in blocks if isinstance(b, SourcesBlock) for s in b.sources)
    if any(source.url == part.url for source in cited):
        return blocks
    last = blocks[-1] if blocks else None
    if isinstance(last, SourcesBlock):
        return (*blocks[:-1], SourcesBlock(sources=(*last.sources, part)))
    return (*blocks, SourcesBlock(sources=(part,)))


def _value(args: Any) -> Any:
    """Arguments as a value, also when a server sends them as JSON text."""
    if not isinstance(args, str):
        return args
    try:
        return from_json(args)
    except ValueError:
        return args


# By exact type: a row of isinstance checks is most of what a small part costs.
_FOLDS: Final[dict[type[Any], Callable[[Blocks, Any], Blocks]]] = {
    FilePart: _file,
    ReasoningPart: _reasoning,
    SourcePart: _cite,
    TextPart: _text,
    ToolCallPart: _call,
    ToolResultPart: _result,
}
