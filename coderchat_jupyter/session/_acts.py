"""What a session does to its chat that takes more than one call."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Final

from coderchat_jupyter.errors import CoderChatError, ConflictError
from coderchat_jupyter.session._feed import Feed
from coderchat_jupyter.session._recorder import Recording, header_of
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import is_answered, is_idle
from coderchat_jupyter.state.steps import ChatFetched, MessageSent
from coderchat_jupyter.wire.chats import UpdateChat
from coderchat_jupyter.wire.messages import SentMessage

__all__ = [
    "load_older",
    "record",
    "refetch",
    "rename",
    "sent",
    "settled",
    "stop",
    "until_idle",
]

# v2.34 may say `waiting` before the last message of a turn; it is never long.
_LATE_MESSAGE: Final = 2.0

# v2.34 ignores an interrupt until a worker has taken the chat: a second, mostly.
_PENDING: Final = 15.0


def sent(feed: Feed, answer: SentMessage) -> SentMessage:
    """Take over the answer to a send."""
    feed.take(MessageSent(answer))
    if answer.message is not None:
        feed.expect(answer.message.id)
    return answer


async def stop(feed: Feed) -> None:
    """Stop the running answer. Fine if none runs."""
    chats = feed.client.chats
    try:
        chat = await chats.interrupt(feed.chat_id)
        if chat.status == "pending":
            async with asyncio.timeout(_PENDING):
                await feed.until(lambda state: state.status != "pending")
            chat = await chats.interrupt(feed.chat_id)
    except (ConflictError, TimeoutError):
        return  # nothing ran
    feed.take(ChatFetched(chat))


async def until_idle(feed: Feed) -> ChatState:
    """Wait until nothing runs, nothing is queued and the answer is there."""
    await feed.until(is_idle)
    await settled(feed)
    return await feed.until(is_idle)


async def settled(feed: Feed) -> ChatState:
    """See to it that the end of the answer of an idle chat is in the state."""
    if not is_answered(feed.state):
        # If this fails, the next connection fetches the same.
        with contextlib.suppress(CoderChatError):
            await feed.refreshed()
    preview = feed.state.preview
    if not is_answered(feed.state) and preview and not preview.is_failed:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LATE_MESSAGE):
                await feed.until(is_answered)
    return feed.state


async def rename(feed: Feed, title: str) -> None:
    """Give the chat a title."""
    changes = UpdateChat(title=title)
    try:
        await feed.client.chats.update(feed.chat_id, changes)
    except ConflictError:
        # v2.34 renames no chat that waits for a worker.
        await feed.until(lambda state: state.status != "pending")
        await feed.client.chats.update(feed.chat_id, changes)
    await refetch(feed)


async def refetch(feed: Feed) -> None:
    """Fetch the chat itself."""
    feed.take(ChatFetched(await feed.client.chats.get(feed.chat_id)))


async def load_older(feed: Feed) -> bool:
    """Fetch the page before the oldest message; whether there was one."""
    if not feed.state.has_older or not feed.state.messages:
        return False
    await feed.load_older()
    return True


async def record(feed: Feed, path: str | os.PathLike[str]) -> Recording:
    """Write all that is told of the chat to a file."""
    client = feed.client
    header = await header_of(client, feed.chat_id)
    recording = Recording(
        path, header, scrub=client.without_token, begun=client.begins_token
    )
    await feed.record(recording)
    return recording
