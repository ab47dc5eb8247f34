"""Chats that come to rest, and none of them is stuck on the way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from tests.server.caller import Client

__all__ = ["rest"]

_PAUSE: Final = 0.05
_TIMES: Final = 2.0
"""How much longer than the threshold: it is looked for stale chats now and then."""


def rest(client: Client, chats: Sequence[str], stale_seconds: float) -> float:
    """Wait until no chat has anything to do; the longest time one stood still.

    Time is counted in looks, each with a pause behind it: while a slow machine lets
    the server wait, it answers no look.

    Args:
        client: Asks.
        chats: Whose rest is waited for.
        stale_seconds: What the server was told.

    Raises:
        AssertionError: One stood still for longer than it may be left behind.
    """
    most = int(_TIMES * stale_seconds / _PAUSE)
    seen: dict[str, Any] = {}
    still = dict.fromkeys(chats, 0)
    longest = 0
    while still:
        for chat in list(still):
            look = _look(client, chat)
            if look["status"] == "waiting" and not look["queue"]:
                del still[chat]
                continue
            still[chat] = still[chat] + 1 if seen.get(chat) == look else 0
            seen[chat] = look
            longest = max(longest, still[chat])
            assert still[chat] <= most, f"{chat} is stuck: {look}"
        time.sleep(_PAUSE)
    return longest * _PAUSE


def _look(client: Client, chat: str) -> dict[str, Any]:
    """All of a chat that changes while it goes on."""
    page, row = client.page(chat), client.chat(chat)
    return {
        "status": row["status"],
        "updated_at": row["updated_at"],
        "newest": page["messages"][0]["id"],
        "queue": [entry["id"] for entry in page["queued_messages"]],
    }
