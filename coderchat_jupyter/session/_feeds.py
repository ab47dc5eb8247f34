"""Which feeds run, so that sessions on one chat share a connection.

Belongs to the background loop: no lock is needed, nothing here awaits half-way.
"""

from __future__ import annotations

import weakref
from typing import Final, TypeAlias

from coderchat_jupyter.client import Client
from coderchat_jupyter.session._backoff import Backoff
from coderchat_jupyter.session._connect import reviver
from coderchat_jupyter.session._feed import Feed
from coderchat_jupyter.session._follow import Pace
from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["acquire", "release"]

_DEFAULT: Final = Backoff()

# The chat, and how often to look at it instead of opening its stream.
_Key: TypeAlias = tuple[ChatId, Pace | None]


class _Shared:
    """A feed and how many sessions use it."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.users = 0


_running: Final[weakref.WeakKeyDictionary[Client, dict[_Key, _Shared]]] = (
    weakref.WeakKeyDictionary()
)


def acquire(
    client: Client,
    chat_id: ChatId,
    *,
    backoff: Backoff | None = None,
    state: ChatState = EMPTY,
    pace: Pace | None = None,
) -> Feed:
    """The feed of a chat, started if none runs. Each needs a `release`.

    Args:
        client: Who connects.
        chat_id: The chat.
        backoff: Used if the feed has to be started.
        state: What is known of the chat if the feed has to be started.
        pace: How often to look at the chat, instead of opening its stream.
    """
    chats = _running.setdefault(client, {})
    shared = chats.get((chat_id, pace))
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
            pace=pace,
        )
        shared = chats[chat_id, pace] = _Shared(feed)
    shared.users += 1
    return shared.feed


async def release(feed: Feed) -> None:
    """One session fewer uses a feed; the last one closes it."""
    chats = _running.get(feed.client, {})
    shared = chats.get((feed.chat_id, feed.pace))
    if shared is None or shared.feed is not feed:
        await feed.aclose()
        return
    shared.users -= 1
    if shared.users <= 0:
        del chats[feed.chat_id, feed.pace]
        await feed.aclose()
