"""Groups of users: who shares a chat or a limit.

Every organization is one itself: it has the organization's id, and all members of the
organization are in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.tables import (
    chat_readers,
    group_members,
    groups,
    members,
    organizations,
    usage_limits,
    users,
)
from coderchat_jupyter.wire.ids import GroupId, OrganizationId

__all__ = [
    "EVERYONE",
    "GroupRow",
    "add_group",
    "add_member",
    "drop_group",
    "drop_member",
    "groups_of",
    "list_groups",
    "members_of",
]

EVERYONE: Final = "Everyone"
"""The name of the group that an organization is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A group, and how many are in it."""

    id: GroupId
    organization_id: OrganizationId
    name: str
    display_name: str
    member_count: int

    @property
    def is_everyone(self) -> bool:
        """Whether it is the organization itself, which nobody leaves or joins."""
        return str(self.id) == self.organization_id


async def list_groups(connection: AsyncConnection) -> dict[str, GroupRow]:
    """All groups by id, in the order of their names."""
    everyone = (
        select(
            organizations.c.id,
            organizations.c.id.label("organization_id"),
            literal(EVERYONE).label("name"),
            literal("").label("display_name"),
            func.count(members.c.user_id).label("member_count"),
        )
        .outerjoin(members, members.c.organization_id == organizations.c.id)
        .group_by(organizations.c.id)
    )
    made = (
        select(
            groups.c.id,
            groups.c.organization_id,
            groups.c.name,
            groups.c.display_name,
            func.count(group_members.c.user_id).label("member_count"),
        )
        .outerjoin(group_members, group_members.c.group_id == groups.c.id)
        .group_by(
            groups.c.id,
            groups.c.organization_id,
            groups.c.name,
            groups.c.display_name,
        )
    )
    found = [
        GroupRow(**row._mapping)
        for query in (everyone, made)
        for row in await connection.execute(query)
    ]
    # Not left to the databases, which do not agree on what comes first.
    found.sort(key=lambda group: (group.name, group.id))
    return {group.id: group for group in found}


def groups_of(user_id: str) -> Select[str]:
    """The ids of all groups that a user is in."""
    made = select(group_members.c.group_id).where(group_members.c.user_id == user_id)
    homes = select(members.c.organization_id).where(members.c.user_id == user_id)
    both = made.union_all(homes).subquery()
    return select(both.c.group_id)


async def members_of(connection: AsyncConnection, group: GroupRow) -> list[str]:
    """The ids of who is in a group, in the order of usernames."""
    query = select(users.c.id).order_by(users.c.username)
    if group.is_everyone:
        query = query.join(members, members.c.user_id == users.c.id).where(
            members.c.organization_id == group.organization_id
        )
    else:
        query = query.join(group_members, group_members.c.user_id == users.c.id).where(
            group_members.c.group_id == group.id
        )
    return list((await connection.execute(query)).scalars())


async def add_group(
    connection: AsyncConnection,
    organization_id: OrganizationId,
    name: str,
    now: datetime,
    *,
    display_name: str = "",
) -> GroupId:
    """Store a group without members."""
    group_id = GroupId(str(uuid4()))
    await connection.execute(
        insert(groups).values(
            id=group_id,
            organization_id=organization_id,
            name=name,
            display_name=display_name,
            created_at=now,
        )
    )
    return group_id


async def drop_group(connection: AsyncConnection, group_id: GroupId) -> None:
    """Remove a group: it has no limit then, and nothing is shared with it."""
    for table, condition in (
        (group_members, group_members.c.group_id == group_id),
        (
            chat_readers,
            and_(chat_readers.c.kind == "group", chat_readers.c.target == group_id),
        ),
        (
            usage_limits,
            and_(usage_limits.c.scope == "group", usage_limits.c.target == group_id),
        ),
        (groups, groups.c.id == group_id),
    ):
        await connection.execute(delete(table).where(condition))


async def add_member(
    connection: AsyncConnection, group_id: GroupId, user_id: str
) -> bool:
    """Let a user into a group; whether they were not in it."""
    known = await connection.execute(select(exists().where(_is(group_id, user_id))))
    if known.scalar_one():
        return False
    await connection.execute(
        insert(group_members).values(group_id=group_id, user_id=user_id)
    )
    return True


async def drop_member(
    connection: AsyncConnection, group_id: GroupId, user_id: str
) -> bool:
    """Take a user out of a group; whether they were in it."""
    done = await connection.execute(delete(group_members).where(_is(group_id, user_id)))
    return done.rowcount > 0


def _is(group_id: GroupId, user_id: str) -> ColumnElement[bool]:
    return and_(
        group_members.c.group_id == group_id, group_members.c.user_id == user_id
    )
