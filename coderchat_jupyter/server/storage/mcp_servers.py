"""Servers that lend their tools to chats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.rows import McpServerRow
from coderchat_jupyter.server.storage.tables import mcp_servers

__all__ = [
    "add_mcp_server",
    "change_mcp_server",
    "drop_mcp_server",
    "find_mcp_server",
    "get_mcp_server",
    "list_mcp_servers",
    "missing_mcp_servers",
    "servers_for_turn",
]


async def add_mcp_server(
    connection: AsyncConnection, values: Mapping[str, Any], now: datetime
) -> McpServerRow:
    """Store a server: every column but its id and its times."""
    server_id = str(uuid4())
    await connection.execute(
        insert(mcp_servers).values(
            **values, id=server_id, created_at=now, updated_at=now
        )
    )
    (row,) = await _select(connection, mcp_servers.c.id == server_id)
    return row


async def change_mcp_server(
    connection: AsyncConnection,
    server_id: str,
    changes: Mapping[str, Any],
    now: datetime,
) -> None:
    """Set columns and the time of the change."""
    await connection.execute(
        update(mcp_servers)
        .where(mcp_servers.c.id == server_id)
        .values(**changes, updated_at=now)
    )


async def drop_mcp_server(connection: AsyncConnection, server_id: str) -> None:
    """Delete a server and its secrets; chats that chose it do without."""
    await connection.execute(delete(mcp_servers).where(mcp_servers.c.id == server_id))


async def list_mcp_servers(
    connection: AsyncConnection, *, only_enabled: bool = False
) -> list[McpServerRow]:
    """All servers by the names they are shown with."""
    where = mcp_servers.c.enabled.is_(True) if only_enabled else true()
    return await _select(connection, where)


async def get_mcp_server(
    connection: AsyncConnection, server_id: str
) -> McpServerRow | None:
    """The server with this id."""
    found = await _select(connection, mcp_servers.c.id == server_id)
    return found[0] if found else None


async def find_mcp_server(
    connection: AsyncConnection, id_or_slug: str
) -> McpServerRow | None:
    """The server with this id or slug."""
    by_name = or_(mcp_servers.c.id == id_or_slug, mcp_servers.c.slug == id_or_slug)
    found = await _select(connection, by_name)
    return found[0] if found else None


async def missing_mcp_servers(
    connection: AsyncConnection, ids: Iterable[str]
) -> list[str]:
    """Those of `ids` that name no server, in order."""
    wanted = list(ids)
    found = await _select(connection, mcp_servers.c.id.in_(wanted))
    known = {row.id for row in found}
    return [server_id for server_id in wanted if server_id not in known]


async def servers_for_turn(
    connection: AsyncConnection, chosen: Iterable[str]
) -> list[McpServerRow]:
    """The servers a turn may use: those `chosen`, and those every chat must."""
    table = mcp_servers.c
    return await _select(
        connection,
        table.enabled.is_(True)
        & or_(table.id.in_(list(chosen)), table.availability == "force_on"),
    )


async def _select(
    connection: AsyncConnection, where: ColumnElement[bool]
) -> list[McpServerRow]:
    rows = await connection.execute(
        select(mcp_servers)
        .where(where)
        .order_by(mcp_servers.c.display_name, mcp_servers.c.slug)
    )
    found = [dict(row._mapping) for row in rows]
    for values in found:
        for name in ("tool_allow_list", "tool_deny_list"):
            values[name] = tuple(values[name])
    return [McpServerRow(**values) for values in found]
