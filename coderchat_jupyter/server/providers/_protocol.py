"""What the turn loop says to a model, and what it hears back.

The loop knows no vendor. It hands over a `ModelCall` and reads items until
`Finished`; whatever goes wrong arrives as one `ProviderError`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from pydantic import SecretStr

from coderchat_jupyter.wire.models import CallConfig

__all__ = [
    "FileContent",
    "FinishReason",
    "Finished",
    "Ignored",
    "Item",
    "MessageContent",
    "Metadata",
    "ModelCall",
    "ModelMessage",
    "PartSigned",
    "Provider",
    "ProviderError",
    "ProviderRow",
    "ReasoningContent",
    "ReasoningDelta",
    "Reply",
    "SourceFound",
    "StepUsage",
    "TextContent",
    "TextDelta",
    "ToolCall",
    "ToolCallContent",
    "ToolInputDelta",
    "ToolResultContent",
    "ToolSpec",
]

FinishReason: TypeAlias = Literal[
    "stop", "tool_calls", "length", "content_filter", "other"
]


Metadata: TypeAlias = Mapping[str, Any]
"""What a vendor wants back with a part, as JSON; nobody else reads it.

It goes back to the model that gave it only: `origin` says which that is.
"""


@dataclass(frozen=True, slots=True)
class TextContent:
    """Text, exactly as stored."""

    text: str
    metadata: Metadata | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file that a user sent. Its type is one of those that are stored."""

    name: str
    media_type: str
    data: bytes = field(repr=False)

    @property
    def is_text(self) -> bool:
        """Whether its bytes are text, in UTF-8 or nearly."""
        return self.media_type.startswith("text/") or self.media_type.endswith("json")


@dataclass(frozen=True, slots=True)
class ReasoningContent:
    """What the model thought in an earlier step.

    Without `metadata` most vendors are not shown it again, since they would not
    believe it. There may be no text where the vendor keeps it to itself.
    """

    text: str
    metadata: Metadata | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ToolCallContent:
    """A call the model made; `args` is JSON text."""

    call_id: str
    name: str
    args: str
    metadata: Metadata | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ToolResultContent:
    """What a call came to; `text` is what the model reads, unchanged.

    `picture` is for models that take pictures; `text` tells others of it.
    """

    call_id: str
    name: str
    text: str
    is_error: bool = False
    picture: FileContent | None = None


MessageContent: TypeAlias = (
    TextContent | FileContent | ReasoningContent | ToolCallContent | ToolResultContent
)


@dataclass(frozen=True, slots=True)
class ModelMessage:
    """One message of the history, in the order the model is to read it."""

    role: Literal["user", "assistant", "tool"]
    parts: tuple[MessageContent, ...]


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool the model may call; `parameters` is a JSON schema object."""

    name: str
    description: str
    parameters: dict[str, object]


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One request to a model."""

    model: str
    messages: tuple[ModelMessage, ...]
    tools: tuple[ToolSpec, ...] = ()
    settings: CallConfig | None = None
    """Only what is set is passed on; the output limit is 32,000 if not."""
    system: tuple[str, ...] = ()
    vendor_tools: bool = True
    """Whether the vendor's own tools may be used, where they are configured."""
    must_call: bool = False
    """The model is to answer with a call, and with nothing else."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text, never empty; white space is exact."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More reasoning, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class PartSigned:
    """What was said last is complete, and its vendor wants metadata back with it.

    They belong in the stored part, and are never shown to a client. Reasoning may
    have no text at all: a part of its own keeps them then.
    """

    kind: Literal["reasoning", "text"]
    metadata: Metadata = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToolInputDelta:
    """More of a call's arguments.

    `delta` is None where the vendor's pieces are not to be shown (Anthropic):
    the part then has no `args_delta` key.
    """

    call_id: str
    name: str
    delta: str | None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A whole call. `args` is the text the model wrote, JSON or not."""

    call_id: str
    name: str
    args: str
    metadata: Metadata | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SourceFound:
    """A page the answer rests on."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class StepUsage:
    """Tokens of one call, counted as this API counts them; never zero."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    reasoning_tokens: int | None = None
    cache_creation_tokens: int | None = None
    cache_read_tokens: int | None = None
    context_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """An option of the model's configuration that the call was made without."""

    option: str
    """Its name, of a nested one with dots."""
    reason: str

    def __str__(self) -> str:
        return f'"{self.option}" was ignored: {self.reason}'


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete. The last item, exactly once."""

    reason: FinishReason
    usage: StepUsage | None
    """None when the vendor gave none."""
    ignored: tuple[Ignored, ...] = ()


Item: TypeAlias = (
    TextDelta
    | ReasoningDelta
    | PartSigned
    | ToolInputDelta
    | ToolCall
    | SourceFound
    | Finished
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was not streamed."""

    text: str
    calls: tuple[ToolCall, ...] = ()
    usage: StepUsage | None = None
    ignored: tuple[Ignored, ...] = ()


class ProviderError(Exception):
    """A call failed. Nothing here holds a key or a header.

    Attributes:
        message: The text that classification searches: the status title and
            the vendor's sentence.
        status_code: The HTTP status of the answer, if there was one.
        detail: The vendor's own sentence.
        retry_after_ms: How long the vendor asks to wait.
        kind_hint: The kind, where the provider knows it and no text has to be
            searched. Such an error is shown with `message` as it is and not
            retried.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int | None = None,
        detail: str = "",
        retry_after_ms: int | None = None,
        kind_hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.detail = detail
        self.retry_after_ms = retry_after_ms
        self.kind_hint = kind_hint


class Provider(Protocol):
    """One configured provider. Shared by all turns that use it."""

    def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Ask the model.

        An async generator: nothing is sent before the first item is asked for,
        and `aclose()` (or cancelling the task that reads) closes the
        connection to the vendor at once.

        Raises:
            ProviderError: The call failed, before or amid the answer.
        """
        ...

    async def ask(self, call: ModelCall) -> Reply:
        """Ask the model for a short answer, and wait for the whole of it.

        Raises:
            ProviderError: The call failed.
        """
        ...

    async def aclose(self) -> None:
        """Close what is kept open between calls. Harmless twice."""
        ...


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider as it is configured."""

    type: str
    """One of `wire.providers.PROVIDER_TYPES`, or local, or scripted."""
    base_url: str
    api_key: SecretStr | None = None
    settings: Mapping[str, Any] | None = field(default=None, repr=False)
    """What Bedrock needs besides: region, access_key, access_key_secret."""
    account: str = ""
    """Tells apart who is asked by the same type at the same address; no secret."""
