"""Messages, stored and queued."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.rows import (
    MessageRow,
    NewMessage,
    QueuedRow,
    StoredPart,
)
from coderchat_jupyter.server.storage.tables import messages, queued_messages
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.messages import Usage

__all__ = [
    "add_message",
    "clear_queue",
    "delete_message",
    "delete_messages_from",
    "drop_queued",
    "enqueue",
    "get_message",
    "list_messages",
    "list_queue",
    "move_to_front",
    "page_of_messages",
]


async def add_message(
    connection: AsyncConnection, chat_id: ChatId, new: NewMessage, now: datetime
) -> MessageRow:
    """Store a message; its id is the next of the whole deployment."""
    result = await connection.execute(
        insert(messages).values(
            chat_id=chat_id,
            created_by=new.created_by,
            model_config_id=new.model_config_id,
            role=new.role,
            visibility=new.visibility,
            content=list(new.content),
            usage=None if new.usage is None else encode(new.usage),
            cost_micros=new.cost_micros,
            runtime_ms=new.runtime_ms,
            created_at=now,
        )
    )
    key = result.inserted_primary_key
    if key is None:  # pragma: no cover
        msg = "the database gave no id"
        raise RuntimeError(msg)
    return MessageRow(
        id=key[0],
        chat_id=chat_id,
        created_by=new.created_by,
        model_config_id=new.model_config_id,
        role=new.role,
        visibility=new.visibility,
        content=new.content,
        usage=new.usage,
        created_at=now,
    )


async def list_messages(
    connection: AsyncConnection, chat_id: ChatId, *, after_id: int = 0
) -> list[MessageRow]:
    """Every undeleted message after an id, hidden ones too, in id order."""
    rows = await connection.execute(
        select(messages)
        .where(
            messages.c.chat_id == chat_id,
            messages.c.deleted.is_(False),
            messages.c.id > after_id,
        )
        .order_by(messages.c.id)
    )
    return [_message(row) for row in rows]


async def page_of_messages(
    connection: AsyncConnection,
    chat_id: ChatId,
    *,
    before_id: int,
    after_id: int,
    limit: int,
) -> list[MessageRow]:
    """Visible messages between two ids (0: no bound).

    Ascending if only `after_id` is given, else newest first.
    """
    query = select(messages).where(
        messages.c.chat_id == chat_id,
        messages.c.deleted.is_(False),
        messages.c.visibility != "model",
    )
    if after_id:
        query = query.where(messages.c.id > after_id)
    if before_id:
        query = query.where(messages.c.id < before_id)
    ascending = bool(after_id) and not before_id
    order = messages.c.id.asc() if ascending else messages.c.id.desc()
    rows = await connection.execute(query.order_by(order).limit(limit))
    return [_message(row) for row in rows]


async def get_message(
    connection: AsyncConnection, chat_id: ChatId, message_id: int
) -> MessageRow | None:
    """An undeleted message of this chat."""
    row = (
        await connection.execute(
            select(messages).where(
                messages.c.id == message_id,
                messages.c.chat_id == chat_id,
                messages.c.deleted.is_(False),
            )
        )
    ).one_or_none()
    return None if row is None else _message(row)


async def delete_messages_from(
    connection: AsyncConnection, chat_id: ChatId, message_id: int
) -> None:
    """Hide a message and all after it. Rows stay: they cost what they cost."""
    await connection.execute(
        update(messages)
        .where(messages.c.chat_id == chat_id, messages.c.id >= message_id)
        .values(deleted=True)
    )


async def delete_message(connection: AsyncConnection, message_id: int) -> None:
    """Hide one message. Its row stays: it costs what it costs."""
    await connection.execute(
        update(messages).where(messages.c.id == message_id).values(deleted=True)
    )


async def list_queue(connection: AsyncConnection, chat_id: ChatId) -> list[QueuedRow]:
    """What waits, the next one first."""
    rows = await connection.execute(
        select(queued_messages)
        .where(queued_messages.c.chat_id == chat_id)
        .order_by(queued_messages.c.created_at, queued_messages.c.id)
    )
    return [_queued(row) for row in rows]


async def enqueue(
    connection: AsyncConnection,
    chat_id: ChatId,
    content: Sequence[StoredPart],
    model_config_id: ModelConfigId,
    now: datetime,
) -> QueuedRow:
    """Store a message behind all that wait."""
    result = await connection.execute(
        insert(queued_messages).values(
            chat_id=chat_id,
            model_config_id=model_config_id,
            content=list(content),
            created_at=now,
        )
    )
    key = result.inserted_primary_key
    if key is None:  # pragma: no cover
        msg = "the database gave no id"
        raise RuntimeError(msg)
    return QueuedRow(
        id=key[0],
        chat_id=chat_id,
        model_config_id=model_config_id,
        content=tuple(content),
        created_at=now,
    )


async def drop_queued(
    connection: AsyncConnection, chat_id: ChatId, queued_id: int
) -> None:
    """Take one out of the queue; harmless if it is not there."""
    await connection.execute(
        delete(queued_messages).where(
            queued_messages.c.chat_id == chat_id, queued_messages.c.id == queued_id
        )
    )


async def clear_queue(connection: AsyncConnection, chat_id: ChatId) -> None:
    """Drop all that wait."""
    await connection.execute(
        delete(queued_messages).where(queued_messages.c.chat_id == chat_id)
    )


async def move_to_front(
    connection: AsyncConnection, chat_id: ChatId, queued_id: int
) -> None:
    """Make one the next: its time becomes just before the earliest."""
    earliest = (
        await connection.execute(
            select(func.min(queued_messages.c.created_at)).where(
                queued_messages.c.chat_id == chat_id
            )
        )
    ).scalar_one()
    await connection.execute(
        update(queued_messages)
        .where(queued_messages.c.id == queued_id)
        .values(created_at=earliest - timedelta(microseconds=1))
    )


def _message(row: Row[Any]) -> MessageRow:
    return MessageRow(
        id=row.id,
        chat_id=row.chat_id,
        created_by=row.created_by,
        model_config_id=row.model_config_id,
        role=row.role,
        visibility=row.visibility,
        content=tuple(row.content),
        usage=None if row.usage is None else Usage.model_validate(row.usage),
        created_at=row.created_at,
    )


def _queued(row: Row[Any]) -> QueuedRow:
    return QueuedRow(
        id=row.id,
        chat_id=row.chat_id,
        model_config_id=row.model_config_id,
        content=tuple(row.content),
        created_at=row.created_at,
    )
