"""What becomes of a user's chats, as it happens (upstream `ChatWatchEvent`).

A frame holds one event; through v2.32 in an envelope `{type, data}`. Nothing is told
of what happened before the connection: fetch the list after each new one.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

from pydantic import TypeAdapter, ValidationError

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire._base import OMIT, RawValue, WireModel
from coderchat_jupyter.wire._tolerant import decode_value, parse_json
from coderchat_jupyter.wire._values import Items
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.events import StreamedToolCall

__all__ = ["UnknownWatchEvent", "WatchEvent", "WatchEvents", "decode_watch_frame"]


class WatchEvent(WireModel):
    """Something happened to a chat.

    Attributes:
        kind: `created` (also unarchived), `deleted` (archived), `status_change`,
            `title_change`, `summary_change`, `diff_status_change`,
            `action_required`, `context_dirty`, `chat_summary_change`, or a kind of a
            newer server.
        chat: The chat as it was then, in part: merge it, do not replace with it.
        tool_calls: What a parked chat waits for.
    """

    kind: Annotated[
        str,
        Words(
            "action_required",
            "chat_summary_change",
            "context_dirty",
            "created",
            "deleted",
            "diff_status_change",
            "status_change",
            "summary_change",
            "title_change",
        ),
    ]
    chat: Chat
    tool_calls: Annotated[Items[StreamedToolCall], OMIT] = ()


class UnknownWatchEvent(RawValue):
    """An event that could not be read: fetch the list of chats to be sure."""

    @property
    def kind(self) -> str:
        """The kind that the server gave it."""
        return str(self.raw.get("kind", ""))


WatchEvents: TypeAlias = tuple[WatchEvent | UnknownWatchEvent, ...]

_EVENT: Final = TypeAdapter(WatchEvent)


def decode_watch_frame(frame: str | bytes) -> WatchEvents:
    """Decode one frame; empty for a ping of older servers.

    Raises:
        ProtocolError: The frame is not JSON, or the server says in an envelope that
            it cannot go on.
    """
    try:
        return (_EVENT.validate_json(frame),)
    except ValidationError:
        return _read(parse_json(frame))


def _read(document: Any) -> WatchEvents:
    if isinstance(document, dict) and "kind" not in document and "type" in document:
        if document["type"] == "error":
            raise ProtocolError("The server cannot tell about chats at the moment.")
        # Of an envelope; a ping has no data.
        if document["type"] not in ("data", "ping"):
            return (UnknownWatchEvent(raw=document),)
        document = document.get("data") if document["type"] == "data" else None
        if document is None:
            return ()
    items = document if isinstance(document, list) else [document]
    return tuple(_event(item) for item in items)


def _event(item: Any) -> WatchEvent | UnknownWatchEvent:
    if not isinstance(item, dict):
        return UnknownWatchEvent(raw={"value": item})
    try:
        return decode_value(_EVENT, item, what="event")
    except ProtocolError:
        return UnknownWatchEvent(raw=item)
