"""Servers whose tools chats may use."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Column, String, Table, Text

from coderchat_jupyter.server.storage.tables._columns import (
    flag,
    identity,
    metadata,
    moment,
)

__all__ = ["mcp_servers"]

# What signs in to them is sealed.
mcp_servers: Final = Table(
    "mcp_servers",
    metadata,
    identity(),
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
    flag("enabled"),
    flag("model_intent"),
    flag("allow_in_plan_mode"),
    flag("forward_coder_headers"),
    moment("created_at"),
    moment("updated_at"),
)
