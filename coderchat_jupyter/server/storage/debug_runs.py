"""Debug runs: what models were asked, step by step, for those who switched it on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.tables import (
    chats,
    debug_runs,
    debug_steps,
    messages,
)
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.debug import DebugRun, DebugRunSummary, DebugStep

__all__ = [
    "add_run",
    "change_run",
    "debug_run",
    "drop_runs",
    "drop_runs_before",
    "end_running",
    "list_debug_runs",
    "newest_message",
    "put_step",
]

_LISTED: Final = 100


async def add_run(connection: AsyncConnection, run: Mapping[str, Any]) -> None:
    """Store a run that has begun."""
    await connection.execute(insert(debug_runs).values(run))


async def change_run(
    connection: AsyncConnection, run_id: str, changes: Mapping[str, Any]
) -> None:
    """Set columns of a run, if it is still there."""
    await connection.execute(
        update(debug_runs).where(debug_runs.c.id == run_id).values(changes)
    )


async def put_step(connection: AsyncConnection, step: DebugStep) -> None:
    """Store a step in place of what there was of it, if its run is still there."""
    run = select(debug_runs.c.id).where(debug_runs.c.id == step.run_id)
    if (await connection.execute(run)).first() is None:
        return
    await connection.execute(delete(debug_steps).where(debug_steps.c.id == step.id))
    await connection.execute(
        insert(debug_steps).values(
            id=step.id,
            run_id=step.run_id,
            step_number=step.step_number,
            step=encode(step),
        )
    )


async def list_debug_runs(
    connection: AsyncConnection, chat_id: str
) -> list[DebugRunSummary]:
    """The newest runs of a chat, at most a hundred, the newest first."""
    found = await connection.execute(
        select(*(debug_runs.c[name] for name in DebugRunSummary.model_fields))
        .where(debug_runs.c.chat_id == chat_id)
        .order_by(debug_runs.c.started_at.desc(), debug_runs.c.id.desc())
        .limit(_LISTED)
    )
    return [DebugRunSummary.model_validate(dict(row._mapping)) for row in found]


async def debug_run(
    connection: AsyncConnection, chat_id: str, run_id: str
) -> DebugRun | None:
    """A run of a chat with its steps, in order."""
    row = (
        await connection.execute(
            select(debug_runs, chats.c.root_chat_id, chats.c.parent_chat_id)
            .join(chats, chats.c.id == debug_runs.c.chat_id)
            .where(debug_runs.c.chat_id == chat_id, debug_runs.c.id == run_id)
        )
    ).one_or_none()
    if row is None:
        return None
    steps = await connection.execute(
        select(debug_steps.c.step)
        .where(debug_steps.c.run_id == run_id)
        .order_by(debug_steps.c.step_number)
    )
    return DebugRun.model_validate(
        {**row._mapping, "steps": [found.step for found in steps]}
    )


async def newest_message(
    connection: AsyncConnection, chat_id: str, role: str
) -> tuple[int, list[dict[str, Any]]] | None:
    """The newest visible message of somebody in a chat: its id and its parts."""
    found = await connection.execute(
        select(messages.c.id, messages.c.content)
        .where(
            messages.c.chat_id == chat_id,
            messages.c.role == role,
            messages.c.visibility != "model",
            messages.c.deleted.is_(False),
        )
        .order_by(messages.c.id.desc())
        .limit(1)
    )
    row = found.one_or_none()
    return None if row is None else (row.id, row.content)


async def drop_runs(
    connection: AsyncConnection, chat_id: str, *, since_message: int = 0
) -> None:
    """Delete the runs of a chat that answered this message or a later one."""
    newer = func.coalesce(debug_runs.c.trigger_message_id, 0) >= since_message
    await _drop(connection, (debug_runs.c.chat_id == chat_id) & newer)


async def drop_runs_before(
    connection: AsyncConnection, moment: datetime, *, limit: int
) -> int:
    """Delete what was last written before some time, the oldest first.

    Returns:
        How many runs, up to `limit`.
    """
    found = await connection.execute(
        select(debug_runs.c.id)
        .where(debug_runs.c.updated_at < moment)
        .order_by(debug_runs.c.updated_at)
        .limit(limit)
    )
    due = list(found.scalars())
    await _drop(connection, debug_runs.c.id.in_(due))
    return len(due)


async def end_running(
    connection: AsyncConnection, now: datetime, before: datetime
) -> None:
    """End the runs that a server was making when it ended.

    Args:
        connection: To the database.
        now: When they are said to have ended.
        before: Those written after this time may still be made.
    """
    await connection.execute(
        update(debug_runs)
        .where(debug_runs.c.status == "in_progress", debug_runs.c.updated_at <= before)
        .values(status="interrupted", updated_at=now, finished_at=now)
    )


async def _drop(connection: AsyncConnection, which: ColumnElement[bool]) -> None:
    ids: Select[Any] = select(debug_runs.c.id).where(which)
    await connection.execute(delete(debug_steps).where(debug_steps.c.run_id.in_(ids)))
    await connection.execute(delete(debug_runs).where(which))
