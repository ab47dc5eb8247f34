"""Tool servers as they are set up from the command line, the server running or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import SecretStr

from coderchat_jupyter.server import present
from coderchat_jupyter.server.accounts import AccountError, opened
from coderchat_jupyter.server.engine.moves import utc_now
from coderchat_jupyter.server.mcp_rules import server_faults
from coderchat_jupyter.server.storage import mcp_servers
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from coderchat_jupyter.wire.mcp import McpServer

__all__ = ["add_server", "list_servers", "remove_server"]

_USUAL: Final[Mapping[str, Any]] = {
    "description": "",
    "icon_url": "",
    "sealed_headers": None,
    "enabled": True,
    "model_intent": False,
    "forward_coder_headers": False,
}


async def list_servers(address: DatabaseAddress) -> list[McpServer]:
    """All tool servers by name, without their secrets."""
    async with opened(address) as database, database.read() as connection:
        rows = await mcp_servers.list_mcp_servers(connection)
    return [present.mcp_server(row, for_admin=True) for row in rows]


async def add_server(
    address: DatabaseAddress, values: Mapping[str, Any], *, key: SecretStr | None
) -> McpServer:
    """Store a tool server, its key sealed.

    Args:
        address: Of the database.
        values: What is not as it usually is, by column.
        key: The value of its `api_key_header`.

    Raises:
        AccountError: The slug is taken, or something is not as it must be.
    """
    faults = tuple(server_faults(values, api_key=key))
    if faults:
        raise AccountError("; ".join(f"{field}: {why}" for field, why in faults))
    async with opened(address) as database, database.write() as connection:
        slug = str(values["slug"])
        if await mcp_servers.find_mcp_server(connection, slug) is not None:
            msg = f"there is a tool server {slug!r} already"
            raise AccountError(msg)
        sealed = None if key is None else database.sealer.seal(key)
        row = await mcp_servers.add_mcp_server(
            connection, {**_USUAL, **values, "sealed_api_key": sealed}, utc_now()
        )
    return present.mcp_server(row, for_admin=True)


async def remove_server(address: DatabaseAddress, slug: str) -> None:
    """Delete a tool server and its secrets.

    Args:
        address: Of the database.
        slug: Its slug or id.

    Raises:
        AccountError: There is none.
    """
    async with opened(address) as database, database.write() as connection:
        row = await mcp_servers.find_mcp_server(connection, slug)
        if row is None:
            msg = f"there is no tool server {slug!r}"
            raise AccountError(msg)
        await mcp_servers.drop_mcp_server(connection, row.id)
