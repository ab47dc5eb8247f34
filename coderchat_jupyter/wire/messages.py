"""Messages: stored ones, queued ones, and the bodies that send them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Protocol, TypeAlias, cast

from pydantic import Discriminator

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.ids import (
    ZERO_UUID,
    ChatId,
    FileId,
    ModelConfigId,
    UserId,
)
from coderchat_jupyter.wire.parts import TOOL_PARTS, Part

__all__ = [
    "MAX_BODY_BYTES",
    "BusyBehavior",
    "Content",
    "EditMessage",
    "EditedMessage",
    "FileInput",
    "FileReferenceInput",
    "HasInputPart",
    "InputPart",
    "Message",
    "MessageRole",
    "MessagesPage",
    "Parts",
    "PlanMode",
    "Prompt",
    "Prompts",
    "QueuedMessage",
    "SendMessage",
    "SentMessage",
    "TextInput",
    "Usage",
    "input_parts",
]

BusyBehavior: TypeAlias = Literal["queue", "interrupt"]

MessageRole: TypeAlias = Annotated[str, Words("system", "user", "assistant", "tool")]
"""Who speaks."""

PlanMode: TypeAlias = Annotated[str, Words("plan")]
"""`plan`: the agent plans and changes nothing; empty: it acts."""

MAX_BODY_BYTES: Final = 262_144
"""The server's cap on the body that makes a chat or hands in results of tools.

Messages after the first have none in v2.34.
"""


Parts: TypeAlias = Items[Part]


class Usage(WireModel):
    """Tokens of one model call, as counted by the provider; None is not known.

    `output_tokens` includes `reasoning_tokens`. Cache tokens are counted apart
    from `input_tokens`.
    """

    input_tokens: Annotated[int | None, OMIT] = None
    output_tokens: Annotated[int | None, OMIT] = None
    total_tokens: Annotated[int | None, OMIT] = None
    reasoning_tokens: Annotated[int | None, OMIT] = None
    cache_creation_tokens: Annotated[int | None, OMIT] = None
    cache_read_tokens: Annotated[int | None, OMIT] = None
    context_limit: Annotated[int | None, OMIT] = None


class Message(WireModel):
    """A stored message (upstream `ChatMessage`). Ids grow across the deployment."""

    id: int
    chat_id: ChatId
    created_by: Annotated[UserId | None, OMIT] = None
    model_config_id: Annotated[ModelConfigId | None, OMIT] = None
    created_at: Moment
    role: MessageRole
    content: Annotated[Parts, OMIT] = ()
    usage: Annotated[Usage | None, OMIT] = None

    @property
    def tool_parts(self) -> frozenset[tuple[str, str]]:
        """The calls and results in it that have an id: type of the part, and the id.

        Kept, because each call of a stream asks all messages that may hold it. A copy
        with another content finds its own.
        """
        content: tuple[Any, ...] = self.content
        of, found = self.__dict__.get("_tool_parts", (None, frozenset()))
        if of is not content:
            tools = [part for part in content if type(part) in TOOL_PARTS]
            found = frozenset(
                [(p.type, p.tool_call_id) for p in tools if p.tool_call_id]
            )
            self.__dict__["_tool_parts"] = (content, found)
        return cast("frozenset[tuple[str, str]]", found)


class QueuedMessage(WireModel):
    """A user message that waits for the running turn to end."""

    id: int
    chat_id: ChatId
    model_config_id: Annotated[ModelConfigId | None, OMIT] = None
    content: Parts = ()
    created_at: Moment


class MessagesPage(WireModel):
    """One page of a chat's messages, newest first unless asked with `after_id`."""

    messages: Items[Message] = ()
    queued_messages: Items[QueuedMessage] = ()
    has_more: bool = False


class TextInput(WireModel):
    """Text that a user sends."""

    type: Literal["text"] = "text"
    text: Annotated[str, OMIT] = ""
    file_id: FileId = FileId(ZERO_UUID)
    """Go has one type for all inputs, and cannot leave an unset id out of it."""


class FileInput(WireModel):
    """A file that was uploaded before."""

    type: Literal["file"] = "file"
    file_id: FileId = FileId(ZERO_UUID)


class FileReferenceInput(WireModel):
    """Lines of a file, quoted."""

    type: Literal["file-reference"] = "file-reference"
    file_id: FileId = FileId(ZERO_UUID)
    file_name: Annotated[str, OMIT] = ""
    start_line: Annotated[int, OMIT] = 0
    end_line: Annotated[int, OMIT] = 0
    content: Annotated[str, OMIT] = ""


InputPart: TypeAlias = Annotated[
    TextInput | FileInput | FileReferenceInput, Discriminator("type")
]


class HasInputPart(Protocol):
    """Something that stands for itself in a message, such as an uploaded file."""

    @property
    def input_part(self) -> TextInput | FileInput | FileReferenceInput:
        """What of it goes into the message."""
        ...


Content: TypeAlias = (
    str | InputPart | HasInputPart | Sequence[str | InputPart | HasInputPart]
)
"""What a user says: text, files and lines of files, one or several in order."""


def input_parts(content: Content) -> tuple[InputPart, ...]:
    """The parts of a message."""
    if isinstance(content, str) or not isinstance(content, Sequence):
        return (_input_part(content),)
    return tuple(_input_part(item) for item in content)


def _input_part(item: Any) -> InputPart:
    if isinstance(item, str):
        return TextInput(text=item)
    part: InputPart = getattr(item, "input_part", item)
    return part


class SendMessage(WireModel):
    """Body of a send (upstream `CreateChatMessageRequest`)."""

    content: Items[InputPart]
    model_config_id: Annotated[ModelConfigId | None, OMIT] = None
    mcp_server_ids: Annotated[Items[str] | None, OMIT] = None
    """None leaves the servers of the chat as they are."""
    busy_behavior: Annotated[BusyBehavior | None, OMIT] = None
    plan_mode: Annotated[PlanMode | None, OMIT] = None
    """None leaves the mode as it is; the empty text ends it."""
    reasoning_effort: Annotated[str | None, OMIT] = None
    """v2.36 and later."""


class EditMessage(WireModel):
    """Body of an edit (upstream `EditChatMessageRequest`)."""

    content: Items[InputPart]
    model_config_id: Annotated[ModelConfigId | None, OMIT] = None
    reasoning_effort: Annotated[str | None, OMIT] = None
    """v2.36 and later."""


class SentMessage(WireModel):
    """What became of a send: stored at once, or queued behind a running turn."""

    message: Annotated[Message | None, OMIT] = None
    queued_message: Annotated[QueuedMessage | None, OMIT] = None
    queued: bool = False
    warnings: Annotated[Items[str], OMIT] = ()
    messages: Annotated[Items[Message], OMIT] = ()
    """After v2.36: all that the send stored."""


class EditedMessage(WireModel):
    """What became of an edit: the message under its new id."""

    message: Message
    warnings: Annotated[Items[str], OMIT] = ()
    messages: Annotated[Items[Message], OMIT] = ()
    """After v2.36: all that the edit stored."""
    deleted_message_ids: Annotated[Items[int], OMIT] = ()
    """After v2.36: all that the edit took away."""


class Prompt(WireModel):
    """The text of one user message."""

    id: int
    text: str


class Prompts(WireModel):
    """What the user asked so far, newest first."""

    prompts: Items[Prompt] = ()
