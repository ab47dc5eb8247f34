"""Tool servers: set up by administrators, seen by all who may choose them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import Field, SecretStr
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response
from starlette.routing import Route

from coderchat_jupyter.server import present
from coderchat_jupyter.server.failures import RequestError, bad_request, not_found
from coderchat_jupyter.server.mcp_rules import server_faults
from coderchat_jupyter.server.routes._body import Body, Secret, read_body
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    endpoint,
    no_content,
    only_admin,
)
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.storage import mcp_servers
from coderchat_jupyter.server.storage.mcp_secrets import seal_headers
from coderchat_jupyter.server.storage.rows import McpServerRow
from coderchat_jupyter.server.storage.sealing import Sealer

__all__ = [
    "CreateMcpServerBody",
    "UpdateMcpServerBody",
    "check_mcp_servers",
    "mcp_routes",
    "server_id_of",
]

_TEXTS: Final = (
    "display_name",
    "slug",
    "description",
    "icon_url",
    "transport",
    "url",
    "auth_type",
    "api_key_header",
    "availability",
)
_LISTS: Final = ("tool_allow_list", "tool_deny_list")
_FLAGS: Final = (
    "enabled",
    "model_intent",
    "allow_in_plan_mode",
    "forward_coder_headers",
)


class CreateMcpServerBody(Body):
    """Of `POST /mcp/servers`."""

    display_name: str = ""
    slug: str = ""
    description: str = ""
    icon_url: str = ""
    transport: str = ""
    url: str = ""
    auth_type: str = ""
    api_key_header: str = ""
    api_key_value: Secret | None = None
    custom_headers: dict[str, Secret] | None = None
    tool_allow_list: list[str] = Field(default_factory=list)
    tool_deny_list: list[str] = Field(default_factory=list)
    availability: str = ""
    enabled: bool = False
    model_intent: bool = False
    allow_in_plan_mode: bool = False
    forward_coder_headers: bool = False


class UpdateMcpServerBody(Body):
    """Of `PATCH /mcp/servers/{server}`; None is not given."""

    display_name: str | None = None
    slug: str | None = None
    description: str | None = None
    icon_url: str | None = None
    transport: str | None = None
    url: str | None = None
    auth_type: str | None = None
    api_key_header: str | None = None
    api_key_value: Secret | None = None
    custom_headers: dict[str, Secret] | None = None
    tool_allow_list: list[str] | None = None
    tool_deny_list: list[str] | None = None
    availability: str | None = None
    enabled: bool | None = None
    model_intent: bool | None = None
    allow_in_plan_mode: bool | None = None
    forward_coder_headers: bool | None = None


def mcp_routes(root: str) -> list[Route]:
    """All of them, below `root`."""
    every, one = f"{root}/mcp/servers", f"{root}/mcp/servers/{{server}}"
    return [
        Route(every, list_servers),
        Route(every, create, methods=["POST"]),
        Route(one, get),
        Route(one, update, methods=["PATCH"]),
        Route(one, delete, methods=["DELETE"]),
    ]


async def check_mcp_servers(connection: AsyncConnection, ids: Iterable[str]) -> None:
    """Refuse servers that do not exist; those that are off may be named.

    Raises:
        RequestError: 400, listing them.
    """
    missing = await mcp_servers.missing_mcp_servers(connection, ids)
    if missing:
        raise bad_request(
            "One or more MCP server IDs are invalid.",
            detail=f"Invalid IDs: {', '.join(missing)}",
        )


@endpoint
async def list_servers(call: Call) -> Response:
    """`GET /mcp/servers`: for users without those that are off."""
    is_admin = call.user.is_admin
    async with call.service.database.read() as connection:
        rows = await mcp_servers.list_mcp_servers(connection, only_enabled=not is_admin)
    return answer([present.mcp_server(row, for_admin=is_admin) for row in rows])


@endpoint
async def get(call: Call) -> Response:
    """`GET /mcp/servers/{server}`."""
    server_id = server_id_of(call)
    is_admin = call.user.is_admin
    async with call.service.database.read() as connection:
        row = await mcp_servers.get_mcp_server(connection, server_id)
    if row is None or not (row.enabled or is_admin):
        raise not_found()
    return answer(present.mcp_server(row, for_admin=is_admin))


@endpoint
async def create(call: Call) -> Response:
    """`POST /mcp/servers`."""
    only_admin(call.user)
    body = await read_body(call.request, CreateMcpServerBody)
    sealer = call.service.database.sealer
    values = _columns(body, sealer)
    _refuse_faults(values, body)
    _require_secrets(body)
    values.setdefault("sealed_api_key", None)
    values.setdefault("sealed_headers", None)
    now = call.service.moves.clock()
    try:
        async with call.service.database.write() as connection:
            row = await mcp_servers.add_mcp_server(connection, values, now)
    except IntegrityError:
        raise _taken("MCP server config already exists.", values) from None
    return answer(present.mcp_server(row, for_admin=True), 201)


@endpoint
async def update(call: Call) -> Response:
    """`PATCH /mcp/servers/{server}`: what is given replaces what there was."""
    only_admin(call.user)
    server_id = server_id_of(call)
    await _existing(call, server_id)
    body = await read_body(call.request, UpdateMcpServerBody)
    changes = _columns(body, call.service.database.sealer)
    _refuse_faults(changes, body)
    now = call.service.moves.clock()
    try:
        async with call.service.database.write() as connection:
            await mcp_servers.change_mcp_server(connection, server_id, changes, now)
    except IntegrityError:
        raise _taken("MCP server config slug already exists.", changes) from None
    row = await _existing(call, server_id)
    return answer(present.mcp_server(row, for_admin=True))


@endpoint
async def delete(call: Call) -> Response:
    """`DELETE /mcp/servers/{server}`: its secrets go with it."""
    only_admin(call.user)
    server_id = server_id_of(call)
    await _existing(call, server_id)
    async with call.service.database.write() as connection:
        await mcp_servers.drop_mcp_server(connection, server_id)
    return no_content()


def _require_secrets(body: CreateMcpServerBody) -> None:
    """Refuse a server that could not be signed in to.

    Raises:
        RequestError: 400.
    """
    if body.auth_type == "api_key":
        key = body.api_key_value
        if not (body.api_key_header and key and key.get_secret_value()):
            raise bad_request(
                "API key auth type requires api_key_header and api_key_value."
            )
    if body.auth_type == "custom_headers" and not body.custom_headers:
        raise bad_request(
            "Custom headers auth type requires at least one custom header."
        )


def _columns(
    body: CreateMcpServerBody | UpdateMcpServerBody, sealer: Sealer
) -> dict[str, Any]:
    """What is given, as columns: texts without blanks around them, secrets sealed."""
    given = {
        name: value
        for name in (*_TEXTS, *_LISTS, *_FLAGS)
        if (value := getattr(body, name)) is not None
    }
    for name in _TEXTS:
        if name in given:
            given[name] = given[name].strip()
    for name in _LISTS:
        if name in given:
            given[name] = [text for raw in given[name] if (text := raw.strip())]
    if body.api_key_value is not None:
        key = SecretStr(body.api_key_value.get_secret_value().strip())
        given["sealed_api_key"] = sealer.seal(key) if key else None
    if body.custom_headers is not None:
        given["sealed_headers"] = seal_headers(sealer, body.custom_headers)
    return given


def _refuse_faults(
    values: Mapping[str, Any], body: CreateMcpServerBody | UpdateMcpServerBody
) -> None:
    key = body.api_key_value
    faults = tuple(
        server_faults(
            values,
            api_key=key and SecretStr(key.get_secret_value().strip()),
            headers=body.custom_headers,
        )
    )
    if faults:
        raise RequestError(400, "Validation failed.", validations=faults)


def _taken(message: str, values: Mapping[str, Any]) -> RequestError:
    return RequestError(
        409, message, detail=f'The slug "{values.get("slug", "")}" is taken.'
    )


def server_id_of(call: Call) -> str:
    """The id that the path names.

    Raises:
        RequestError: 400; it is no UUID.
    """
    try:
        return normal_uuid(call.request.path_params["server"])
    except ValueError as error:
        raise bad_request("Invalid MCP server config ID.", detail=str(error)) from None


async def _existing(call: Call, server_id: str) -> McpServerRow:
    async with call.service.database.read() as connection:
        row = await mcp_servers.get_mcp_server(connection, server_id)
    if row is None:
        raise not_found()
    return row
