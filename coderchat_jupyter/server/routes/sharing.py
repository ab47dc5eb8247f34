"""Sharing: who may read a chat."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from starlette.responses import Response

from coderchat_jupyter.server.failures import RequestError, bad_request, forbidden
from coderchat_jupyter.server.routes._bodies import UpdateAccessBody
from coderchat_jupyter.server.routes._body import read_body
from coderchat_jupyter.server.routes._endpoint import (
    Call,
    answer,
    endpoint,
    no_content,
    readable_chat,
)
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.storage import limits, users
from coderchat_jupyter.server.storage.groups import GroupRow, list_groups
from coderchat_jupyter.server.storage.readers import change_readers, readers_of
from coderchat_jupyter.server.storage.rows import ChatRow, OrganizationRow
from coderchat_jupyter.wire.ids import UserId
from coderchat_jupyter.wire.sharing import AccessList, SharedGroup, SharedUser

__all__ = ["get", "update"]


@endpoint
async def get(call: Call) -> Response:
    """`GET /chats/{chat}/acl`."""
    chat = await readable_chat(call.request, call.user)
    _only_root(chat)
    async with call.service.database.read() as connection:
        roles = await readers_of(connection, chat.id)
        names = await limits.users_by_id(connection, [target for _, target in roles])
        known = await list_groups(connection)
        homes = {home.id: home for home in await users.list_organizations(connection)}
    return answer(
        AccessList(
            users=tuple(
                SharedUser(
                    id=UserId(user_id),
                    username=username,
                    name=name,
                    role=roles["user", user_id],
                )
                for user_id, (username, name) in names.items()
            ),
            groups=tuple(
                _shared(group, homes[group.organization_id], roles["group", group.id])
                for group in known.values()
                if ("group", group.id) in roles
            ),
        )
    )


@endpoint
async def update(call: Call) -> Response:
    """`PATCH /chats/{chat}/acl`."""
    chat = await readable_chat(call.request, call.user)
    _only_root(chat)
    if not (call.user.is_admin or chat.owner_id == call.user.id):
        raise forbidden()
    body = await read_body(call.request, UpdateAccessBody)
    people, groups = _by_id(body.user_roles), _by_id(body.group_roles)
    if call.user.id in people:
        raise bad_request("You cannot change your own chat sharing role.")
    async with call.service.database.write() as connection:
        known = await limits.users_by_id(connection, list(people))
        known_groups = await list_groups(connection)
        wrong = [
            *(("group_roles", text) for text in _faults(groups, known_groups)),
            *(("user_roles", text) for text in _faults(people, known)),
        ]
        if wrong:
            raise RequestError(
                400, "Invalid request to update chat ACL.", validations=wrong
            )
        await change_readers(connection, chat.id, "user", people)
        await change_readers(connection, chat.id, "group", groups)
    return no_content()


def _shared(group: GroupRow, home: OrganizationRow, role: str) -> SharedGroup:
    return SharedGroup(
        id=group.id,
        name=group.name,
        display_name=group.display_name,
        organization_id=home.id,
        total_member_count=group.member_count,
        source="user",
        organization_name=home.name,
        organization_display_name=home.display_name,
        role=role,
    )


def _only_root(chat: ChatRow) -> None:
    root = chat.root_chat_id or chat.parent_chat_id
    if root is not None:
        raise bad_request(
            "Only root chats can be shared.", detail=f"The root chat is {root}."
        )


def _by_id(roles: Mapping[str, str]) -> dict[str, str]:
    """Ids as they are stored; what is none stays, to be told of."""
    found = {}
    for given, role in roles.items():
        try:
            found[normal_uuid(given)] = role
        except ValueError:
            found[given] = role
    return found


def _faults(roles: Mapping[str, str], known: Collection[str]) -> Iterator[str]:
    strangers = []
    for target, role in roles.items():
        if role not in ("read", ""):
            yield f'role "{role}" is not a valid chat role'
        try:
            normal_uuid(target)
        except ValueError:
            yield f"{target} is not a valid UUID."
            continue
        # Whoever is gone can still be taken away.
        if role and target not in known:
            strangers.append(target)
    for target in strangers:
        yield f"{target} does not exist"
