"""Frames: one WebSocket text message each, holding a batch of events.

Three framings are read: an array of events (v2.33 and later), an envelope
`{type, data}` (through v2.32), and a bare event. An array is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Annotated, Any, Final, TypeAlias

from pydantic import TypeAdapter, ValidationError

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._go import dumps
from coderchat_jupyter.wire._template import Template, only_piece
from coderchat_jupyter.wire._tolerant import decode_value, parse_json
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.events import (
    KNOWN_EVENT_TYPES,
    ErrorEvent,
    Event,
    MessagePartEvent,
    UnknownEvent,
)
from coderchat_jupyter.wire.failures import ChatError

__all__ = [
    "MAX_BATCH",
    "MAX_FRAME_BYTES",
    "Batch",
    "Envelope",
    "FrameDecoder",
    "decode_batch",
    "decode_frame",
    "encode_frame",
]

MAX_BATCH: Final = 256
"""The server's limit of events in one frame."""

MAX_FRAME_BYTES: Final = 2**22
"""What the Go client accepts; a batch of large messages comes close."""


class Envelope(WireModel):
    """How servers through v2.32 wrapped what they sent.

    `data` is a batch, one event, or for `error` the body of a failed call.
    """

    type: Annotated[str, Words("ping", "data", "error")]
    data: Annotated[Any, OMIT] = None


Batch: TypeAlias = tuple[Event, ...]

_VAIN: Final = 8
"""Templates in a row that fitted no frame: this server's frames are not alike."""

_BATCH: Final[TypeAdapter[Batch]] = TypeAdapter(tuple[Event, ...])
_EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Event)

# Past the adapter's own method, which is a sixth of what a frame of one event costs.
_read_batch: Final[Callable[[str | bytes], Batch]] = _BATCH.validator.validate_json


def decode_frame(frame: str | bytes) -> Batch:
    """Decode one frame into the events that it holds, in their order.

    An event of unknown type, or one that cannot be read, becomes an `UnknownEvent`,
    and so does an envelope of unknown type.

    Raises:
        ProtocolError: The frame is not JSON, or neither an array nor an object.
    """
    try:
        return _read_batch(frame)
    except (ValidationError, TypeError):
        pass
    return _decode_patiently(parse_json(frame))


class FrameDecoder:
    """Decodes the frames of one connection, each as `decode_frame` does.

    A frame of one piece of text that is like an earlier one costs a fraction of it.
    """

    def __init__(self) -> None:
        self._template: Template | None = None
        self._last: type[Any] | None = None
        self._vain = 0

    def __call__(self, frame: bytes) -> Batch:
        """The events of a frame, in their order.

        Raises:
            ProtocolError: As `decode_frame`.
        """
        if self._template is not None:
            event = self._template.event(frame)
            if event is not None:
                self._vain = 0
                return (event,)
        batch = decode_frame(frame)
        if (event := only_piece(batch)) is not None:
            self._learn(frame, event)
        return batch

    def _learn(self, frame: bytes, event: MessagePartEvent) -> None:
        kind: type[Any] = type(event.message_part.part)
        # Not from the first of its kind: it may be the only one.
        if kind is not self._last:
            self._last = kind
        elif self._vain < _VAIN:
            self._vain += 1
            self._last = None
            self._template = Template.of(frame, event, decode_frame)


def decode_batch(events: list[Any]) -> Batch:
    """The events of a frame that was parsed already.

    Raises:
        ProtocolError: It is no array.
    """
    if not isinstance(events, list):
        raise ProtocolError("This is no batch of events.")
    return tuple(_decode_event(event) for event in events)


def encode_frame(batch: Iterable[Event]) -> str:
    """Encode a batch as the server sends it: an array and a newline."""
    return dumps(list(batch)).decode()


def _decode_patiently(document: Any) -> Batch:
    if isinstance(document, list):
        return tuple(_decode_event(item) for item in document)
    if not isinstance(document, dict):
        raise ProtocolError("The server sent a frame that holds no events.")
    if "chat_id" in document or "data" not in document:
        return _decode_bare(document)
    if document.get("type") == "error":
        return (_envelope_error(document["data"]),)
    if document.get("type") == "data" and document["data"] is not None:
        return _decode_patiently(document["data"])
    if document.get("type") in ("data", "ping"):
        return ()
    return (UnknownEvent(raw=document),)


def _decode_bare(document: dict[str, Any]) -> Batch:
    if document.get("type") == "ping" or document == {"type": "data"}:
        return ()
    return (_decode_event(document),)


def _envelope_error(body: Any) -> ErrorEvent:
    """The envelope's own error ends the stream; its body is that of a failed call."""
    fields = body if isinstance(body, dict) else {"message": body}
    told = (str(fields.get(key) or "") for key in ("message", "detail"))
    message = ": ".join(t for t in told if t) or "The server ended the stream."
    return ErrorEvent(error=ChatError(message=message))


def _decode_event(item: Any) -> Event:
    if not isinstance(item, dict):
        return UnknownEvent(raw={"value": item})
    kind, chat_id = item.get("type"), item.get("chat_id")
    if isinstance(kind, str) and kind in KNOWN_EVENT_TYPES:
        # Mostly it is a neighbour that was not known.
        with suppress(ValidationError):
            return _EVENT.validate_python(item)
        try:
            return decode_value(_EVENT, item, what="event")
        except ProtocolError:
            pass
    return UnknownEvent(chat_id=chat_id if isinstance(chat_id, str) else "", raw=item)
