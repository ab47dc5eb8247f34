"""Users, their tokens and organizations."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.rows import OrganizationRow, UserRow
from coderchat_jupyter.server.storage.tables import (
    members,
    organizations,
    tokens,
    users,
)
from coderchat_jupyter.wire.ids import OrganizationId, UserId

__all__ = [
    "add_token",
    "add_user",
    "ensure_organization",
    "find_user",
    "get_user",
    "hashed_secret",
    "list_organizations",
    "list_users",
]

_DEFAULT_ORGANIZATION: Final = "coder"


async def ensure_organization(
    connection: AsyncConnection, now: datetime
) -> OrganizationRow:
    """The organization every user is a member of, made if there is none yet."""
    found = await list_organizations(connection)
    if found:
        return found[0]
    await connection.execute(
        insert(organizations).values(
            id=str(uuid4()),
            name=_DEFAULT_ORGANIZATION,
            display_name="Coder",
            created_at=now,
            updated_at=now,
        )
    )
    return (await list_organizations(connection))[0]


async def list_organizations(connection: AsyncConnection) -> list[OrganizationRow]:
    """All organizations, oldest first."""
    rows = await connection.execute(
        select(organizations).order_by(organizations.c.created_at, organizations.c.id)
    )
    return [OrganizationRow(**row._mapping) for row in rows]


async def add_user(
    connection: AsyncConnection,
    username: str,
    now: datetime,
    *,
    name: str = "",
    is_admin: bool = False,
) -> UserRow:
    """Store a user, as a member of the organization."""
    organization = await ensure_organization(connection, now)
    user_id = str(uuid4())
    await connection.execute(
        insert(users).values(
            id=user_id,
            username=username,
            name=name,
            email=f"{username}@localhost",
            is_admin=is_admin,
            created_at=now,
            updated_at=now,
        )
    )
    await connection.execute(
        insert(members).values(organization_id=organization.id, user_id=user_id)
    )
    found = await get_user(connection, user_id)
    if found is None:  # pragma: no cover
        msg = "the user just stored is gone"
        raise RuntimeError(msg)
    return found


async def add_token(
    connection: AsyncConnection,
    user_id: UserId,
    token_id: str,
    hashed: str,
    now: datetime,
) -> None:
    """Store the hash of a token's secret."""
    await connection.execute(
        insert(tokens).values(
            id=token_id, user_id=user_id, hashed_secret=hashed, created_at=now
        )
    )


async def hashed_secret(
    connection: AsyncConnection, token_id: str
) -> tuple[str, UserId] | None:
    """The hash of a token's secret and whose it is."""
    row = (
        await connection.execute(
            select(tokens.c.hashed_secret, tokens.c.user_id).where(
                tokens.c.id == token_id
            )
        )
    ).one_or_none()
    return None if row is None else (row.hashed_secret, UserId(row.user_id))


async def get_user(connection: AsyncConnection, user_id: str) -> UserRow | None:
    """The user with this id."""
    return await _one(connection, users.c.id == user_id)


async def find_user(connection: AsyncConnection, id_or_name: str) -> UserRow | None:
    """The user with this id or name; names are not case-sensitive."""
    return await _one(
        connection,
        or_(
            users.c.id == id_or_name.lower(),
            func.lower(users.c.username) == id_or_name.lower(),
        ),
    )


async def list_users(connection: AsyncConnection) -> list[UserRow]:
    """Everybody, in the order of their names."""
    rows = (await connection.execute(select(users))).all()
    found = [await _with_organizations(connection, row) for row in rows]
    return sorted(found, key=lambda user: user.username.lower())


async def _one(
    connection: AsyncConnection, where: ColumnElement[bool]
) -> UserRow | None:
    row = (await connection.execute(select(users).where(where))).first()
    return None if row is None else await _with_organizations(connection, row)


async def _with_organizations(
    connection: AsyncConnection, row: Row[tuple[object, ...]]
) -> UserRow:
    ids = await connection.execute(
        select(members.c.organization_id).where(members.c.user_id == row.id)
    )
    return UserRow(
        **row._mapping,
        organization_ids=tuple(OrganizationId(found) for found in ids.scalars()),
    )
