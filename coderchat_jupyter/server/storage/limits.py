"""Usage limits as an administrator set them, and what was spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import and_, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.tables import (
    chats,
    messages,
    usage_limits,
    users,
)
from coderchat_jupyter.wire.ids import OrganizationId, UserId

__all__ = [
    "LimitRow",
    "Scope",
    "get_limit",
    "list_limits",
    "remove_limit",
    "set_limit",
    "spent",
    "users_by_id",
]

Scope: TypeAlias = Literal["deployment", "user", "group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """A limit, in micros a period; None is no limit."""

    scope: str
    target: str
    spend_limit_micros: int | None
    period: str
    updated_at: datetime


async def get_limit(
    connection: AsyncConnection, scope: Scope, target: str = ""
) -> LimitRow | None:
    """One limit."""
    query = select(usage_limits).where(_is(scope, target))
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else LimitRow(**row._mapping)


async def list_limits(connection: AsyncConnection, scope: Scope) -> list[LimitRow]:
    """All limits of a kind."""
    query = select(usage_limits).where(usage_limits.c.scope == scope)
    return [LimitRow(**row._mapping) for row in await connection.execute(query)]


async def set_limit(
    connection: AsyncConnection,
    now: datetime,
    scope: Scope,
    target: str = "",
    *,
    spend_limit_micros: int | None,
    period: str = "",
) -> LimitRow:
    """Store a limit in place of the one before."""
    row = LimitRow(
        scope=scope,
        target=target,
        spend_limit_micros=spend_limit_micros,
        period=period,
        updated_at=now,
    )
    await remove_limit(connection, scope, target)
    await connection.execute(
        insert(usage_limits).values(
            scope=scope,
            target=target,
            spend_limit_micros=spend_limit_micros,
            period=period,
            updated_at=now,
        )
    )
    return row


async def remove_limit(connection: AsyncConnection, scope: Scope, target: str) -> bool:
    """Take a limit away; whether there was one."""
    done = await connection.execute(delete(usage_limits).where(_is(scope, target)))
    return done.rowcount > 0


def _is(scope: Scope, target: str) -> Any:
    return and_(usage_limits.c.scope == scope, usage_limits.c.target == target)


async def spent(
    connection: AsyncConnection,
    owner_id: UserId,
    start: datetime,
    end: datetime,
    *,
    organization_id: OrganizationId | None = None,
) -> int:
    """Micros that the chats of a user cost in `[start, end)`, edits included."""
    query = (
        select(func.coalesce(func.sum(messages.c.cost_micros), 0))
        .join(chats, chats.c.id == messages.c.chat_id)
        .where(
            chats.c.owner_id == owner_id,
            messages.c.created_at >= start,
            messages.c.created_at < end,
        )
    )
    if organization_id is not None:
        query = query.where(chats.c.organization_id == organization_id)
    return int((await connection.execute(query)).scalar_one())


async def users_by_id(
    connection: AsyncConnection, ids: list[str]
) -> dict[str, tuple[str, str]]:
    """Username and name of users, in the order of usernames."""
    query = select(users.c.id, users.c.username, users.c.name)
    found = await connection.execute(
        query.where(users.c.id.in_(ids)).order_by(users.c.username)
    )
    return {row.id: (row.username, row.name) for row in found}
