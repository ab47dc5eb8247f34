"""A user's chats, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    case,
    false,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.chats import chat_query, chat_row, has_unread
from coderchat_jupyter.server.storage.folding import folded
from coderchat_jupyter.server.storage.readers import shared_with
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.server.storage.tables import chats
from coderchat_jupyter.wire.ids import UserId

__all__ = ["MAX_LABELS", "ChatFilter", "every_chat", "page_of_chats"]

MAX_LABELS: Final = 50
"""Of one chat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFilter:
    """Which chats to list; what is None or empty is not asked.

    Attributes:
        archived: Archived ones, or the others.
        has_unread: With answers the owner has not seen, or without.
        title: Part of the title; `%` and `_` stand for anything, case is ignored.
        labels: All of these.
        has_pull_request: Chats about a pull request. This server knows of none.
        shared: Those that others share, in place of one's own.
    """

    archived: bool = False
    has_unread: bool | None = None
    title: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    has_pull_request: bool = False
    shared: bool = False


async def page_of_chats(
    connection: AsyncConnection,
    reader_id: UserId,
    wanted: ChatFilter,
    *,
    limit: int,
    offset: int,
    after_id: str | None,
) -> list[tuple[ChatRow, bool]]:
    """Chats and whether each has unread answers: pinned ones first, then by change.

    Args:
        connection: Where to read.
        reader_id: Whose chats, or with whom they are shared.
        wanted: Which of them.
        limit: At most this many.
        offset: Leave out so many first.
        after_id: Begin after this chat; if there is none, the page is empty.
    """
    if wanted.has_pull_request:
        return []
    # What is unread, is so for its owner.
    unread = (false() if wanted.shared else has_unread()).label("unread")
    own = chats.c.owner_id == reader_id
    whose = and_(~own, shared_with(reader_id)) if wanted.shared else own
    query = chat_query(unread).where(whose, *_conditions(wanted))
    if after_id is not None:
        query = query.where(_after(after_id))
    rows = await connection.execute(
        query.order_by(
            _pin_rank(chats).asc(), chats.c.updated_at.desc(), chats.c.id.desc()
        )
        .limit(limit)
        .offset(offset)
    )
    return [(chat_row(row), bool(row.unread)) for row in rows]


async def every_chat(
    connection: AsyncConnection, owner_id: UserId, *, archived: bool | None
) -> list[ChatRow]:
    """All chats of a user, children too, the last changed first.

    Args:
        connection: Where to read.
        owner_id: Whose chats.
        archived: Only archived ones, or only the others; None for both.
    """
    query = chat_query().where(chats.c.owner_id == owner_id)
    if archived is not None:
        query = query.where(chats.c.archived.is_(archived))
    rows = await connection.execute(
        query.order_by(chats.c.updated_at.desc(), chats.c.id.desc())
    )
    return [chat_row(row) for row in rows]


def _conditions(wanted: ChatFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        chats.c.archived.is_(wanted.archived),
        chats.c.parent_chat_id.is_(None),
    ]
    if wanted.has_unread is not None:
        found.append(has_unread() if wanted.has_unread else ~has_unread())
    if wanted.title is not None:
        # Not left to the database: only Postgres has an escape by default.
        pattern = f"%{folded(wanted.title)}%"
        found.append(chats.c.folded_title.like(pattern, escape="\\"))
    if len(wanted.labels) > MAX_LABELS:
        # No chat has all of these; SQLite would stumble over the long condition.
        return [false()]
    for key, value in wanted.labels.items():
        # SQLite's paths quote keys; no key holds a quote.
        same = chats.c.labels[key].as_string() == value
        found.append(false() if '"' in key else same)
    return found


def _pin_rank(table: Any) -> ColumnElement[int]:
    """Pinned chats by their order, all others after them."""
    return case(
        (table.c.pin_order > 0, table.c.pin_order), else_=literal(2**31, BigInteger())
    )


def _after(chat_id: str) -> ColumnElement[bool]:
    """What comes after a chat, by its sort key of now."""
    cursor = chats.alias("cursor")
    this_rank, its_rank = _pin_rank(chats), _pin_rank(cursor)
    return (
        select(cursor.c.id)
        .where(
            cursor.c.id == chat_id,
            or_(
                this_rank > its_rank,
                and_(
                    this_rank == its_rank,
                    or_(
                        chats.c.updated_at < cursor.c.updated_at,
                        and_(
                            chats.c.updated_at == cursor.c.updated_at,
                            chats.c.id < cursor.c.id,
                        ),
                    ),
                ),
            ),
        )
        .correlate(chats)
        .exists()
    )
