"""What the replicas of a deployment tell each other of chats, and over which channels.

A payload says that something changed, seldom what: its reader asks the database. The
functions that make handlers take bytes as they come from a channel and call with typed
values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, TypeAlias, TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.events import ChatStatus, Retry
from coderchat_jupyter.wire.failures import ChatError, TextError
from coderchat_jupyter.wire.ids import ZERO_UUID, ChatId, UserId
from coderchat_jupyter.wire.inbox import InboxEvent
from coderchat_jupyter.wire.watch import WatchEvent

__all__ = [
    "CONFIG_CHANNEL",
    "OWNERSHIP_CHANNEL",
    "ChatOwnership",
    "ChatUpdate",
    "ConfigEvent",
    "Handler",
    "StreamNotice",
    "chat_events_channel",
    "chat_stream_channel",
    "chat_update_channel",
    "handle_chat_events",
    "handle_chat_updates",
    "handle_config_events",
    "handle_inbox_events",
    "handle_ownership",
    "handle_stream_notices",
    "inbox_channel",
]

T = TypeVar("T", bound=WireModel)

CONFIG_CHANNEL: Final = "chat:config_change"
"""`ConfigEvent`: every replica drops what it remembers of the settings."""

OWNERSHIP_CHANNEL: Final = "chat:ownership"
"""`ChatOwnership`: a chat needs a worker, or has another one (v2.35 and later)."""


def chat_events_channel(owner_id: UserId) -> str:
    """`WatchEvent`: what becomes of the chats of one user.

    Raises:
        ValueError: It is no UUID. The same goes for the other channels.
    """
    return f"chat:owner:{UUID(owner_id)}"


def chat_stream_channel(chat_id: ChatId) -> str:
    """`StreamNotice`: something of one chat is to be read again (v2.34 and before)."""
    return f"chat:stream:{UUID(chat_id)}"


def chat_update_channel(chat_id: ChatId) -> str:
    """`ChatUpdate`: what is new in one chat (v2.35 and later)."""
    return f"chat:update:{UUID(chat_id)}"


def inbox_channel(owner_id: UserId) -> str:
    """`InboxEvent`: what comes into the inbox of one user."""
    return f"inbox_notification:owner:{UUID(owner_id)}"


class StreamNotice(WireModel):
    """One aspect of a chat changed (upstream `ChatStreamNotifyMessage`).

    Who gets several at once takes them in this order: messages, status, retry,
    failure, queue.

    Attributes:
        after_message_id: Read the messages after this id.
        status: The status that was set.
        worker_id: The replica that runs the chat; only with `running`.
        retry: A model call is going to be made again; not in the database.
        error_payload: Why the run failed.
        error: The same as a text, for older replicas.
        queue_update: Read the queue.
        full_refresh: Read all messages: an edit removed some.
    """

    after_message_id: Annotated[int, OMIT] = 0
    status: Annotated[ChatStatus, OMIT] = ""
    worker_id: Annotated[str, OMIT] = ""
    retry: Annotated[Retry | None, OMIT] = None
    error_payload: Annotated[ChatError | None, OMIT] = None
    error: Annotated[str, OMIT] = ""
    queue_update: Annotated[bool, OMIT] = False
    full_refresh: Annotated[bool, OMIT] = False

    @property
    def failure(self) -> ChatError | None:
        """Why the run failed, also if an older replica says so."""
        if self.error_payload is None and self.error:
            return TextError(message=self.error, kind="generic")
        return self.error_payload


class ConfigEvent(WireModel):
    """A setting changed (upstream `ChatConfigEvent`).

    Attributes:
        kind: What sort of setting.
        entity_id: The model config, or the user of a prompt; zero for all.
    """

    kind: Annotated[
        str, Words("advisor_config", "model_config", "providers", "user_prompt")
    ]
    entity_id: str = ZERO_UUID


class ChatUpdate(WireModel):
    """Which versions of a chat there are now; hints only (v2.35 and later)."""

    snapshot_version: int = 0
    worker_id: str | None = None
    runner_id: str | None = None
    history_version: int = 0
    queue_version: int = 0
    retry_state_version: int = 0
    generation_attempt: int = 0
    status: ChatStatus = ""
    archived: bool = False


class ChatOwnership(WireModel):
    """A chat changed hands (v2.35 and later)."""

    chat_id: ChatId
    snapshot_version: int = 0


Handler: TypeAlias = Callable[[bytes, Exception | None], None]
"""Takes a message as it came, and what the channel itself says went wrong."""

_CHAT_EVENT: Final = TypeAdapter(WatchEvent)
_STREAM_NOTICE: Final = TypeAdapter(StreamNotice)
_CONFIG_EVENT: Final = TypeAdapter(ConfigEvent)
_INBOX_EVENT: Final = TypeAdapter(InboxEvent)
_CHAT_UPDATE: Final = TypeAdapter(ChatUpdate)
_OWNERSHIP: Final = TypeAdapter(ChatOwnership)


def handle_chat_events(
    on_event: Callable[[WatchEvent], None], on_error: Callable[[Exception], None]
) -> Handler:
    """A handler for `chat_events_channel`.

    Args:
        on_event: Called with each message that can be read. What it raises is the
            caller's.
        on_error: Called with a ProtocolError for each that cannot, and with what the
            channel says. The same goes for the other handlers.
    """
    return _handler(_CHAT_EVENT, "chat event", on_event, on_error)


def handle_stream_notices(
    on_notice: Callable[[StreamNotice], None], on_error: Callable[[Exception], None]
) -> Handler:
    """A handler for `chat_stream_channel`; see `handle_chat_events`."""
    return _handler(_STREAM_NOTICE, "stream notice", on_notice, on_error)


def handle_config_events(
    on_event: Callable[[ConfigEvent], None], on_error: Callable[[Exception], None]
) -> Handler:
    """A handler for `CONFIG_CHANNEL`; see `handle_chat_events`."""
    return _handler(_CONFIG_EVENT, "config event", on_event, on_error)


def handle_inbox_events(
    on_event: Callable[[InboxEvent], None], on_error: Callable[[Exception], None]
) -> Handler:
    """A handler for `inbox_channel`; see `handle_chat_events`."""
    return _handler(_INBOX_EVENT, "inbox event", on_event, on_error)


def handle_chat_updates(
    on_update: Callable[[ChatUpdate], None], on_error: Callable[[Exception], None]
) -> Handler:
    """A handler for `chat_update_channel`; see `handle_chat_events`."""
    return _handler(_CHAT_UPDATE, "chat update", on_update, on_error)


def handle_ownership(
    on_change: Callable[[ChatOwnership], None], on_error: Callable[[Exception], None]
) -> Handler:
    """A handler for `OWNERSHIP_CHANNEL`; see `handle_chat_events`."""
    return _handler(_OWNERSHIP, "change of ownership", on_change, on_error)


def _handler(
    adapter: TypeAdapter[T],
    what: str,
    on_value: Callable[[T], None],
    on_error: Callable[[Exception], None],
) -> Handler:
    def handle(message: bytes, error: Exception | None = None) -> None:
        if error is not None:
            on_error(error)
            return
        try:
            value = decode(adapter, message, what=what)
        except ProtocolError as unreadable:
            on_error(unreadable)
            return
        on_value(value)

    return handle
