"""The tables. Migrations make them; this is how queries name them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from coderchat_jupyter.server.storage._types import Labels, UtcDateTime

__all__ = [
    "chat_files",
    "chat_readers",
    "chats",
    "debug_runs",
    "debug_steps",
    "files",
    "group_members",
    "groups",
    "large_notices",
    "mcp_servers",
    "members",
    "messages",
    "metadata",
    "model_configs",
    "organizations",
    "provider_keys",
    "providers",
    "queued_messages",
    "settings",
    "tokens",
    "usage_limits",
    "user_keys",
    "users",
]

metadata: Final = MetaData()

# SQLite counts up by itself in a column of just this type, which has 64 bits there.
_NUMBER: Final = BigInteger().with_variant(Integer(), "sqlite")


def _id() -> Column[str]:
    return Column("id", String(36), primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, String(36), ForeignKey(target), nullable=nullable)


def _member(name: str, target: str) -> Column[str]:
    return Column(name, String(36), ForeignKey(target), primary_key=True)


def _time(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, UtcDateTime(), nullable=nullable)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean(), nullable=False, server_default=false())


users: Final = Table(
    "users",
    metadata,
    _id(),
    Column("username", String(64), nullable=False, unique=True),
    Column("name", Text(), nullable=False),
    Column("email", Text(), nullable=False),
    _flag("is_admin"),
    _time("created_at"),
    _time("updated_at"),
)

# The secret half of a token is never stored, only its hash.
tokens: Final = Table(
    "tokens",
    metadata,
    Column("id", String(10), primary_key=True),
    _ref("user_id", "users.id"),
    Column("hashed_secret", String(64), nullable=False),
    _time("created_at"),
)

organizations: Final = Table(
    "organizations",
    metadata,
    _id(),
    Column("name", String(64), nullable=False, unique=True),
    Column("display_name", Text(), nullable=False),
    _time("created_at"),
    _time("updated_at"),
)

members: Final = Table(
    "organization_members",
    metadata,
    _member("organization_id", "organizations.id"),
    _member("user_id", "users.id"),
)

# Beside them every organization is a group of its own, with the organization's id.
groups: Final = Table(
    "groups",
    metadata,
    _id(),
    _ref("organization_id", "organizations.id"),
    Column("name", String(64), nullable=False),
    Column("display_name", Text(), nullable=False),
    _time("created_at"),
    UniqueConstraint("organization_id", "name"),
)

group_members: Final = Table(
    "group_members",
    metadata,
    _member("group_id", "groups.id"),
    _member("user_id", "users.id"),
    Index("group_members_user", "user_id"),
)

providers: Final = Table(
    "ai_providers",
    metadata,
    _id(),
    Column("type", String(32), nullable=False),
    Column("name", String(64), nullable=False),
    Column("display_name", Text(), nullable=False),
    _flag("enabled"),
    Column("base_url", Text(), nullable=False),
    Column("settings", JSON(none_as_null=True)),
    _flag("deleted"),
    _time("created_at"),
    _time("updated_at"),
    # The name of a deleted provider is free again.
    Index(
        "ai_providers_live_name",
        "name",
        unique=True,
        sqlite_where=text("deleted = 0"),
        postgresql_where=text("NOT deleted"),
    ),
)

# `sealed` is the key, encrypted; `masked` is what may be shown of it.
provider_keys: Final = Table(
    "ai_provider_keys",
    metadata,
    _id(),
    _ref("provider_id", "ai_providers.id"),
    Column("sealed", Text(), nullable=False),
    Column("masked", Text(), nullable=False),
    _time("created_at"),
)

model_configs: Final = Table(
    "model_configs",
    metadata,
    _id(),
    _ref("ai_provider_id", "ai_providers.id"),
    Column("model", Text(), nullable=False),
    Column("display_name", Text(), nullable=False),
    _flag("enabled"),
    _flag("is_default"),
    Column("context_limit", BigInteger(), nullable=False),
    Column("compression_threshold", Integer(), nullable=False),
    Column("call_config", JSON(), nullable=False),
    _flag("deleted"),
    _time("created_at"),
    _time("updated_at"),
)

chats: Final = Table(
    "chats",
    metadata,
    _id(),
    _ref("organization_id", "organizations.id"),
    _ref("owner_id", "users.id"),
    _ref("last_model_config_id", "model_configs.id"),
    Column("title", Text(), nullable=False),
    Column("folded_title", Text(), nullable=False),
    Column("status", String(16), nullable=False),
    Column("last_error", JSON(none_as_null=True)),
    Column("last_turn_summary", Text()),
    Column("labels", Labels(), nullable=False),
    Column("client_type", String(8), nullable=False),
    # What the client offers to run: fixed when the chat is made.
    Column("dynamic_tools", JSON(none_as_null=True)),
    # The tool servers it uses beside those that every chat must.
    Column("mcp_server_ids", JSON(none_as_null=True)),
    # When the results of a parked chat's calls must be there; set with its status.
    _time("action_deadline", nullable=True),
    _flag("archived"),
    Column("pin_order", Integer(), nullable=False, server_default=text("0")),
    Column("last_read_id", BigInteger(), nullable=False, server_default=text("0")),
    # Of subagents: the chat that made them, and the first of the family.
    Column("parent_chat_id", String(36)),
    Column("root_chat_id", String(36)),
    Column("subagent_type", String(16), nullable=False, server_default=""),
    Column("plan_mode", String(8), nullable=False, server_default=""),
    # Who answers it and since when; also who gives it a title (`engine.titles`).
    Column("worker_id", String(36)),
    _time("started_at", nullable=True),
    _time("heartbeat_at", nullable=True),
    _time("created_at"),
    _time("updated_at"),
    Index("chats_owner", "owner_id", "archived", "updated_at"),
    Index("chats_status", "status"),
    Index("chats_family", "root_chat_id"),
)

# AUTOINCREMENT: an id is never given twice, not even after a deletion.
messages: Final = Table(
    "messages",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    _ref("chat_id", "chats.id"),
    _ref("created_by", "users.id", nullable=True),
    _ref("model_config_id", "model_configs.id", nullable=True),
    Column("role", String(16), nullable=False),
    Column("visibility", String(8), nullable=False),
    Column("content", JSON(), nullable=False),
    Column("usage", JSON(none_as_null=True)),
    Column("cost_micros", BigInteger()),
    Column("runtime_ms", BigInteger()),
    _flag("deleted"),
    _time("created_at"),
    Index("messages_chat", "chat_id", "id"),
    sqlite_autoincrement=True,
)

queued_messages: Final = Table(
    "queued_messages",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    _ref("chat_id", "chats.id"),
    _ref("model_config_id", "model_configs.id", nullable=True),
    Column("content", JSON(), nullable=False),
    _time("created_at"),
    Index("queued_messages_chat", "chat_id", "created_at", "id"),
    sqlite_autoincrement=True,
)

# The bytes lie beside the rest: lists of files do not read them.
files: Final = Table(
    "files",
    metadata,
    _id(),
    _ref("owner_id", "users.id"),
    _ref("organization_id", "organizations.id"),
    Column("name", Text(), nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("data", LargeBinary(), nullable=False),
    _time("created_at"),
    Index("files_created", "created_at"),
)

chat_files: Final = Table(
    "chat_files",
    metadata,
    _member("chat_id", "chats.id"),
    _member("file_id", "files.id"),
    Index("chat_files_file", "file_id"),
)

# Of the deployment where `user_id` is empty. What `value` holds depends on the name.
settings: Final = Table(
    "settings",
    metadata,
    Column("user_id", String(36), primary_key=True),
    Column("name", String(96), primary_key=True),
    Column("value", JSON(), nullable=False),
)

# One row for everybody (`target` is empty), one for each user and group with a limit
# of their own. Without an amount the limit for everybody is off.
usage_limits: Final = Table(
    "usage_limits",
    metadata,
    Column("scope", String(16), primary_key=True),
    Column("target", String(36), primary_key=True),
    Column("spend_limit_micros", BigInteger()),
    Column("period", String(8), nullable=False),
    _time("updated_at"),
)

# Who may read a chat and its family beside its owner: a `user`, or a `group`.
chat_readers: Final = Table(
    "chat_readers",
    metadata,
    _member("chat_id", "chats.id"),
    Column("kind", String(8), primary_key=True),
    Column("target", String(36), primary_key=True),
    Column("role", String(16), nullable=False),
    Index("chat_readers_target", "target"),
)

# A key that a user brought for a provider, encrypted.
user_keys: Final = Table(
    "user_provider_keys",
    metadata,
    _member("user_id", "users.id"),
    _member("provider_id", "ai_providers.id"),
    Column("sealed", Text(), nullable=False),
    _time("created_at"),
)

# What models were really asked. Steps are JSON: nothing but a whole one is ever read.
debug_runs: Final = Table(
    "debug_runs",
    metadata,
    _id(),
    _ref("chat_id", "chats.id"),
    Column("kind", String(24), nullable=False),
    Column("status", String(16), nullable=False),
    Column("provider", String(32)),
    Column("model", Text()),
    Column("model_config_id", String(36)),
    Column("trigger_message_id", BigInteger()),
    Column("history_tip_message_id", BigInteger()),
    Column("summary", JSON(), nullable=False),
    _time("started_at"),
    _time("updated_at"),
    _time("finished_at", nullable=True),
    Index("debug_runs_chat", "chat_id", "started_at"),
)

debug_steps: Final = Table(
    "debug_steps",
    metadata,
    _id(),
    _ref("run_id", "debug_runs.id"),
    Column("step_number", Integer(), nullable=False),
    Column("step", JSON(), nullable=False),
    Index("debug_steps_run", "run_id", "step_number"),
)

# What is too long for a notification of Postgres: that one names the row.
large_notices: Final = Table(
    "large_notices",
    metadata,
    _id(),
    Column("payload", Text(), nullable=False),
    _time("created_at"),
    Index("large_notices_created", "created_at"),
)

# Servers whose tools chats may use. What signs in to them is sealed.
mcp_servers: Final = Table(
    "mcp_servers",
    metadata,
    _id(),
    Column("slug", String(64), nullable=False, unique=True),
    Column("display_name", Text(), nullable=False),
    Column("description", Text(), nullable=False),
    Column("icon_url", Text(), nullable=False),
    Column("transport", String(16), nullable=False),
    Column("url", Text(), nullable=False),
    Column("auth_type", String(16), nullable=False),
    Column("api_key_header", Text(), nullable=False),
    Column("sealed_api_key", Text()),
    Column("sealed_headers", Text()),
    Column("tool_allow_list", JSON(), nullable=False),
    Column("tool_deny_list", JSON(), nullable=False),
    Column("availability", String(16), nullable=False),
    _flag("enabled"),
    _flag("model_intent"),
    _flag("allow_in_plan_mode"),
    _flag("forward_coder_headers"),
    _time("created_at"),
    _time("updated_at"),
)
