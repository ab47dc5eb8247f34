"""Events as text, and as ready-made frames that many sockets are sent alike."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from coderchat_jupyter.wire._go import dumps
from coderchat_jupyter.wire.events import (
    Event,
    MessageEvent,
    MessagePartEvent,
    StreamedPart,
)
from coderchat_jupyter.wire.framing import MAX_BATCH, MAX_FRAME_BYTES
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.parts import Part, ReasoningPart, TextPart

__all__ = [
    "FRAME_BYTES",
    "Burst",
    "Outgoing",
    "outgoing",
    "outgoing_part",
    "outgoing_text",
]

FRAME_BYTES: Final = MAX_FRAME_BYTES // 2
"""Half the client's limit: an event is not split, and one alone may be large."""

_TEXT: Final = 0x81
_LENGTH_16, _LENGTH_64 = 126, 127
_MARK: Final = "\ue000text\ue000"
_DELTA: Final = frozenset({"type", "text"})

_ODD: Final = re.compile(r'[\x00-\x1f"&<>\\\u2028\u2029\ud800-\udfff]')
"""What a text may not hold if it is to be written as it is, between quotes."""

_Delta = type[TextPart] | type[ReasoningPart]


class Outgoing(NamedTuple):
    """An encoded event; `message_id` if it is a stored message."""

    text: str
    message_id: int | None = None


class Burst:
    """Parts that were told at once: one frame for all who have nothing waiting.

    Attributes:
        items: The parts.
        frame: The whole WebSocket frame; None if it would have to be more than one.
    """

    __slots__ = ("frame", "items")

    def __init__(self, items: Sequence[Outgoing]) -> None:
        self.items = items
        self.frame = _frame(items)


def outgoing(event: Event) -> Outgoing:
    """An event, encoded once for all who listen."""
    message_id = event.message.id if isinstance(event, MessageEvent) else None
    return Outgoing(_dumped(event), message_id)


def outgoing_part(chat_id: ChatId, role: str, part: Part) -> Outgoing:
    """The event that tells a part of the message being written."""
    if isinstance(part, TextPart | ReasoningPart) and _is_delta(part):
        return _delta(_around(chat_id, role, type(part)), part.text)
    return outgoing(_event(chat_id, role, part))


def outgoing_text(chat_id: ChatId, text: str) -> Outgoing:
    """The same of a piece of an answer's text, for which no part need be made."""
    return _delta(_around(chat_id, "assistant", TextPart), text)


def _delta(around: tuple[str, str], text: str) -> Outgoing:
    head, tail = around
    said = f'"{text}"' if _ODD.search(text) is None else _dumped(text)
    return Outgoing(f"{head}{said}{tail}")


def _is_delta(part: TextPart | ReasoningPart) -> bool:
    """Whether it says nothing but a piece of text, as nearly all events do."""
    return part.model_fields_set <= _DELTA and not part.model_extra


@lru_cache(maxsize=1024)
def _around(chat_id: ChatId, role: str, kind: _Delta) -> tuple[str, str]:
    """What is before the text of such a part, and behind it."""
    head, _, tail = _dumped(_event(chat_id, role, kind(text=_MARK))).partition(
        f'"{_MARK}"'
    )
    return head, tail


def _event(chat_id: ChatId, role: str, part: Part) -> MessagePartEvent:
    streamed = StreamedPart(role=role, part=part)
    return MessagePartEvent(chat_id=chat_id, message_part=streamed)


def _dumped(value: Event | str) -> str:
    return dumps(value).decode().rstrip("\n")


def _frame(items: Sequence[Outgoing]) -> bytes | None:
    if len(items) > MAX_BATCH:
        return None
    text = ",".join([item.text for item in items])
    if len(text) > FRAME_BYTES:
        return None
    return _framed(f"[{text}]\n".encode("utf-8", "replace"))


def _framed(payload: bytes) -> bytes:
    """A whole text frame of a server: not masked, not compressed."""
    size = len(payload)
    if size < _LENGTH_16:
        head = struct.pack("!BB", _TEXT, size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", _TEXT, _LENGTH_16, size)
    else:
        head = struct.pack("!BBQ", _TEXT, _LENGTH_64, size)
    return head + payload
