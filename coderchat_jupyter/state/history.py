"""The stored messages of a chat: put in, taken out, and matched with their preview."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from coderchat_jupyter.state._fold import find_tool
from coderchat_jupyter.state.preview import (
    NO_PREVIEW,
    Block,
    Preview,
    ReasoningBlock,
    SourcesBlock,
    TextBlock,
    ToolBlock,
)
from coderchat_jupyter.wire.messages import Message, MessagesPage, QueuedMessage
from coderchat_jupyter.wire.parts import (
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

__all__ = [
    "Settled",
    "call_ids",
    "is_prompt",
    "merge_page",
    "promotions",
    "result_ids",
    "settle",
    "tail",
    "upsert",
    "without_results",
]

_BY_ID: Final = attrgetter("id")

Messages = tuple[Message, ...]


def upsert(messages: Messages, message: Message) -> Messages:
    """Put a message in its place by id; the same object if it is there already."""
    if not messages or messages[-1].id < message.id:
        return (*messages, message)
    place = bisect_left(messages, message.id, key=_BY_ID)
    if messages[place].id != message.id:
        return (*messages[:place], message, *messages[place:])
    if messages[place] == message:
        return messages
    return (*messages[:place], message, *messages[place + 1 :])


def merge_page(
    messages: Messages, page: MessagesPage, *, before_id: int | None
) -> Messages:
    """Put a page in, and take out what an edit removed.

    The page speaks for the range of ids that it covers: a known message in there
    that it does not hold is gone. Newer ones came over the stream meanwhile and stay.

    Args:
        messages: What is known.
        page: What was fetched.
        before_id: As asked for; None for the newest page.
    """
    fetched = {message.id for message in page.messages}
    if not fetched:
        return messages
    low = min(fetched) if page.has_more else 0
    high = max(fetched) if before_id is None else before_id - 1
    kept = tuple(m for m in messages if m.id in fetched or not low <= m.id <= high)
    merged = messages if len(kept) == len(messages) else kept
    for message in sorted(page.messages, key=_BY_ID):
        merged = upsert(merged, message)
    return merged


def tail(messages: Messages) -> Messages:
    """The messages after the last user message: those of the running turn."""
    for place in range(len(messages) - 1, -1, -1):
        if messages[place].role == "user":
            return messages[place + 1 :]
    return messages


def call_ids(messages: Iterable[Message]) -> frozenset[str]:
    """Ids of the tool calls in some messages."""
    return frozenset(
        part.tool_call_id
        for message in messages
        for part in message.content
        if isinstance(part, ToolCallPart) and part.tool_call_id
    )


def result_ids(messages: Iterable[Message]) -> frozenset[str]:
    """Ids of the calls that some messages hold a result of."""
    return frozenset(
        part.tool_call_id
        for message in messages
        for part in message.content
        if isinstance(part, ToolResultPart) and part.tool_call_id
    )


def is_prompt(message: Message) -> bool:
    """A user said it; the workspace's context has the role of a user, too."""
    if message.role != "user":
        return False
    hidden = {"context-file", "skill"}
    return not message.content or any(p.type not in hidden for p in message.content)


def promotions(
    queue: tuple[QueuedMessage, ...], arrived: Iterable[Message]
) -> tuple[tuple[int, int], ...]:
    """Which queued message became which stored one; the server does not tell.

    The first in the queue with the same content is taken.
    """
    left, pairs = list(queue), []
    for message in arrived:
        if message.role != "user":
            continue
        for queued in left:
            if _said(queued) == _said(message):
                left.remove(queued)
                pairs.append((queued.id, message.id))
                break
    return tuple(pairs)


def _said(message: Message | QueuedMessage) -> tuple[tuple[str, str], ...]:
    return tuple((part.type, getattr(part, "text", "")) for part in message.content)


@dataclass(frozen=True, slots=True)
class Settled:
    """What is left of a preview when a stored message took its place.

    Attributes:
        preview: Blocks that are not of that message.
        owed_text: The end of its text, where the preview had not come so far.
        owed_reasoning: The same for reasoning.
    """

    preview: Preview
    owed_text: str = ""
    owed_reasoning: str = ""

    @property
    def is_guess(self) -> bool:
        """The preview only began like the message: it may be of another one."""
        return bool(self.owed_text or self.owed_reasoning)


def settle(preview: Preview, message: Message, *, keep_others: bool) -> Settled:
    """Take what an assistant message holds out of the preview.

    Args:
        preview: What was streamed.
        message: The message that was stored.
        keep_others: The preview may be of a later step, as in a snapshot, where
            parts come before messages. Else all of it goes.
    """
    if not preview:
        return Settled(preview)
    blocks = preview.blocks
    if keep_others:
        blocks = blocks[_last_call(blocks, message) :]
        if blocks and not _is_of(blocks, message):
            return Settled(Preview(blocks=blocks, is_over=preview.is_over))
        if len(blocks) < len(preview.blocks):
            return Settled(NO_PREVIEW)
    return Settled(
        NO_PREVIEW,
        owed_text=_rest(_text(blocks, TextBlock), _stored(message, TextPart)),
        owed_reasoning=_rest(
            _text(blocks, ReasoningBlock), _stored(message, ReasoningPart)
        ),
    )


def without_results(preview: Preview, messages: Iterable[Message]) -> Preview:
    """A stored result takes the place of one that was shown without its call."""
    ids = result_ids(messages)
    blocks = tuple(
        block
        for block in preview.blocks
        if not (
            isinstance(block, ToolBlock)
            and block.from_result
            and block.tool_call_id in ids
        )
    )
    if len(blocks) == len(preview.blocks):
        return preview
    return Preview(blocks=_joined(blocks), is_over=preview.is_over)


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


def _last_call(blocks: tuple[Block, ...], message: Message) -> int:
    places = (find_tool(blocks, call_id) for call_id in call_ids((message,)))
    return max((place + 1 for place in places if place is not None), default=0)


def _is_of(blocks: tuple[Block, ...], message: Message) -> bool:
    """Whether these blocks are the beginning of this message, or all of it."""
    if any(isinstance(block, ToolBlock) for block in blocks):
        return False
    for kind, part in ((TextBlock, TextPart), (ReasoningBlock, ReasoningPart)):
        shown, stored = _text(blocks, kind).strip(), _stored(message, part).strip()
        if shown and not stored.startswith(shown):
            return False
    return True


def _text(blocks: tuple[Block, ...], kind: type[TextBlock | ReasoningBlock]) -> str:
    return "".join(str(block.text) for block in blocks if isinstance(block, kind))


def _stored(message: Message, kind: type[TextPart | ReasoningPart]) -> str:
    return "".join(part.text for part in message.content if isinstance(part, kind))


def _rest(shown: str, stored: str) -> str:
    """The end of a stored text that was not shown; nothing if they do not fit."""
    # White space that would have begun a block was never shown.
    begun, stored = shown.lstrip(), stored.lstrip()
    return stored[len(begun) :] if begun and stored.startswith(begun) else ""
