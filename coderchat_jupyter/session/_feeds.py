"""Which feeds run, so that sessions on one chat share a connection.

Belongs to the background loop: no lock is needed, nothing here awaits half-way.
"""

from __future__ import annotations

import weakref
from typing import Final

from coderchat_jupyter.client import Client
from coderchat_jupyter.session._backoff import Backoff
from coderchat_jupyter.session._connect import reviver
from coderchat_jupyter.session._feed import Feed
from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["acquire", "release"]

_DEFAULT: Final = Backoff()


class _Shared:
    """A feed and how many sessions use it."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.users = 0


_running: Final[weakref.WeakKeyDictionary[Client, dict[ChatId, _Shared]]] = (
    weakref.WeakKeyDictionary()
)


def acquire(
    client: Client,
    chat_id: ChatId,
    *,
    backoff: Backoff | None = None,
    state: ChatState = EMPTY,
) -> Feed:
    """The feed of a chat, started if none runs. Each needs a `release`.

    Args:
        client: Who connects.
        chat_id: The chat.
        backoff: Used if the feed has to be started.
        state: What is known of the chat if the feed has to be started.
    """
    chats = _running.setdefault(client, {})
    shared = chats.get(chat_id)
    if shared is not None and shared.feed.link.phase in ("failed", "closed"):
        # Someone may have logged in again since.
        shared = None
    if shared is None:
        feed = Feed(
            client,
            chat_id,
            backoff=backoff or _DEFAULT,
            revive=reviver(client),
            state=state,
        )
        shared = chats[chat_id] = _Shared(feed)
    shared.users += 1
    return shared.feed


async def release(feed: Feed) -> None:
    """One session fewer uses a feed; the last one closes it."""
    chats = _running.get(feed.client, {})
    shared = chats.get(feed.chat_id)
    if shared is None or shared.feed is not feed:
        await feed.aclose()
        return
    shared.users -= 1
    if shared.users <= 0:
        del chats[feed.chat_id]
        await feed.aclose()
