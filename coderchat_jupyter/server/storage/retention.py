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

__all__ = ["due_chats", "idle_chats", "purge_chat", "purge_files"]

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


async def due_chats(
    connection: AsyncConnection, before: datetime, *, limit: int
) -> list[ChatId]:
    """Archived chats that have not changed since, the longest unchanged first.

    A chat takes its children along, and waits until they are due, too.
    """
    found = await connection.execute(
        select(chats.c.id)
        .where(_is_family_due(before))
        .order_by(chats.c.updated_at, chats.c.id)
        .limit(limit)
    )
    return [ChatId(chat) for chat in found.scalars()]


async def purge_chat(
    connection: AsyncConnection, chat_id: ChatId, before: datetime
) -> None:
    """Delete a chat and its children with all that is theirs, if it is still due."""
    found = await connection.execute(
        select(chats.c.id).where(chats.c.id == chat_id, _is_family_due(before))
    )
    if found.first() is None:
        return
    children = await connection.execute(
        select(chats.c.id).where(chats.c.root_chat_id == chat_id)
    )
    gone = {chat_id, *children.scalars()}
    runs: Select[Any] = select(debug_runs.c.id).where(debug_runs.c.chat_id.in_(gone))
    await connection.execute(delete(debug_steps).where(debug_steps.c.run_id.in_(runs)))
    for table in (debug_runs, queued_messages, messages, chat_files, chat_readers):
        await connection.execute(delete(table).where(table.c.chat_id.in_(gone)))
    await connection.execute(delete(chats).where(chats.c.id.in_(gone)))


def _is_family_due(before: datetime) -> ColumnElement[bool]:
    member = chats.alias("member")
    stays = select(member.c.id).where(
        member.c.root_chat_id == chats.c.id, ~_is_due(member.c, before)
    )
    return and_(_is_due(chats.c, before), ~stays.correlate(chats).exists())


def _is_due(
    chat: ReadOnlyColumnCollection[str, Column[Any]], before: datetime
) -> ColumnElement[bool]:
    return and_(
        chat.archived.is_(True),
        chat.updated_at < before,
        chat.status.not_in(_BUSY[:2]),
    )


async def purge_files(
    connection: AsyncConnection, before: datetime, *, limit: int
) -> int:
    """Delete files that were uploaded before and that no chat holds.

    Returns:
        How many, up to `limit`.
    """
    held = select(chat_files.c.file_id).where(chat_files.c.file_id == files.c.id)
    due = (
        select(files.c.id)
        .where(files.c.created_at < before, ~held.exists())
        .order_by(files.c.created_at)
        .limit(limit)
    )
    gone = await connection.execute(delete(files).where(files.c.id.in_(due)))
    return gone.rowcount
