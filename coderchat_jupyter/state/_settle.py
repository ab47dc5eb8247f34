"""Take what is stored out of a preview."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from coderchat_jupyter.state._copy import copied
from coderchat_jupyter.state._echo import Owed
from coderchat_jupyter.state.history import result_ids
from coderchat_jupyter.state.preview import (
    NO_PREVIEW,
    Block,
    Preview,
    ReasoningBlock,
    SourcesBlock,
    TextBlock,
    ToolBlock,
)
from coderchat_jupyter.state.text import TextBuffer
from coderchat_jupyter.wire.messages import Message
from coderchat_jupyter.wire.parts import ReasoningPart, TextPart

__all__ = ["Settled", "settle", "shown_text", "stored_text", "without_results"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What is left of a preview when a stored message took its place.

    Attributes:
        preview: Blocks that are not of that message.
        owed: The end of the message, where the preview had not come so far.
        is_guess: The preview is like the message, or begins so: it may be of a later
            one all the same.
    """

    preview: Preview
    owed: Owed = Owed()  # noqa: RUF009  frozen
    is_guess: bool = False


def settle(preview: Preview, message: Message, *, keep_others: bool) -> Settled:
    """Take what an assistant message holds out of the preview.

    What goes beyond the message is of the next step and stays.

    Args:
        preview: What was streamed.
        message: The message that was stored.
        keep_others: A preview that is not like the message may be of a later step,
            as in a snapshot, where parts come before messages. Else all of it goes.
    """
    if not preview:
        return Settled(preview)
    cut = _last_call(preview.blocks, message)
    head, rest = preview.blocks[:cut], preview.blocks[cut:]
    left = _left_of(message, head)
    taken = _take(rest, left or Owed())
    if taken is None:
        return Settled(_of(preview, rest) if keep_others else NO_PREVIEW)
    blocks, left = taken
    if blocks:
        return Settled(_of(preview, blocks))
    return Settled(NO_PREVIEW, left, is_guess=keep_others and not cut)


def without_results(preview: Preview, messages: Iterable[Message]) -> Preview:
    """A stored result takes the place of one that was shown without its call."""
    ids = result_ids(messages) if preview else None
    if not ids:
        return preview
    blocks = tuple([block for block in preview.blocks if not _is_result(block, ids)])
    if len(blocks) == len(preview.blocks):
        return preview
    return copied(preview, blocks=_joined(blocks))


def _is_result(block: Block, ids: frozenset[str]) -> bool:
    # By the exact type: `isinstance` is a call for each block of each message.
    return type(block) is ToolBlock and block.from_result and block.tool_call_id in ids


def _joined(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Neighbours of one kind, made one where something between them went."""
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if isinstance(last, TextBlock) and isinstance(block, TextBlock):
            joined[-1] = TextBlock(text=last.text.append(str(block.text)))
        elif isinstance(last, ReasoningBlock) and isinstance(block, ReasoningBlock):
            joined[-1] = ReasoningBlock(text=last.text.append(str(block.text)))
        elif isinstance(last, SourcesBlock) and isinstance(block, SourcesBlock):
            joined[-1] = SourcesBlock(sources=last.sources + block.sources)
        else:
            joined.append(block)
    return tuple(joined)


def stored_text(message: Message, kind: type[TextPart | ReasoningPart]) -> str:
    """The texts of one kind in a message, as they were streamed."""
    return "".join([part.text for part in message.content if type(part) is kind])


def shown_text(blocks: Iterable[Block], kind: type[TextBlock | ReasoningBlock]) -> str:
    """The texts of one kind in a preview."""
    return "".join([str(block.text) for block in blocks if type(block) is kind])


def _take(
    blocks: tuple[Block, ...], left: Owed
) -> tuple[tuple[Block, ...], Owed] | None:
    """Take the rest of a message out of blocks; None if they do not fit it.

    Returns:
        Blocks of the next step, and what the blocks did not hold of the message.
    """
    for place, block in enumerate(blocks):
        if isinstance(block, ToolBlock):
            # The step of the message cannot have ended before all of its text.
            return None if left else (blocks[place:], left)
        if not isinstance(block, TextBlock | ReasoningBlock):
            continue
        is_text = isinstance(block, TextBlock)
        stored = (left.text if is_text else left.reasoning).lstrip()
        shown = str(block.text)
        if not stored:
            return blocks[place:], left
        begun = shown.lstrip()
        if not (rest := _cut(stored, begun)) and not begun.startswith(stored.rstrip()):
            return None
        end = rest or ""
        left = Owed(end, left.reasoning) if is_text else Owed(left.text, end)
        beyond = begun.removeprefix(stored) if begun.startswith(stored) else ""
        if beyond.strip():
            return (replace(block, text=TextBuffer(beyond)), *blocks[place + 1 :]), left
    return (), left


def _cut(stored: str, shown: str) -> str | None:
    """The end of a stored text that was not shown; None if they do not fit."""
    return stored[len(shown) :] if stored.startswith(shown) else None


def _left_of(message: Message, shown: tuple[Block, ...]) -> Owed | None:
    """The texts of a message that blocks do not hold; None if they do not fit it."""
    text = _cut(
        stored_text(message, TextPart).lstrip(),
        shown_text(shown, TextBlock).lstrip(),
    )
    reasoning = _cut(
        stored_text(message, ReasoningPart).lstrip(),
        shown_text(shown, ReasoningBlock).lstrip(),
    )
    return None if text is None or reasoning is None else Owed(text, reasoning)


def _of(preview: Preview, blocks: tuple[Block, ...]) -> Preview:
    if len(blocks) == len(preview.blocks) and blocks == preview.blocks:
        return preview
    return replace(preview, blocks=blocks)


def _last_call(blocks: tuple[Block, ...], message: Message) -> int:
    """The place behind the last block that is a call of the message."""
    stored = message.tool_parts
    for place in range(len(blocks), 0, -1) if stored else ():
        block = blocks[place - 1]
        if type(block) is ToolBlock and ("tool-call", block.tool_call_id) in stored:
            return place
    return 0
