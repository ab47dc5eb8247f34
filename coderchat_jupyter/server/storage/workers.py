"""Chats by who answers them: what waits, what runs, what was left behind."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.tables import chats, queued_messages
from coderchat_jupyter.wire.ids import ChatId

__all__ = [
    "TITLE_WORKER",
    "Running",
    "beat",
    "overdue_chats",
    "parked_chats",
    "pending_chats",
    "running_chats",
    "stranded_chats",
]

TITLE_WORKER: Final = "00000000-0000-0000-0000-000000000001"
"""The worker of a chat that rests while somebody has it named."""


class Running(NamedTuple):
    """A running chat, and who said when that they run it."""

    chat_id: ChatId
    worker_id: str | None
    heartbeat_at: datetime | None


async def pending_chats(
    connection: AsyncConnection, limit: int, *, without: Collection[ChatId] = ()
) -> list[ChatId]:
    """Chats that wait for a worker, the longest waiting first."""
    waits = (chats.c.status == "pending") & chats.c.archived.is_(False)
    return await _ids(connection, waits & chats.c.id.not_in(without), limit)


async def running_chats(connection: AsyncConnection) -> list[Running]:
    """Chats that are being answered, if their workers still live."""
    rows = await connection.execute(
        select(chats.c.id, chats.c.worker_id, chats.c.heartbeat_at)
        .where(chats.c.status == "running")
        .order_by(chats.c.updated_at, chats.c.id)
    )
    return [Running(*row) for row in rows]


async def beat(
    connection: AsyncConnection,
    worker_id: str,
    running: Collection[ChatId],
    now: datetime,
) -> set[ChatId]:
    """Say that a worker still runs some chats; those that are its own indeed."""
    rows = await connection.execute(
        update(chats)
        .where(
            chats.c.id.in_(running),
            chats.c.status == "running",
            chats.c.worker_id == worker_id,
        )
        .values(heartbeat_at=now)
        .returning(chats.c.id)
    )
    return {ChatId(found) for found in rows.scalars()}


async def parked_chats(connection: AsyncConnection) -> list[ChatId]:
    """Chats that wait for the results of their client."""
    return await _ids(connection, chats.c.status == "requires_action")


async def overdue_chats(connection: AsyncConnection, now: datetime) -> list[ChatId]:
    """Chats that have waited for their client for too long."""
    late = chats.c.action_deadline.is_(None) | (chats.c.action_deadline < now)
    return await _ids(connection, (chats.c.status == "requires_action") & late)


async def stranded_chats(connection: AsyncConnection, before: datetime) -> list[ChatId]:
    """Chats that rest although messages wait in them.

    They have rested since a time, or a worker owes them the end of its run.
    """
    waits = select(queued_messages.c.id).where(queued_messages.c.chat_id == chats.c.id)
    return await _ids(
        connection,
        (chats.c.status == "waiting")
        & chats.c.archived.is_(False)
        & ((chats.c.updated_at < before) | chats.c.worker_id.is_not(None))
        & waits.exists(),
    )


async def _ids(
    connection: AsyncConnection, where: ColumnElement[bool], limit: int | None = None
) -> list[ChatId]:
    rows = await connection.execute(
        select(chats.c.id)
        .where(where)
        .order_by(chats.c.updated_at, chats.c.id)
        .limit(limit)
    )
    return [ChatId(found) for found in rows.scalars()]
