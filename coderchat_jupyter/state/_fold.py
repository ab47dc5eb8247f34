"""Merge one streamed part into the blocks of a preview."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import dropwhile
from typing import Any, TypeVar

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

__all__ = ["append_text", "find_tool", "fold_part"]

_Writing = TypeVar("_Writing", TextBlock, ReasoningBlock)


def fold_part(preview: Preview, part: Part) -> Preview:
    """The preview with a part merged in; the same object if the part adds nothing.

    A preview whose run is over is left behind: the part begins a new one.
    """
    blocks = () if preview.is_over else preview.blocks
    longer = _fold(blocks, part)
    if longer is blocks:
        return preview
    return Preview(blocks=longer)


def find_tool(blocks: tuple[Block, ...], tool_call_id: str) -> int | None:
    """Where the block of a call is."""
    for place in range(len(blocks) - 1, -1, -1):
        block = blocks[place]
        if isinstance(block, ToolBlock) and block.tool_call_id == tool_call_id:
            return place
    return None


def append_text(
    blocks: tuple[Block, ...],
    kind: type[TextPart | ReasoningPart],
    pieces: Iterable[str],
) -> tuple[Block, ...]:
    """The blocks with more text at their end; the same object if it adds nothing."""
    block = TextBlock if kind is TextPart else ReasoningBlock
    last = blocks[-1] if blocks else None
    if type(last) is block and isinstance(last, TextBlock | ReasoningBlock):
        longer = last.text.append("".join(pieces))
        if longer is last.text:
            return blocks
        return (*blocks[:-1], copied(last, text=longer))
    # As if they came one by one: white space alone begins nothing.
    text = "".join(dropwhile(str.isspace, filter(None, pieces)))
    return (*blocks, block(text=TextBuffer(text))) if text else blocks


def _fold(blocks: tuple[Block, ...], part: Part) -> tuple[Block, ...]:
    match part:
        case TextPart(text=text):
            return _write(blocks, TextBlock, text)
        case ReasoningPart(text=text):
            return _write(blocks, ReasoningBlock, text)
        case ToolCallPart(provider_executed=False):
            return _call(blocks, part)
        case ToolResultPart(provider_executed=False):
            return _result(blocks, part)
        case FilePart(data=content, file_id=file_id) if content or file_id:
            return (*blocks, FileBlock(file=part))
        case SourcePart(url=url) if url:
            return _cite(blocks, part)
        case _:
            # References, context and skills are of user messages. What the provider
            # runs itself shows as its sources. Unknown ones come with the message.
            return blocks


def _write(
    blocks: tuple[Block, ...], kind: type[_Writing], text: str
) -> tuple[Block, ...]:
    last = blocks[-1] if blocks else None
    if isinstance(last, kind):
        longer = last.text.append(text)
        if longer is last.text:
            return blocks
        return (*blocks[:-1], kind(text=longer))
    # White space alone begins nothing: "Thinking..." would end too early.
    if not text or text.isspace():
        return blocks
    return (*blocks, kind(text=TextBuffer(text)))


def _call(blocks: tuple[Block, ...], part: ToolCallPart) -> tuple[Block, ...]:
    place = _place_of_call(blocks, part)
    block = _tool_at(blocks, place, part)
    changes = _names(block, part)
    changes["parsed_commands"] = part.parsed_commands or block.parsed_commands
    changes["from_result"] = False
    if part.args is not None:
        changes |= {"args": _value(part.args), "has_args": True, "args_text": NO_TEXT}
    elif part.args_delta and not block.has_args:
        # A piece that comes after the whole value is late and adds nothing.
        changes["args_text"] = block.args_text.append(part.args_delta)
    return _put(blocks, place, copied(block, **changes))


def _result(blocks: tuple[Block, ...], part: ToolResultPart) -> tuple[Block, ...]:
    place = _place_of_result(blocks, part)
    block = _tool_at(blocks, place, part)
    if place is None:
        block = copied(block, from_result=True)
    if part.result_reset:
        block = copied(
            block, result=None, has_result=False, result_text=NO_TEXT, is_error=False
        )
    changes = _names(block, part)
    changes["is_error"] = block.is_error or part.is_error
    if part.result_delta:
        changes["result_text"] = block.result_text.append(part.result_delta)
    if part.result is not None or "result" in part.model_fields_set:
        changes |= {"result": part.result, "has_result": True}
    return _put(blocks, place, copied(block, **changes))


def _names(block: ToolBlock, part: ToolCallPart | ToolResultPart) -> dict[str, Any]:
    server = part.mcp_server_config_id or block.mcp_server_config_id
    name = part.tool_name or block.tool_name
    return {"tool_name": name, "mcp_server_config_id": server}


def _place_of_call(blocks: tuple[Block, ...], part: ToolCallPart) -> int | None:
    if part.tool_call_id:
        return find_tool(blocks, part.tool_call_id)
    for place, block in enumerate(blocks):
        if not isinstance(block, ToolBlock) or block.has_args:
            continue
        if block.tool_name == part.tool_name:
            return place
    return None


def _place_of_result(blocks: tuple[Block, ...], part: ToolResultPart) -> int | None:
    if part.tool_call_id:
        return find_tool(blocks, part.tool_call_id)
    for place, block in enumerate(blocks):
        if not isinstance(block, ToolBlock) or block.has_result or block.is_error:
            continue
        if block.tool_name == part.tool_name:
            return place
    return None


def _tool_at(
    blocks: tuple[Block, ...], place: int | None, part: ToolCallPart | ToolResultPart
) -> ToolBlock:
    block = None if place is None else blocks[place]
    if isinstance(block, ToolBlock):
        return block
    # Blocks are never taken out singly while a call without an id is open, so the
    # count tells such calls apart.
    made = part.tool_call_id or f"local-{len(blocks) + 1}"
    return ToolBlock(tool_call_id=made, tool_name=part.tool_name)


def _put(
    blocks: tuple[Block, ...], place: int | None, block: ToolBlock
) -> tuple[Block, ...]:
    if place is None:
        return (*blocks, block)
    if blocks[place] == block:
        return blocks
    return (*blocks[:place], block, *blocks[place + 1 :])


def _cite(blocks: tuple[Block, ...], part: SourcePart) -> tuple[Block, ...]:
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
