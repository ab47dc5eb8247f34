"""Groups as they are set up from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.accounts import AccountError, opened
from coderchat_jupyter.server.engine.moves import utc_now
from coderchat_jupyter.server.storage import groups, users
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from coderchat_jupyter.server.storage.groups import GroupRow
from coderchat_jupyter.server.storage.rows import UserRow

__all__ = [
    "Membership",
    "change_members",
    "create_group",
    "delete_group",
    "list_groups",
]


@dataclass(frozen=True, slots=True)
class Membership:
    """A group and the usernames of who is in it."""

    group: GroupRow
    usernames: tuple[str, ...]


async def list_groups(address: DatabaseAddress) -> list[Membership]:
    """All groups, in the order of their names."""
    async with opened(address) as database, database.read() as connection:
        found = await groups.list_groups(connection)
        return [await _membership(connection, group) for group in found.values()]


async def create_group(
    address: DatabaseAddress, name: str, display_name: str
) -> Membership:
    """Make a group without members.

    Raises:
        AccountError: The name is taken.
    """
    now = utc_now()
    async with opened(address) as database, database.write() as connection:
        if await _find(connection, name) is not None:
            raise AccountError(f"there is a group {name!r} already")
        home = await users.ensure_organization(connection, now)
        made = await groups.add_group(
            connection, home.id, name, now, display_name=display_name
        )
        found = await groups.list_groups(connection)
        return await _membership(connection, found[made])


async def delete_group(address: DatabaseAddress, name: str) -> None:
    """Remove a group, its limit, and what was shared with it.

    Raises:
        AccountError: There is no such group, or it is that of everybody.
    """
    async with opened(address) as database, database.write() as connection:
        group = await _changeable(connection, name)
        await groups.drop_group(connection, group.id)


async def change_members(
    address: DatabaseAddress, name: str, usernames: Sequence[str], *, joining: bool
) -> Membership:
    """Let users into a group or out of it: all of them, or none.

    Args:
        address: Of the database.
        name: The name or id of the group.
        usernames: Names or ids of users. Who is in or out already stays so.
        joining: Into it.

    Raises:
        AccountError: There is no such group or user, or it is the group of everybody.
    """
    async with opened(address) as database, database.write() as connection:
        group = await _changeable(connection, name)
        for username in usernames:
            user = await _user(connection, username)
            if joining:
                await groups.add_member(connection, group.id, user.id)
            else:
                await groups.drop_member(connection, group.id, user.id)
        found = await groups.list_groups(connection)
        return await _membership(connection, found[group.id])


async def _membership(connection: AsyncConnection, group: GroupRow) -> Membership:
    ids = set(await groups.members_of(connection, group))
    everybody = await users.list_users(connection)
    return Membership(group, tuple(u.username for u in everybody if u.id in ids))


async def _find(connection: AsyncConnection, name: str) -> GroupRow | None:
    wanted = name.lower()
    for group in (await groups.list_groups(connection)).values():
        if wanted in (group.id, group.name.lower()):
            return group
    return None


async def _changeable(connection: AsyncConnection, name: str) -> GroupRow:
    group = await _find(connection, name)
    if group is None:
        raise AccountError(f"there is no group {name!r}")
    if group.is_everyone:
        raise AccountError(
            f"{group.name!r} is the group of everybody: it stays as it is"
        )
    return group


async def _user(connection: AsyncConnection, name: str) -> UserRow:
    user = await users.find_user(connection, name)
    if user is None:
        raise AccountError(f"there is no user {name!r}")
    return user
