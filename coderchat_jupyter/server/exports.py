"""Chats copied out of a database, as their owners could read them."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server import present
from coderchat_jupyter.server.accounts import opened
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.storage import chats, exports, messages, users
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.wire._go import dumps
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["ExportError", "exported"]


class ExportError(ValueError):
    """There is nothing of that name; the text says what."""


async def exported(
    address: DatabaseAddress, chat: str | None, user: str | None
) -> AsyncGenerator[dict[str, Any], None]:
    """Chats, one at a time, all as they were at one moment.

    Each is the API's object of a chat, with `messages` (visible ones, oldest first,
    each with `cost_micros`: null without a price), `queued_messages` and
    `total_cost_micros`, which counts messages that were edited away, too.

    Args:
        address: Of the database.
        chat: The id of the only one; all if None.
        user: Name or id of the owner; any if None.

    Raises:
        ExportError: There is no such chat or user.
    """
    async with opened(address) as database, database.read() as connection:
        owner = None
        if user is not None:
            found = await users.find_user(connection, user)
            if found is None:
                msg = f"there is no user {user!r}"
                raise ExportError(msg)
            owner = found.id
        wanted = (
            await exports.chat_ids(connection, owner) if chat is None else [_id(chat)]
        )
        for chat_id in wanted:
            row = await chats.get_chat(connection, chat_id)
            if row is None or (owner is not None and row.owner_id != owner):
                msg = f"there is no chat {chat!r}"
                raise ExportError(msg if user is None else f"{msg} of {user!r}")
            yield await _chat(connection, row)


def _id(text: str) -> ChatId:
    try:
        return ChatId(normal_uuid(text))
    except ValueError:
        msg = f"{text!r} is not the id of a chat"
        raise ExportError(msg) from None


async def _chat(connection: AsyncConnection, row: ChatRow) -> dict[str, Any]:
    costs = await exports.costs_of(connection, row.id)
    seen = present.visible(await messages.list_messages(connection, row.id))
    queue = await messages.list_queue(connection, row.id)
    return {
        **_told(present.chat(row)),
        "total_cost_micros": costs.total,
        "messages": [
            {**_told(message), "cost_micros": costs.of_message.get(message.id)}
            for message in seen
        ],
        "queued_messages": [_told(present.queued_message(each)) for each in queue],
    }


def _told(value: Any) -> dict[str, Any]:
    """As the API tells it."""
    return dict(json.loads(dumps(value)))
