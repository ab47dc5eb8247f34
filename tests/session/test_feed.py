"""The task that keeps a chat live, and how it is let go."""

from __future__ import annotations

import asyncio

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import ConnectionLostError
from coderchat_jupyter.session._backoff import Backoff
from coderchat_jupyter.session._feed import Feed
from coderchat_jupyter.wire.ids import ChatId

NOWHERE = "http://127.0.0.1:1"


@pytest.mark.parametrize("later", range(5))
async def test_a_wait_that_ends_just_then_does_not_keep_a_chat_from_closing(
    later: int,
) -> None:
    """Whoever uses a chat ends the wait before the next attempt, and may close it."""
    async with Client(NOWHERE, "a-token") as client:
        feed = Feed(client, ChatId("chat"), backoff=Backoff(base=60, cap=60))
        with pytest.raises(ConnectionLostError):
            await feed.loaded()
        feed.hurry()
        for _ in range(later):
            await asyncio.sleep(0)

        closing = asyncio.create_task(feed.aclose())
        done, _ = await asyncio.wait({closing}, timeout=2)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)

    assert done
    assert feed.link.phase == "closed"
