"""Chats, what is said and waits in them, who reads them, and their files."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from coderchat_jupyter.server.storage._types import Labels
from coderchat_jupyter.server.storage.tables._columns import (
    NUMBER,
    flag,
    identity,
    member,
    metadata,
    moment,
    reference,
)

__all__ = [
    "chat_files",
    "chat_readers",
    "chats",
    "files",
    "messages",
    "queued_messages",
]

chats: Final = Table(
    "chats",
    metadata,
    identity(),
    reference("organization_id", "organizations.id"),
    reference("owner_id", "users.id"),
    reference("last_model_config_id", "model_configs.id"),
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
    moment("action_deadline", nullable=True),
    flag("archived"),
    Column("pin_order", Integer(), nullable=False, server_default=text("0")),
    Column("last_read_id", BigInteger(), nullable=False, server_default=text("0")),
    # Of subagents: the chat that made them, and the first of the family.
    Column("parent_chat_id", String(36)),
    Column("root_chat_id", String(36)),
    Column("subagent_type", String(16), nullable=False, server_default=""),
    Column("plan_mode", String(8), nullable=False, server_default=""),
    # Who answers it and since when; also who gives it a title (`engine.titles`).
    Column("worker_id", String(36)),
    moment("started_at", nullable=True),
    moment("heartbeat_at", nullable=True),
    moment("created_at"),
    moment("updated_at"),
    Index("chats_owner", "owner_id", "archived", "updated_at"),
    Index("chats_status", "status"),
    Index("chats_family", "root_chat_id"),
)

# AUTOINCREMENT: an id is never given twice, not even after a deletion.
messages: Final = Table(
    "messages",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    reference("chat_id", "chats.id"),
    reference("created_by", "users.id", nullable=True),
    reference("model_config_id", "model_configs.id", nullable=True),
    Column("role", String(16), nullable=False),
    Column("visibility", String(8), nullable=False),
    Column("content", JSON(), nullable=False),
    Column("usage", JSON(none_as_null=True)),
    Column("cost_micros", BigInteger()),
    Column("runtime_ms", BigInteger()),
    flag("deleted"),
    moment("created_at"),
    Index("messages_chat", "chat_id", "id"),
    sqlite_autoincrement=True,
)

queued_messages: Final = Table(
    "queued_messages",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    reference("chat_id", "chats.id"),
    reference("model_config_id", "model_configs.id", nullable=True),
    Column("content", JSON(), nullable=False),
    moment("created_at"),
    Index("queued_messages_chat", "chat_id", "created_at", "id"),
    sqlite_autoincrement=True,
)

# Who may read a chat and its family beside its owner: a `user`, or a `group`.
chat_readers: Final = Table(
    "chat_readers",
    metadata,
    member("chat_id", "chats.id"),
    Column("kind", String(8), primary_key=True),
    Column("target", String(36), primary_key=True),
    Column("role", String(16), nullable=False),
    Index("chat_readers_target", "target"),
)

# The bytes lie beside the rest: lists of files do not read them.
files: Final = Table(
    "files",
    metadata,
    identity(),
    reference("owner_id", "users.id"),
    reference("organization_id", "organizations.id"),
    Column("name", Text(), nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("data", LargeBinary(), nullable=False),
    moment("created_at"),
    Index("files_created", "created_at"),
)

chat_files: Final = Table(
    "chat_files",
    metadata,
    member("chat_id", "chats.id"),
    member("file_id", "files.id"),
    Index("chat_files_file", "file_id"),
)
