"""Who may read a chat besides its owner.

A family has one list, that of its root.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.groups import groups_of
from coderchat_jupyter.server.storage.rows import ChatRow, UserRow
from coderchat_jupyter.server.storage.tables import chat_readers, chats
from coderchat_jupyter.wire.ids import ChatId, UserId

__all__ = ["change_readers", "is_shared_with", "may_read", "readers_of", "shared_with"]


def may_read(user: UserRow) -> ColumnElement[bool]:
    """That a row of `chats` is for a user to read, who is no administrator."""
    return or_(chats.c.owner_id == user.id, shared_with(user.id))


def shared_with(user_id: UserId) -> ColumnElement[bool]:
    """That a row of `chats` is of a family that a user, or a group of theirs, reads."""
    root = func.coalesce(chats.c.root_chat_id, chats.c.id)
    return exists(
        select(chat_readers.c.chat_id).where(
            chat_readers.c.chat_id == root,
            or_(
                and_(
                    chat_readers.c.kind == "user",
                    chat_readers.c.target == user_id,
                ),
                and_(
                    chat_readers.c.kind == "group",
                    chat_readers.c.target.in_(groups_of(user_id)),
                ),
            ),
        )
    )


async def is_shared_with(
    connection: AsyncConnection, chat: ChatRow, user: UserRow
) -> bool:
    """Whether a user may read a chat."""
    query = select(chats.c.id).where(chats.c.id == chat.id, may_read(user))
    return (await connection.execute(query)).first() is not None


async def readers_of(
    connection: AsyncConnection, root: ChatId
) -> dict[tuple[str, str], str]:
    """The roles of a chat's readers, by kind and id."""
    query = select(chat_readers).where(chat_readers.c.chat_id == root)
    found = await connection.execute(query)
    return {(row.kind, row.target): row.role for row in found}


async def change_readers(
    connection: AsyncConnection, root: ChatId, kind: str, roles: Mapping[str, str]
) -> None:
    """Give roles; an empty one takes the role away."""
    for target, role in roles.items():
        await connection.execute(
            delete(chat_readers).where(
                chat_readers.c.chat_id == root,
                chat_readers.c.kind == kind,
                chat_readers.c.target == target,
            )
        )
        if role:
            await connection.execute(
                insert(chat_readers).values(
                    chat_id=root, kind=kind, target=target, role=role
                )
            )
