"""Fetch what a server holds of one chat: the chat itself and its newest messages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from coderchat_jupyter.client import Client
from coderchat_jupyter.state.steps import ChatFetched, PageFetched, Step
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import MessagesPage

__all__ = ["Fetched", "fetch", "fetch_in_turn"]

# The most messages that a server puts on a page.
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Fetched:
    """A chat and its newest messages."""

    chat: Chat
    page: MessagesPage

    @property
    def steps(self) -> tuple[Step, ...]:
        """How a state takes them over."""
        return (ChatFetched(self.chat), PageFetched(self.page))


async def fetch(client: Client, chat_id: ChatId, *, known: int | None) -> Fetched:
    """Fetch both at the same time.

    Args:
        client: Where the chat is.
        chat_id: The chat.
        known: The newest message that is known: the page reaches back to it.

    Raises:
        CoderChatError: One of them could not be fetched.
    """
    messages = asyncio.create_task(_messages(client, chat_id, known))
    try:
        chat = await client.chats.get(chat_id)
        return Fetched(chat, await messages)
    finally:
        messages.cancel()
        await asyncio.wait([messages])
        if not messages.cancelled():
            messages.exception()  # seen, so that nobody is warned of it


async def fetch_in_turn(
    client: Client, chat_id: ChatId, *, known: int | None
) -> Fetched:
    """Fetch the messages after the chat: the status is never newer than they are.

    Or a turn would seem to have ended without its answer.
    """
    chat = await client.chats.get(chat_id)
    return Fetched(chat, await _messages(client, chat_id, known))


async def _messages(client: Client, chat_id: ChatId, known: int | None) -> MessagesPage:
    """The newest page, made longer until it meets what is known already."""
    page = await client.messages.list(chat_id)
    while known is not None and page.has_more and page.messages:
        oldest = page.messages[-1].id
        if oldest <= known:
            break
        older = await client.messages.list(chat_id, before_id=oldest, limit=_PAGE)
        # A server that does not go back would keep us here for ever.
        goes_back = bool(older.messages) and older.messages[-1].id < oldest
        has_more = older.has_more and goes_back
        longer = page.messages + older.messages
        page = page.model_copy(update={"messages": longer, "has_more": has_more})
    return page
