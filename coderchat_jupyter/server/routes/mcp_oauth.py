"""Signing in to a tool server, each user for themselves.

No server that wants it can be set up here (see `mcp_rules.UNSUPPORTED_AUTH`), so the
calls that begin and end a sign-in say so, as the reference does of such a server.
"""

from __future__ import annotations

from typing import NoReturn

from starlette.responses import Response
from starlette.routing import Route

from coderchat_jupyter.server.failures import bad_request, not_found
from coderchat_jupyter.server.routes._endpoint import Call, endpoint, no_content
from coderchat_jupyter.server.routes.mcp_servers import server_id_of
from coderchat_jupyter.server.storage.mcp_servers import get_mcp_server

__all__ = ["mcp_oauth_routes"]


def mcp_oauth_routes(root: str) -> list[Route]:
    """The routes below `root`."""
    place = f"{root}/mcp/servers/{{server}}/oauth2"
    return [
        Route(f"{place}/connect", connect),
        Route(f"{place}/callback", callback),
        Route(f"{place}/disconnect", disconnect, methods=["DELETE"]),
    ]


@endpoint
async def connect(call: Call) -> Response:
    """`GET …/oauth2/connect`: where a browser would be led to sign in."""
    await _refuse(call)


@endpoint
async def callback(call: Call) -> Response:
    """`GET …/oauth2/callback`: where it would come back to."""
    await _refuse(call)


@endpoint
async def disconnect(call: Call) -> Response:
    """`DELETE …/oauth2/disconnect`: nobody is signed in, as is asked for."""
    server_id_of(call)
    return no_content()


async def _refuse(call: Call) -> NoReturn:
    """Say why a sign-in cannot be made.

    Raises:
        RequestError: 400, or 404 for no such server.
    """
    server_id = server_id_of(call)
    async with call.service.database.read() as connection:
        row = await get_mcp_server(connection, server_id)
    if row is None:
        raise not_found()
    if not row.enabled:
        raise bad_request("MCP server is not enabled.")
    raise bad_request("MCP server does not use OAuth2 authentication.")
