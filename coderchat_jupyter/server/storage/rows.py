"""Rows as values: what queries give back, frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.ids import (
    ChatId,
    ModelConfigId,
    OrganizationId,
    ProviderId,
    UserId,
)
from coderchat_jupyter.wire.messages import Usage
from coderchat_jupyter.wire.models import CallConfig

__all__ = [
    "ChatRow",
    "KeyRow",
    "McpServerRow",
    "MessageRow",
    "ModelConfigRow",
    "NewMessage",
    "OrganizationRow",
    "ProviderRecord",
    "QueuedRow",
    "StoredPart",
    "UserRow",
]

StoredPart = dict[str, Any]
"""A part as it is stored: its wire form, and `internal` things never sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A person who may sign in."""

    id: UserId
    username: str
    name: str
    email: str
    is_admin: bool
    created_at: datetime
    updated_at: datetime
    organization_ids: tuple[OrganizationId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationRow:
    """An organization; the server makes one at its first start."""

    id: OrganizationId
    name: str
    display_name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A provider's key: encrypted, and its mask."""

    id: str
    sealed: str = field(repr=False)
    masked: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRecord:
    """A configured AI provider."""

    id: ProviderId
    type: str
    name: str
    display_name: str
    enabled: bool
    base_url: str
    settings: Any
    deleted: bool
    created_at: datetime
    updated_at: datetime
    keys: tuple[KeyRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfigRow:
    """A model that chats may use. `provider` is the type of its provider."""

    id: ModelConfigId
    ai_provider_id: ProviderId
    provider: str
    provider_enabled: bool
    model: str
    display_name: str
    enabled: bool
    is_default: bool
    context_limit: int
    compression_threshold: int
    call_config: CallConfig
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRow:
    """One chat, with the names of its owner.

    Attributes:
        dynamic_tools: What its client offers to run, as it was declared.
        action_deadline: When the results of a parked chat's calls must be there.
        worker_id: The server that answers it; see `engine.ownership`, `engine.titles`.
        started_at: Since when.
        heartbeat_at: When that server last said that it still does.
        mcp_server_ids: The tool servers it uses beside those that every chat must.
    """

    id: ChatId
    organization_id: OrganizationId
    owner_id: UserId
    owner_username: str
    owner_name: str
    last_model_config_id: ModelConfigId
    title: str
    status: str
    last_error: ChatError | None
    last_turn_summary: str | None
    labels: dict[str, str]
    client_type: str
    dynamic_tools: tuple[dict[str, Any], ...]
    action_deadline: datetime | None
    mcp_server_ids: tuple[str, ...] = ()
    archived: bool
    pin_order: int
    last_read_id: int
    parent_chat_id: ChatId | None = None
    root_chat_id: ChatId | None = None
    subagent_type: str = ""
    plan_mode: str = ""
    worker_id: str | None = None
    started_at: datetime | None = None
    heartbeat_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class McpServerRow:
    """A server whose tools chats may use.

    Attributes:
        slug: Its name in the names of its tools; no two are alike.
        transport: `streamable_http` or `sse`.
        auth_type: `none`, `api_key` or `custom_headers`.
        sealed_api_key: The value of the header `api_key_header`, encrypted.
        sealed_headers: A JSON object of headers, encrypted.
        tool_allow_list: If not empty, the only tools that may be used.
        availability: `force_on` for every chat; `default_on` and `default_off` only
            tell clients what to propose.
        model_intent: The model must say with each call what it is for.
    """

    id: str
    slug: str
    display_name: str
    description: str
    icon_url: str
    transport: str
    url: str
    auth_type: str
    api_key_header: str
    sealed_api_key: str | None = field(repr=False)
    sealed_headers: str | None = field(repr=False)
    tool_allow_list: tuple[str, ...]
    tool_deny_list: tuple[str, ...]
    availability: str
    enabled: bool
    model_intent: bool
    allow_in_plan_mode: bool
    forward_coder_headers: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message about to be stored."""

    role: str
    content: tuple[StoredPart, ...]
    visibility: str = "both"
    created_by: UserId | None = None
    model_config_id: ModelConfigId | None = None
    usage: Usage | None = None
    cost_micros: int | None = None
    runtime_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A stored message that was not deleted."""

    id: int
    chat_id: ChatId
    created_by: UserId | None
    model_config_id: ModelConfigId | None
    role: str
    visibility: str
    content: tuple[StoredPart, ...]
    usage: Usage | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedRow:
    """A message that waits for its turn."""

    id: int
    chat_id: ChatId
    model_config_id: ModelConfigId | None
    content: tuple[StoredPart, ...]
    created_at: datetime
