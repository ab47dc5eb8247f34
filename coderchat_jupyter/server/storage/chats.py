"""Chats: made, read, changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Row, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.folding import folded
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.server.storage.tables import (
    chats,
    messages,
    users,
)
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.ids import (
    ChatId,
    ModelConfigId,
    OrganizationId,
    UserId,
)

__all__ = [
    "add_chat",
    "change_chat",
    "chat_query",
    "chat_row",
    "children_of",
    "get_chat",
    "has_unread",
    "mark_read",
    "pinned_chats",
    "stored_error",
]

_UNKNOWN_ERROR: Final = "The chat request failed unexpectedly."


async def add_chat(
    connection: AsyncConnection,
    now: datetime,
    *,
    organization_id: OrganizationId,
    owner_id: UserId,
    model_config_id: ModelConfigId,
    title: str,
    labels: Mapping[str, str],
    client_type: str,
    plan_mode: str = "",
    parent: ChatRow | None = None,
    subagent_type: str = "",
    dynamic_tools: Sequence[Mapping[str, Any]] = (),
    mcp_server_ids: Sequence[str] = (),
) -> ChatId:
    """Store a chat that waits for a worker."""
    chat_id = ChatId(str(uuid4()))
    await connection.execute(
        insert(chats).values(
            id=chat_id,
            organization_id=organization_id,
            owner_id=owner_id,
            last_model_config_id=model_config_id,
            title=title,
            folded_title=folded(title),
            status="pending",
            labels=dict(labels),
            client_type=client_type,
            plan_mode=plan_mode,
            parent_chat_id=parent.id if parent else None,
            root_chat_id=(parent.root_chat_id or parent.id) if parent else None,
            subagent_type=subagent_type,
            dynamic_tools=[dict(tool) for tool in dynamic_tools] or None,
            mcp_server_ids=list(mcp_server_ids) or None,
            created_at=now,
            updated_at=now,
        )
    )
    return chat_id


async def change_chat(
    connection: AsyncConnection, chat_id: ChatId, changes: Mapping[str, Any]
) -> None:
    """Set columns; whether `updated_at` moves is the caller's decision."""
    values = dict(changes)
    if "title" in values:
        values["folded_title"] = folded(values["title"])
    await connection.execute(update(chats).where(chats.c.id == chat_id).values(values))


async def get_chat(
    connection: AsyncConnection,
    chat_id: str,
    *,
    locking: bool = False,
    patient: bool = True,
) -> ChatRow | None:
    """The chat with this id.

    Args:
        connection: To the database.
        chat_id: Any text.
        locking: Keep everybody else from locking it until the transaction ends.
        patient: Wait for who has locked it; None if not.
    """
    query = chat_query().where(chats.c.id == chat_id)
    if locking:
        # SQLite has one writer, and ignores it.
        query = query.with_for_update(of=chats, key_share=True, skip_locked=not patient)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else chat_row(row)


async def children_of(
    connection: AsyncConnection, parents: Sequence[ChatId]
) -> list[tuple[ChatRow, bool]]:
    """The children of some chats and whether each has unread answers, newest first."""
    unread = has_unread().label("unread")
    rows = await connection.execute(
        chat_query(unread)
        .where(chats.c.root_chat_id.in_(parents))
        .order_by(chats.c.created_at.desc(), chats.c.id.desc())
    )
    return [(chat_row(row), bool(row.unread)) for row in rows]


async def pinned_chats(connection: AsyncConnection, owner_id: UserId) -> list[ChatId]:
    """The pinned chats of a user, in their order."""
    rows = await connection.execute(
        select(chats.c.id)
        .where(chats.c.owner_id == owner_id, chats.c.pin_order > 0)
        .order_by(chats.c.pin_order, chats.c.id)
    )
    return [ChatId(found) for found in rows.scalars()]


async def mark_read(connection: AsyncConnection, chat_id: ChatId) -> None:
    """Move the owner's read cursor to the newest answer."""
    newest = (
        select(func.coalesce(func.max(messages.c.id), 0))
        .where(
            messages.c.chat_id == chat_id,
            messages.c.role == "assistant",
            messages.c.deleted.is_(False),
        )
        .scalar_subquery()
    )
    await connection.execute(
        update(chats).where(chats.c.id == chat_id).values(last_read_id=newest)
    )


def has_unread() -> ColumnElement[bool]:
    """Whether an answer came after the owner's read cursor."""
    return (
        select(messages.c.id)
        .where(
            messages.c.chat_id == chats.c.id,
            messages.c.role == "assistant",
            messages.c.visibility != "model",
            messages.c.deleted.is_(False),
            messages.c.id > chats.c.last_read_id,
        )
        .exists()
    )


def chat_query(*extra: ColumnElement[Any]) -> Select[Any]:
    """What `chat_row` reads, of all chats; `extra` columns go last."""
    columns = (column for column in chats.c)
    return select(
        *columns,
        users.c.username.label("owner_username"),
        users.c.name.label("owner_name"),
        *extra,
    ).join(users, users.c.id == chats.c.owner_id)


def stored_error(value: Any) -> ChatError:
    """An error as it was kept; one that cannot be read is still an error."""
    try:
        found = ChatError.model_validate(value)
    except ValidationError:
        found = ChatError()
    return found.model_copy(
        update={
            "message": found.message if found.message.strip() else _UNKNOWN_ERROR,
            "kind": found.kind.strip() or "generic",
        }
    )


def chat_row(row: Row[Any]) -> ChatRow:
    """A row of `chat_query` as a value."""
    found = row._mapping
    values = {name: found[name] for name in ChatRow.__dataclass_fields__}
    if values["last_error"] is not None:
        values["last_error"] = stored_error(values["last_error"])
    for name in ("dynamic_tools", "mcp_server_ids"):
        values[name] = tuple(values[name] or ())
    return ChatRow(**values)
