"""What has been left alone for long: found, and deleted for good."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from coderchat_jupyter.server.storage.tables import (
    chat_files,
    chat_readers,
    chats,
    debug_runs,
    debug_steps,
    files,
    messages,
    queued_messages,
)
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["idle_chats", "purge_chats", "purge_files"]

_BUSY: Final = ("running", "pending", "requires_action")


async def idle_chats(
    connection: AsyncConnection, before: datetime, *, limit: int
) -> list[ChatId]:
    """Chats in whose families nothing was said since, the longest silent first.

    Only the first chats of families, neither pinned nor at work nor archived.
    """
    member = chats.alias("member")
    newest = (
        select(func.max(messages.c.created_at))
        .join(member, member.c.id == messages.c.chat_id)
        .where(func.coalesce(member.c.root_chat_id, member.c.id) == chats.c.id)
        .correlate(chats)
        .scalar_subquery()
    )
    last = func.coalesce(newest, chats.c.created_at)
    found = await connection.execute(
        select(chats.c.id)
        .where(
            chats.c.parent_chat_id.is_(None),
            chats.c.archived.is_(False),
            chats.c.pin_order == 0,
            chats.c.status.not_in(_BUSY),
            # Most chats are told apart by this alone, without their messages.
            chats.c.created_at < before,
            last < before,
        )
        .order_by(last, chats.c.id)
        .limit(limit)
    )
    return [ChatId(chat) for chat in found.scalars()]


async def purge_chats(
    connection: AsyncConnection, before: datetime, *, limit: int
) -> int:
    """Delete archived chats that have not changed since, with all that is theirs.

    A chat takes its children along, and waits until they are due, too.

    Returns:
        How many were found to be due, up to `limit`.
    """
    member = chats.alias("member")
    stays = select(member.c.id).where(
        member.c.root_chat_id == chats.c.id, ~_is_due(member.c, before)
    )
    found = await connection.execute(
        select(chats.c.id)
        .where(_is_due(chats.c, before), ~stays.exists())
        .order_by(chats.c.updated_at)
        .limit(limit)
    )
    due = list(found.scalars())
    children = await connection.execute(
        select(chats.c.id).where(chats.c.root_chat_id.in_(due))
    )
    gone = {*due, *children.scalars()}
    runs: Select[Any] = select(debug_runs.c.id).where(debug_runs.c.chat_id.in_(gone))
    await connection.execute(delete(debug_steps).where(debug_steps.c.run_id.in_(runs)))
    for table in (debug_runs, queued_messages, messages, chat_files, chat_readers):
        await connection.execute(delete(table).where(table.c.chat_id.in_(gone)))
    await connection.execute(delete(chats).where(chats.c.id.in_(gone)))
    return len(due)


def _is_due(
    chat: ReadOnlyColumnCollection[str, Column[Any]], before: datetime
) -> ColumnElement[bool]:
    return and_(
        chat.archived.is_(True),
        chat.updated_at < before,
        chat.status.not_in(_BUSY[:2]),
    )


async def purge_files(connection: AsyncConnection, before: datetime) -> None:
    """Delete files that were uploaded before and that no chat holds."""
    held = select(chat_files.c.file_id).where(chat_files.c.file_id == files.c.id)
    await connection.execute(
        delete(files).where(files.c.created_at < before, ~held.exists())
    )
