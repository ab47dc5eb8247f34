"""What a page shows of a chat, as one frozen value.

Times are seconds since the epoch, so that a page counts up and down by itself.
Amounts are micros: millionths of a US dollar; None is unpriced, 0 is free.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from coderchat_jupyter.bridge._base import BridgeModel, Text
from coderchat_jupyter.state.text import NO_TEXT

__all__ = [
    "Block",
    "ChatView",
    "Context",
    "Cost",
    "FileBlock",
    "Footer",
    "LinkView",
    "ModelChoice",
    "NoteBlock",
    "Phase",
    "Problem",
    "QueuedPrompt",
    "ReasoningBlock",
    "RetryView",
    "Row",
    "Source",
    "SourcesBlock",
    "TextBlock",
    "ToolBlock",
]

Phase: TypeAlias = Literal[
    "opening", "ready", "starting", "answering", "needs_you", "stopping", "error"
]


class TextBlock(BridgeModel):
    """Prose: Markdown of an agent, plain text of a user."""

    kind: Literal["text"] = "text"
    text: Text


class ReasoningBlock(BridgeModel):
    """What the model thought; `seconds` once it is known how long."""

    kind: Literal["reasoning"] = "reasoning"
    text: Text
    seconds: float | None = None


class ToolBlock(BridgeModel):
    """A tool call and what came of it.

    `args` and `result` are text to show: JSON on several lines, or what the tool
    said. Long ones are cut; `elided` counts the characters of the result left out.
    """

    kind: Literal["tool"] = "tool"
    tool_call_id: str
    name: str
    summary: str = ""
    args: Text = NO_TEXT
    result: Text = NO_TEXT
    elided: int = 0
    state: Literal["running", "done", "failed", "waiting", "stopped"] = "running"
    seconds: float | None = None


class Source(BridgeModel):
    """A page that the answer cites."""

    url: str
    title: str


class SourcesBlock(BridgeModel):
    """The pages cited, each once."""

    kind: Literal["sources"] = "sources"
    sources: tuple[Source, ...]


class FileBlock(BridgeModel):
    """A file, by name; the page does not fetch it."""

    kind: Literal["file"] = "file"
    name: str
    detail: str = ""


class NoteBlock(BridgeModel):
    """A line about the chat itself: a part that cannot be shown, a summary."""

    kind: Literal["note"] = "note"
    title: str
    text: Text = NO_TEXT


Block: TypeAlias = Annotated[
    TextBlock | ReasoningBlock | ToolBlock | SourcesBlock | FileBlock | NoteBlock,
    Field(discriminator="kind"),
]


class Footer(BridgeModel):
    """What a finished answer took: sums over the model calls of its turn."""

    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost_micros: int | None = None
    is_priced: bool = False
    seconds: float | None = None


class Row(BridgeModel):
    """One speaker's share of a turn: a prompt, or all that answers it."""

    key: str
    role: Literal["user", "assistant", "system"]
    at: float | None = None
    blocks: tuple[Block, ...] = ()
    is_live: bool = False
    """More may still come."""
    is_stopped: bool = False
    """Cut short by a stop; what there was is kept."""
    footer: Footer | None = None


class LinkView(BridgeModel):
    """How the kernel's connection to the server does."""

    phase: Literal["connecting", "live", "reconnecting", "closed", "failed"] = "live"
    attempt: int = 0
    retry_at: float | None = None
    error: str = ""


class QueuedPrompt(BridgeModel):
    """A prompt that waits for the running answer to end."""

    id: int
    text: str
    files: int = 0


class RetryView(BridgeModel):
    """A model call failed, and is made again at `at`."""

    title: str
    message: str
    attempt: int
    at: float


class Problem(BridgeModel):
    """Why the last run failed."""

    title: str
    message: str
    detail: str = ""
    kind: str = ""
    status_code: int = 0
    is_retryable: bool = False


class ModelChoice(BridgeModel):
    """A model that can answer; prices are dollars per million tokens."""

    id: str
    name: str
    provider: str = ""
    context_limit: int = 0
    input_price: str | None = None
    output_price: str | None = None


class Context(BridgeModel):
    """How full the model's context is; `compacts_at` is a share of it, or None."""

    used: int
    limit: int
    compacts_at: float | None = None


class Cost(BridgeModel):
    """What the chat cost so far, as far as its answers have prices."""

    micros: int
    unpriced: int


class ChatView(BridgeModel):
    """Everything that the chat widget shows.

    `status` is the server's word, `phase` is ours. `notice` stands in the status
    line while there is no chat yet; `turn` mode shows one turn and no prompt box.
    """

    mode: Literal["chat", "turn"] = "chat"
    title: str = ""
    status: str = ""
    phase: Phase = "opening"
    since: float | None = None
    notice: str = ""
    rows: tuple[Row, ...] = ()
    has_older: bool = False
    """The server holds rows before these."""
    queue: tuple[QueuedPrompt, ...] = ()
    retry: RetryView | None = None
    problem: Problem | None = None
    link: LinkView = LinkView()
    models: tuple[ModelChoice, ...] = ()
    model_id: str = ""
    context: Context | None = None
    cost: Cost | None = None
    read_only: str = ""
    """Why nothing can be sent; empty when something can."""
