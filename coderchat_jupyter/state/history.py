"""The stored messages of a chat: put in, taken out, and asked about."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from operator import attrgetter
from typing import Final

from coderchat_jupyter.wire.messages import Message, MessagesPage, QueuedMessage
from coderchat_jupyter.wire.parts import ToolCallPart

__all__ = [
    "call_ids",
    "has_hole",
    "is_answered",
    "is_prompt",
    "merge_page",
    "promotions",
    "result_ids",
    "tail",
    "upsert",
]

_BY_ID: Final = attrgetter("id")

Messages = tuple[Message, ...]


def upsert(messages: Messages, message: Message) -> Messages:
    """Put a message in its place by id; the same object if it is there already."""
    if not messages or messages[-1].id < message.id:
        # Half the time of `(*messages, message)`, which goes by way of a list.
        return messages + (message,)  # noqa: RUF005
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
    return _ids_of("tool-call", messages)


def result_ids(messages: Iterable[Message]) -> frozenset[str]:
    """Ids of the calls that some messages hold a result of."""
    return _ids_of("tool-result", messages)


def _ids_of(kind: str, messages: Iterable[Message]) -> frozenset[str]:
    return frozenset(
        call_id
        for message in messages
        for told, call_id in message.tool_parts
        if told == kind
    )


def is_prompt(message: Message) -> bool:
    """A user said it; the workspace's context has the role of a user, too."""
    if message.role != "user":
        return False
    hidden = {"context-file", "skill"}
    return not message.content or any(p.type not in hidden for p in message.content)


def has_hole(messages: Messages) -> bool:
    """A call of the last turn has no result: someone stored it, and nobody told."""
    turn = tail(messages)
    asked = frozenset(
        part.tool_call_id
        for message in turn
        for part in message.content
        if type(part) is ToolCallPart and not part.provider_executed
    )
    return bool(asked) and bool(asked - result_ids(turn) - {""})


def is_answered(messages: Messages) -> bool:
    """The last message is the assistant's, and no question to a tool."""
    last = messages[-1] if messages else None
    return last is not None and last.role == "assistant" and not call_ids((last,))


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
