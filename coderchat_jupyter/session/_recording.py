"""The format of a recording: JSON, one record a line (JSONL), in order.

The first line says what the file is:

    {"recording": "coderchat", "version": 1, "package": "0.1.0",
     "recorded_at": "2026-06-01T12:00:00Z", "server": "v2.34.0", "chat_id": "..."}

Every other line is one step, with `at`: seconds since the recording began.

    {"at": 0.1, "step": "opened", "after_id": 12}        a connection was opened
    {"at": 0.2, "step": "frame", "events": [...]}        a frame, as it was sent
    {"at": 0.3, "step": "chat", "chat": {...}}           the chat was fetched
    {"at": 0.4, "step": "page", "page": {...}, "before_id": null}
    {"at": 0.5, "step": "sent", "sent": {...}}           the answer to a send
    {"at": 0.6, "step": "wanted", "is_stale": true}      messages are to be fetched
    {"at": 0.7, "step": "link", "phase": "reconnecting", "attempt": 1}

A reader ignores fields that it does not know. A file of a higher `version` cannot be
read by an older release. Secrets are left out: see `_redact`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter

from coderchat_jupyter.errors import ProtocolError, RecordingError
from coderchat_jupyter.state.steps import (
    ChatFetched,
    MessageSent,
    Opened,
    PageFetched,
    Step,
    Told,
    Wanted,
)
from coderchat_jupyter.wire._base import RawValue
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire._tolerant import decode_value
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.events import Event
from coderchat_jupyter.wire.framing import decode_batch
from coderchat_jupyter.wire.messages import MessagesPage, SentMessage

__all__ = ["NAME", "VERSION", "Header", "LinkPhase", "decode_step", "encode_step"]

NAME: Final = "coderchat"
VERSION: Final = 1

Json: TypeAlias = dict[str, Any]

_CHAT: Final[TypeAdapter[Chat]] = TypeAdapter(Chat)
_PAGE: Final[TypeAdapter[MessagesPage]] = TypeAdapter(MessagesPage)
_SENT: Final[TypeAdapter[SentMessage]] = TypeAdapter(SentMessage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a recording says of itself.

    Attributes:
        package: The release of this package that wrote it; empty if not installed.
        recorded_at: When it began; RFC 3339.
        server: The release of the server; empty if it did not say.
        chat_id: The chat.
    """

    package: str = ""
    recorded_at: str = ""
    server: str = ""
    chat_id: str = ""

    def line(self) -> Json:
        """The first line of the file."""
        return {
            "recording": NAME,
            "version": VERSION,
            "package": self.package,
            "recorded_at": self.recorded_at,
            "server": self.server,
            "chat_id": self.chat_id,
        }

    @classmethod
    def read(cls, line: Any) -> Header:
        """Read the first line.

        Raises:
            RecordingError: It is that of another file, or of a newer release.
        """
        if not isinstance(line, dict) or line.get("recording") != NAME:
            raise RecordingError("This is no recording of a chat.")
        version = line.get("version")
        if not isinstance(version, int) or version < 1:
            raise RecordingError("This recording does not say its version.")
        if version > VERSION:
            raise RecordingError(
                f"This recording has version {version}, and this release reads "
                f"version {VERSION}: update coderchat-jupyter."
            )
        names = ("package", "recorded_at", "server", "chat_id")
        return cls(**{name: str(line.get(name) or "") for name in names})


@dataclass(frozen=True, slots=True)
class LinkPhase:
    """How the connection did; it does not change the state."""

    phase: str
    attempt: int = 0


def encode_step(step: Step | LinkPhase) -> Json | None:
    """A step as JSON values, such that reading them gives the same step."""
    match step:
        case Told(batch=batch):
            return {"step": "frame", "events": [_event(event) for event in batch]}
        case Opened(after_id=after_id):
            return {"step": "opened", "after_id": after_id}
        case ChatFetched(chat=chat):
            return {"step": "chat", "chat": encode(chat, only_set=True)}
        case PageFetched(page=page, before_id=before_id):
            fetched = encode(page, only_set=True)
            return {"step": "page", "page": fetched, "before_id": before_id}
        case MessageSent(sent=sent):
            return {"step": "sent", "sent": encode(sent, only_set=True)}
        case Wanted(is_stale=is_stale):
            return {"step": "wanted", "is_stale": is_stale}
        case LinkPhase(phase=phase, attempt=attempt):
            return {"step": "link", "phase": phase, "attempt": attempt}
        case _:
            # A recording begins after a restart and never holds one.
            return None


def _event(event: Event) -> Any:
    encoded = encode(event, only_set=True)
    if isinstance(event, RawValue):
        return encoded
    # An event that was made here has not set its type.
    return {"type": event.type, **encoded}


def decode_step(line: Any) -> Step | LinkPhase:
    """Read a line after the first.

    Raises:
        RecordingError: It is none.
    """
    kind = line.get("step") if isinstance(line, dict) else None
    try:
        match kind:
            case "frame":
                return Told(decode_batch(line["events"]))
            case "opened":
                return Opened(int(line["after_id"]))
            case "chat":
                return ChatFetched(decode_value(_CHAT, line["chat"], what="chat"))
            case "page":
                page = decode_value(_PAGE, line["page"], what="page of messages")
                before_id = line.get("before_id")
                return PageFetched(page, None if before_id is None else int(before_id))
            case "sent":
                return MessageSent(decode_value(_SENT, line["sent"], what="answer"))
            case "wanted":
                return Wanted(is_stale=bool(line["is_stale"]))
            case "link":
                return LinkPhase(str(line["phase"]), int(line.get("attempt") or 0))
    except (KeyError, TypeError, ValueError, OverflowError, ProtocolError):
        pass
    raise RecordingError("This line is no step of a chat.")
