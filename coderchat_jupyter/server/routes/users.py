"""The neighbours a chat client needs: users, organizations, the build."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from coderchat_jupyter.server import present
from coderchat_jupyter.server.failures import not_found
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    endpoint,
    service_of,
)
from coderchat_jupyter.server.routes._query import QueryReader
from coderchat_jupyter.server.storage import users
from coderchat_jupyter.server.storage.rows import OrganizationRow, UserRow
from coderchat_jupyter.wire.groups import UserList
from coderchat_jupyter.wire.users import BuildInfo, Organization

__all__ = [
    "build_info",
    "get_organization",
    "get_user",
    "list_organizations",
    "list_users",
    "organizations_of",
    "organizations_seen",
    "user_named",
]


_MAX_INT32: Final = 2**31 - 1


async def build_info(request: Request) -> Response:
    """`GET /api/v2/buildinfo`; for everybody."""
    service = service_of(request)
    told = service.settings
    return answer(
        BuildInfo(
            version=told.version,
            external_url=told.external_url,
            dashboard_url=told.external_url,
            deployment_id=service.deployment_id,
        )
    )


@endpoint
async def get_user(call: Call) -> Response:
    """`GET /api/v2/users/{user}`."""
    return answer(present.user(await user_named(call)))


@endpoint
async def list_users(call: Call) -> Response:
    """`GET /api/v2/users`: everybody for administrators, oneself for others."""
    query = QueryReader(call.request.query_params)
    limit = query.natural("limit", 0, maximum=_MAX_INT32)
    offset = query.natural("offset", 0, maximum=_MAX_INT32)
    query.done()
    text = call.request.query_params.get("q", "").lower()
    async with call.service.database.read() as connection:
        rows = await users.list_users(connection)
    seen = [
        row
        for row in rows
        if (call.user.is_admin or row.id == call.user.id)
        and (text in row.username.lower() or text in row.name.lower())
    ]
    page = seen[offset : offset + limit if limit else None]
    return answer(
        UserList(users=tuple(present.user(row) for row in page), count=len(seen))
    )


@endpoint
async def organizations_of(call: Call) -> Response:
    """`GET /api/v2/users/{user}/organizations`."""
    return answer(await _organizations(call, await user_named(call)))


@endpoint
async def list_organizations(call: Call) -> Response:
    """`GET /api/v2/organizations`."""
    return answer(await organizations_seen(call))


@endpoint
async def get_organization(call: Call) -> Response:
    """`GET /api/v2/organizations/{organization}`, by id or name."""
    wanted = call.request.path_params["organization"].lower()
    for found in await organizations_seen(call):
        if wanted in (found.id, found.name, "default"):
            return answer(found)
    raise not_found()


async def user_named(call: Call) -> UserRow:
    """The user a path names: `me`, an id or a username.

    Raises:
        RequestError: 404; nobody, or somebody else and the caller is no admin.
    """
    name = call.request.path_params["user"]
    if name == "me":
        return call.user
    async with call.service.database.read() as connection:
        found = await users.find_user(connection, name)
    if found is None or not (call.user.is_admin or found.id == call.user.id):
        raise not_found()
    return found


async def organizations_seen(call: Call) -> list[Organization]:
    """The organizations that the caller is a member of."""
    return await _organizations(call, call.user)


async def _organizations(call: Call, user: UserRow) -> list[Organization]:
    async with call.service.database.read() as connection:
        rows = await users.list_organizations(connection)
    return [_organization(row) for row in rows if row.id in user.organization_ids]


def _organization(row: OrganizationRow) -> Organization:
    return Organization(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        is_default=True,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
