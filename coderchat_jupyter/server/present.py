"""Rows as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from coderchat_jupyter.server.provider_settings import shown_settings
from coderchat_jupyter.server.storage.files import FileRow
from coderchat_jupyter.server.storage.rows import (
    ChatRow,
    McpServerRow,
    MessageRow,
    ModelConfigRow,
    ProviderRecord,
    QueuedRow,
    StoredPart,
    UserRow,
)
from coderchat_jupyter.wire.chats import Chat, ChatFile, DiffStatus
from coderchat_jupyter.wire.groups import ReducedUser
from coderchat_jupyter.wire.mcp import McpServer
from coderchat_jupyter.wire.messages import Message, Parts, QueuedMessage
from coderchat_jupyter.wire.models import CallConfig, ModelConfig
from coderchat_jupyter.wire.providers import AIProvider, ApiKey
from coderchat_jupyter.wire.users import Role, User

__all__ = [
    "INTERNAL",
    "chat",
    "is_shown",
    "mcp_server",
    "message",
    "model_config",
    "parts",
    "provider",
    "queued_message",
    "reduced_user",
    "user",
    "visible",
]

INTERNAL = "internal"
"""The key of a stored part under which things lie that are never sent."""

_PARTS: TypeAdapter[Parts] = TypeAdapter(Parts)


def parts(stored: Iterable[StoredPart]) -> Parts:
    """Parts without what is internal to them."""
    return _PARTS.validate_python(
        tuple(
            {k: v for k, v in part.items() if k != INTERNAL}
            for part in stored
            if is_shown(part)
        )
    )


def is_shown(part: StoredPart) -> bool:
    """Whether there is anything of it that clients see.

    Of reasoning that a vendor keeps to itself there is only what it wants back.
    """
    is_hidden = part["type"] == "reasoning" and not part.get("text")
    return not (is_hidden and INTERNAL in part)


def message(row: MessageRow) -> Message:
    """A stored message."""
    return Message(
        id=row.id,
        chat_id=row.chat_id,
        created_by=row.created_by,
        model_config_id=row.model_config_id,
        created_at=row.created_at,
        role=row.role,
        content=parts(row.content),
        usage=row.usage,
    )


def visible(rows: Iterable[MessageRow]) -> tuple[Message, ...]:
    """The messages among `rows` that a client may see."""
    return tuple(message(row) for row in rows if row.visibility != "model")


def queued_message(row: QueuedRow) -> QueuedMessage:
    """A message in the queue."""
    return QueuedMessage(
        id=row.id,
        chat_id=row.chat_id,
        model_config_id=row.model_config_id,
        content=parts(row.content),
        created_at=row.created_at,
    )


def chat(
    row: ChatRow,
    *,
    has_unread: bool = False,
    blank_diff: bool = False,
    children: Iterable[tuple[ChatRow, bool]] = (),
    files: Iterable[FileRow] = (),
    warnings: Iterable[str] = (),
) -> Chat:
    """A chat.

    Args:
        row: What is stored.
        has_unread: Only rows of lists and children tell it.
        blank_diff: Tell a diff status; only the same do.
        children: Its children and whether each has unread answers. Those that are
            archived and it is not, or the other way round, are left out.
        files: Those linked to it; only told by a single chat.
        warnings: What did not work when it was made.
    """
    return Chat(
        id=row.id,
        organization_id=row.organization_id,
        owner_id=row.owner_id,
        owner_username=row.owner_username,
        owner_name=row.owner_name,
        parent_chat_id=row.parent_chat_id,
        root_chat_id=row.root_chat_id or row.parent_chat_id or row.id,
        plan_mode=row.plan_mode,
        mcp_server_ids=row.mcp_server_ids,
        last_model_config_id=row.last_model_config_id,
        title=row.title,
        status=row.status,
        last_error=row.last_error,
        last_turn_summary=row.last_turn_summary,
        diff_status=DiffStatus(chat_id=row.id) if blank_diff else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        archived=row.archived,
        pin_order=row.pin_order,
        labels=row.labels,
        has_unread=has_unread,
        client_type=row.client_type,
        files=tuple(_file(file) for file in files),
        warnings=tuple(warnings),
        children=tuple(
            chat(child, has_unread=unread, blank_diff=True)
            for child, unread in children
            if child.archived == row.archived
        ),
    )


def _file(row: FileRow) -> ChatFile:
    return ChatFile(
        id=row.id,
        owner_id=row.owner_id,
        organization_id=row.organization_id,
        name=row.name,
        mime_type=row.media_type,
        created_at=row.created_at,
    )


def model_config(row: ModelConfigRow) -> ModelConfig:
    """A model configuration; an empty call config is left out."""
    call_config = row.call_config if row.call_config != CallConfig() else None
    return ModelConfig(
        id=row.id,
        provider=row.provider,
        ai_provider_id=row.ai_provider_id,
        model=row.model,
        display_name=row.display_name,
        enabled=row.enabled,
        is_default=row.is_default,
        context_limit=row.context_limit,
        compression_threshold=row.compression_threshold,
        call_config=call_config,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def provider(row: ProviderRecord) -> AIProvider:
    """A provider: its keys masked."""
    return AIProvider(
        id=row.id,
        type=row.type,
        name=row.name,
        display_name=row.display_name,
        enabled=row.enabled,
        base_url=row.base_url,
        api_keys=tuple(
            ApiKey(id=key.id, masked=key.masked, created_at=key.created_at)
            for key in row.keys
        ),
        settings=shown_settings(row.settings),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def reduced_user(row: UserRow) -> ReducedUser:
    """A user as far as others may know them."""
    return ReducedUser.model_validate(user(row), from_attributes=True)


def user(row: UserRow) -> User:
    """A user."""
    return User(
        id=row.id,
        username=row.username,
        name=row.name,
        email=row.email,
        created_at=row.created_at,
        updated_at=row.updated_at,
        organization_ids=row.organization_ids,
        roles=(Role(name="owner", display_name="Owner"),) if row.is_admin else (),
    )


def mcp_server(row: McpServerRow, *, for_admin: bool) -> McpServer:
    """A tool server without its secrets.

    Args:
        row: What is stored.
        for_admin: Others are not told the query of its address, which may be a key.
    """
    url = row.url if for_admin else urlsplit(row.url)._replace(query="").geturl()
    return McpServer(
        id=row.id,
        display_name=row.display_name,
        slug=row.slug,
        description=row.description,
        icon_url=row.icon_url,
        transport=row.transport,
        url=url,
        auth_type=row.auth_type,
        api_key_header=row.api_key_header if for_admin else "",
        has_api_key=row.sealed_api_key is not None,
        has_custom_headers=row.sealed_headers is not None,
        tool_allow_list=row.tool_allow_list,
        tool_deny_list=row.tool_deny_list,
        availability=row.availability,
        enabled=row.enabled,
        model_intent=row.model_intent,
        allow_in_plan_mode=row.allow_in_plan_mode,
        forward_coder_headers=row.forward_coder_headers,
        created_at=row.created_at,
        updated_at=row.updated_at,
        # Nobody signs in to it by themselves.
        auth_connected=True,
    )
