"""The order of pinned chats."""

from __future__ import annotations

from coderchat_jupyter.server.failures import bad_request
from coderchat_jupyter.server.service import Service
from coderchat_jupyter.server.storage import chats
from coderchat_jupyter.server.storage.rows import ChatRow

__all__ = ["set_pin"]


async def set_pin(service: Service, chat: ChatRow, position: int) -> None:
    """Unpin (0), pin at the end, or move a pinned chat, shifting its neighbours.

    Args:
        service: Where it happens.
        chat: The chat as it was when the request began.
        position: Where it goes; ignored for a chat not pinned before.

    Raises:
        RequestError: 400.
    """
    if position < 0:
        raise bad_request("Pin order must be non-negative.")
    if position > 0 and chat.archived:
        raise bad_request("Cannot pin an archived chat.")
    if position > 0 and chat.parent_chat_id is not None:
        raise bad_request("Cannot pin a child chat.")
    async with service.database.write() as connection:
        order = await chats.pinned_chats(connection, chat.owner_id)
        was_pinned = chat.id in order
        if not (was_pinned or position):
            return
        if was_pinned:
            order.remove(chat.id)
        if position > 0:
            last = len(order)
            order.insert(min(position - 1, last) if was_pinned else last, chat.id)
        else:
            await chats.change_chat(connection, chat.id, {"pin_order": 0})
        for place, chat_id in enumerate(order, 1):
            await chats.change_chat(connection, chat_id, {"pin_order": place})
