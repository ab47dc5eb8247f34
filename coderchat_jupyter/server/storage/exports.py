"""Chats as they are copied out: which there are, and what each answer cost."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.tables import chats, messages
from coderchat_jupyter.wire.ids import ChatId, UserId

__all__ = ["Costs", "chat_ids", "costs_of"]


@dataclass(frozen=True, slots=True)
class Costs:
    """What a chat cost, in millionths of a US dollar.

    Attributes:
        of_message: By the id of a message; None for one without a price.
        total: Of all, those that were edited away included.
    """

    of_message: dict[int, int | None]
    total: int


async def chat_ids(
    connection: AsyncConnection, owner_id: UserId | None = None
) -> list[ChatId]:
    """All chats, or those of a user, the oldest first; archived ones too."""
    query = select(chats.c.id).order_by(chats.c.created_at, chats.c.id)
    if owner_id is not None:
        query = query.where(chats.c.owner_id == owner_id)
    return [ChatId(found) for found in (await connection.execute(query)).scalars()]


async def costs_of(connection: AsyncConnection, chat_id: ChatId) -> Costs:
    """What the messages of a chat cost."""
    rows = await connection.execute(
        select(messages.c.id, messages.c.cost_micros).where(
            messages.c.chat_id == chat_id
        )
    )
    found = {row.id: row.cost_micros for row in rows}
    return Costs(found, sum(cost or 0 for cost in found.values()))
