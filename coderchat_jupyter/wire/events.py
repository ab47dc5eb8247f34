"""Events of one chat's stream (upstream `ChatStreamEvent`).

One class per event type. A type this release does not know becomes an
`UnknownEvent`; it never breaks the stream.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Discriminator

from coderchat_jupyter.wire._base import OMIT, MadeHere, RawValue, WireModel
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.failures import ChatError, ErrorKind
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message, MessageRole, QueuedMessage
from coderchat_jupyter.wire.parts import Part

__all__ = [
    "KNOWN_EVENT_TYPES",
    "ActionRequired",
    "ActionRequiredEvent",
    "ChatStatus",
    "ErrorEvent",
    "Event",
    "HistoryResetEvent",
    "MessageEvent",
    "MessagePartEvent",
    "PreviewResetEvent",
    "QueueUpdateEvent",
    "Retry",
    "RetryEvent",
    "Status",
    "StatusEvent",
    "StreamedPart",
    "StreamedToolCall",
    "UnknownEvent",
]


ChatStatus: TypeAlias = Annotated[
    str,
    Words(
        "waiting",
        "pending",
        "running",
        "paused",
        "completed",
        "error",
        "requires_action",
        "interrupting",
    ),
]
"""What a chat is doing; see `wire.chats` for what the words mean."""


class StreamedPart(WireModel):
    """A piece of one part, while the model is still writing it.

    The last three fields are of v2.35 and later: parts of one episode
    (`history_version`, `generation_attempt`) are numbered from 1 without a gap.
    """

    role: Annotated[MessageRole, OMIT] = ""
    part: Part
    history_version: Annotated[int | None, OMIT] = None
    generation_attempt: Annotated[int | None, OMIT] = None
    seq: Annotated[int | None, OMIT] = None


class Status(WireModel):
    """What the chat is doing."""

    status: ChatStatus


class Retry(WireModel):
    """A model call failed and is going to be made again."""

    attempt: int = 1
    delay_ms: int = 0
    error: str = ""
    kind: Annotated[ErrorKind, OMIT] = ""
    provider: Annotated[str, OMIT] = ""
    status_code: Annotated[int, OMIT] = 0
    retrying_at: Moment


class StreamedToolCall(WireModel):
    """A call that this side has to run; `args` is JSON text."""

    tool_call_id: str
    tool_name: str
    args: str = ""


class ActionRequired(WireModel):
    """The calls that the chat waits for."""

    tool_calls: Items[StreamedToolCall] = ()


class _Event(WireModel):
    chat_id: ChatId = ChatId("")


class MessageEvent(_Event):
    """A message was stored."""

    type: Literal["message"] = "message"
    message: Message


class MessagePartEvent(_Event):
    """More of the message being written now."""

    type: Literal["message_part"] = "message_part"
    message_part: StreamedPart


class StatusEvent(_Event):
    """The status changed, or is told again: v2.34 says everything twice."""

    type: Literal["status"] = "status"
    status: Status


class ErrorEvent(_Event):
    """The run failed, or the subscription did."""

    type: Literal["error"] = "error"
    error: ChatError


class QueueUpdateEvent(_Event):
    """The whole queue, in place of the one before."""

    type: Literal["queue_update"] = "queue_update"
    queued_messages: Annotated[Items[QueuedMessage], OMIT] = ()
    """The server leaves the key out when the queue is empty."""


class RetryEvent(_Event):
    """A model call is going to be made again; what was previewed of it is void."""

    type: Literal["retry"] = "retry"
    retry: Retry


class ActionRequiredEvent(_Event):
    """The chat is parked until this side posts tool results."""

    type: Literal["action_required"] = "action_required"
    action_required: ActionRequired


class PreviewResetEvent(_Event):
    """v2.35: drop what was previewed."""

    type: Literal["preview_reset"] = "preview_reset"


class HistoryResetEvent(_Event):
    """v2.35: drop all stored messages; all that remain follow."""

    type: Literal["history_reset"] = "history_reset"


class UnknownEvent(_Event, RawValue):
    """An event of a newer server, or one that could not be read."""

    type: Literal["unknown"] = "unknown"


KNOWN_EVENT_TYPES: Final = frozenset(
    {
        "action_required",
        "error",
        "history_reset",
        "message",
        "message_part",
        "preview_reset",
        "queue_update",
        "retry",
        "status",
    }
)

Event: TypeAlias = Annotated[
    MessagePartEvent
    | MessageEvent
    | StatusEvent
    | ErrorEvent
    | QueueUpdateEvent
    | RetryEvent
    | ActionRequiredEvent
    | PreviewResetEvent
    | HistoryResetEvent
    | Annotated[UnknownEvent, MadeHere()],
    Discriminator("type"),
]
