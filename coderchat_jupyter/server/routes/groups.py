"""Groups: whom a chat may be shared with, and who shares a limit.

They are made with `coderchat groups`; here they are only read.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from coderchat_jupyter.server import present
from coderchat_jupyter.server.failures import bad_request, not_found
from coderchat_jupyter.server.routes._endpoint import Call, answer, endpoint
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.routes.users import organizations_seen
from coderchat_jupyter.server.storage import groups, users
from coderchat_jupyter.server.storage.groups import GroupRow
from coderchat_jupyter.server.storage.rows import UserRow
from coderchat_jupyter.wire.groups import Group
from coderchat_jupyter.wire.users import Organization

__all__ = ["group_routes"]


@endpoint
async def list_groups(call: Call) -> Response:
    """`GET /api/v2/groups`: those of all organizations of the caller."""
    return answer(await _groups(call, await organizations_seen(call)))


@endpoint
async def list_of_organization(call: Call) -> Response:
    """`GET /api/v2/organizations/{organization}/groups`."""
    return answer(await _groups(call, [await _organization(call)]))


@endpoint
async def get_by_name(call: Call) -> Response:
    """`GET /api/v2/organizations/{organization}/groups/{group}`."""
    wanted = call.request.path_params["group"]
    for group in await _groups(call, [await _organization(call)]):
        if group.name == wanted:
            return answer(group)
    raise not_found()


@endpoint
async def get(call: Call) -> Response:
    """`GET /api/v2/groups/{group}`."""
    try:
        wanted = normal_uuid(call.request.path_params["group"])
    except ValueError as error:
        raise bad_request("Invalid group ID.", detail=str(error)) from None
    for group in await _groups(call, await organizations_seen(call)):
        if group.id == wanted:
            return answer(group)
    raise not_found()


async def _organization(call: Call) -> Organization:
    wanted = call.request.path_params["organization"].lower()
    for home in await organizations_seen(call):
        if wanted in (home.id, home.name, "default"):
            return home
    raise not_found()


async def _groups(call: Call, homes: Iterable[Organization]) -> list[Group]:
    """The groups of some organizations, with their members where that is allowed."""
    by_id = {home.id: home for home in homes}
    async with call.service.database.read() as connection:
        found = await groups.list_groups(connection)
        return [
            await _shown(connection, call.user, group, by_id[group.organization_id])
            for group in found.values()
            if group.organization_id in by_id
        ]


async def _shown(
    connection: AsyncConnection, reader: UserRow, group: GroupRow, home: Organization
) -> Group:
    ids = await groups.members_of(connection, group)
    # Who is in a group is for those to see who are.
    seen = ids if reader.is_admin or reader.id in ids else []
    rows = [await users.get_user(connection, user_id) for user_id in seen]
    return Group(
        id=group.id,
        name=group.name,
        display_name=group.display_name,
        organization_id=home.id,
        members=tuple(present.reduced_user(row) for row in rows if row is not None),
        total_member_count=group.member_count,
        organization_name=home.name,
        organization_display_name=home.display_name,
    )


def group_routes(root: str) -> list[BaseRoute]:
    """The routes below `/api/v2`."""
    of_organization = f"{root}/organizations/{{organization}}/groups"
    return [
        Route(f"{root}/groups", list_groups),
        Route(f"{root}/groups/{{group}}", get),
        Route(of_organization, list_of_organization),
        Route(f"{of_organization}/{{group}}", get_by_name),
    ]
