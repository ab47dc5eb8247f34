"""Chats: one conversation with an agent, and the bodies that make or change one."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._values import Items, Moment, Table
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.events import ChatStatus
from coderchat_jupyter.wire.failures import LastError, TextError
from coderchat_jupyter.wire.ids import (
    ZERO_UUID,
    ChatId,
    FileId,
    ModelConfigId,
    OrganizationId,
    UserId,
)
from coderchat_jupyter.wire.messages import (
    InputPart,
    Message,
    Parts,
    PlanMode,
    QueuedMessage,
)

__all__ = [
    "BUSY_STATUSES",
    "SETTLED_STATUSES",
    "Chat",
    "ChatContext",
    "ChatFile",
    "ChatWithMessages",
    "ClientType",
    "CreateChat",
    "DiffStatus",
    "DynamicTool",
    "PlanMode",
    "ProposedTitle",
    "UpdateChat",
]

ClientType: TypeAlias = Literal["ui", "api"]

BUSY_STATUSES: Final = frozenset(
    {"pending", "running", "requires_action", "interrupting"}
)
"""A message sent now would wait in the queue."""

SETTLED_STATUSES: Final = frozenset({"waiting", "error", "completed", "paused"})
"""Nothing runs. A status in neither set is of a newer server: take it as busy."""


_NO_ERROR: Final = "last_error was empty"
"""Among the set fields of a chat: makes no two of them different."""


class ChatFile(WireModel):
    """A file linked to a chat (upstream `ChatFileMetadata`)."""

    id: FileId
    owner_id: UserId
    organization_id: OrganizationId
    name: str = ""
    mime_type: str = ""
    created_at: Moment


class DiffStatus(WireModel):
    """The pull request of a chat, as far as it is known (upstream `ChatDiffStatus`)."""

    chat_id: ChatId
    url: Annotated[str | None, OMIT] = None
    pull_request_state: Annotated[str | None, OMIT] = None
    pull_request_title: str = ""
    pull_request_draft: bool = False
    changes_requested: bool = False
    additions: int = 0
    deletions: int = 0
    changed_files: int = 0
    author_login: Annotated[str | None, OMIT] = None
    author_avatar_url: Annotated[str | None, OMIT] = None
    base_branch: Annotated[str | None, OMIT] = None
    head_branch: Annotated[str | None, OMIT] = None
    pr_number: Annotated[int | None, OMIT] = None
    commits: Annotated[int | None, OMIT] = None
    approved: Annotated[bool | None, OMIT] = None
    reviewer_count: Annotated[int | None, OMIT] = None
    refreshed_at: Annotated[Moment | None, OMIT] = None
    stale_at: Annotated[Moment | None, OMIT] = None


class ChatContext(WireModel):
    """What the workspace told the model, and whether that is out of date."""

    dirty: bool = False
    dirty_since: Annotated[Moment | None, OMIT] = None
    error: Annotated[str, OMIT] = ""
    resources: Annotated[Items[Any], OMIT] = ()


class Chat(WireModel):
    """One conversation (upstream `Chat`).

    `status` is open: see `BUSY_STATUSES` and `SETTLED_STATUSES`. What a watch event
    carries is a partial refresh: merge it, do not replace with it.
    """

    id: ChatId
    organization_id: OrganizationId = OrganizationId("")
    owner_id: UserId = UserId("")
    owner_username: Annotated[str, OMIT] = ""
    owner_name: Annotated[str, OMIT] = ""
    workspace_id: Annotated[str | None, OMIT] = None
    build_id: Annotated[str | None, OMIT] = None
    agent_id: Annotated[str | None, OMIT] = None
    parent_chat_id: Annotated[ChatId | None, OMIT] = None
    root_chat_id: Annotated[ChatId | None, OMIT] = None
    last_model_config_id: ModelConfigId = ModelConfigId("")
    title: str = ""
    status: ChatStatus = "waiting"
    plan_mode: Annotated[PlanMode, OMIT] = ""
    last_error: Annotated[LastError, OMIT] = None
    last_turn_summary: str | None = None
    diff_status: Annotated[DiffStatus | None, OMIT] = None
    created_at: Moment
    updated_at: Moment
    archived: bool = False
    pin_order: int = 0
    mcp_server_ids: Items[str] = ()
    labels: Table[str] = Field(default_factory=dict)
    files: Annotated[Items[ChatFile], OMIT] = ()
    has_unread: bool = False
    last_injected_context: Annotated[Parts, OMIT] = ()
    warnings: Annotated[Items[str], OMIT] = ()
    client_type: Annotated[str, Words("ui", "api")] = "api"
    children: Items[Chat] = ()
    shared: Annotated[bool | None, OMIT] = None
    """v2.35 and later: somebody else may read it."""
    context: Annotated[ChatContext | None, OMIT] = None
    """v2.35 and later, in place of `last_injected_context`."""
    summary: Annotated[str | None, OMIT] = None
    """v2.36 and later."""
    last_reasoning_effort: Annotated[str | None, OMIT] = None
    """v2.36 and later."""

    def model_post_init(self, _context: Any, /) -> None:
        """Read the empty text, of servers before v2.34, as no error."""
        error = self.last_error
        if isinstance(error, TextError) and not error.message:
            self.__dict__["last_error"] = None
            self.model_fields_set.add(_NO_ERROR)

    def rewritten(self, fields: dict[str, Any], *, only_set: bool) -> Any:
        """No error in the words of the server that said so."""
        if only_set and self.last_error is None and _NO_ERROR in self.model_fields_set:
            fields["last_error"] = ""
        return fields


class ChatWithMessages(WireModel):
    """What servers before March 2026 answered for one chat."""

    chat: Chat
    messages: Items[Message] = ()
    queued_messages: Items[QueuedMessage] = ()


class DynamicTool(WireModel):
    """A tool that the client runs; `input_schema` is a JSON schema."""

    name: str
    description: Annotated[str, OMIT] = ""
    input_schema: Any = None


class CreateChat(WireModel):
    """Body of a create call (upstream `CreateChatRequest`)."""

    organization_id: OrganizationId = OrganizationId(ZERO_UUID)
    """Servers since April 2026 want it."""
    content: Items[InputPart]
    system_prompt: Annotated[str, OMIT] = ""
    workspace_id: Annotated[str | None, OMIT] = None
    model_config_id: Annotated[ModelConfigId | None, OMIT] = None
    mcp_server_ids: Annotated[Items[str], OMIT] = ()
    labels: Annotated[Table[str], OMIT] = Field(default_factory=dict)
    unsafe_dynamic_tools: Annotated[Items[DynamicTool], OMIT] = ()
    plan_mode: Annotated[PlanMode, OMIT] = ""
    client_type: Annotated[ClientType | None, OMIT] = None
    reasoning_effort: Annotated[str | None, OMIT] = None
    """v2.36 and later."""


class UpdateChat(WireModel):
    """Body of an update; what is None stays as it is."""

    title: Annotated[str | None, OMIT] = None
    archived: Annotated[bool | None, OMIT] = None
    workspace_id: Annotated[str | None, OMIT] = None
    pin_order: Annotated[int | None, OMIT] = None
    labels: Annotated[Table[str] | None, OMIT] = None
    """All labels, in place of those before; an empty table takes them away."""
    plan_mode: Annotated[PlanMode | None, OMIT] = None
    """The empty text ends plan mode."""


class ProposedTitle(WireModel):
    """A title that the server would give (upstream `ProposeChatTitleResponse`)."""

    title: str = ""
