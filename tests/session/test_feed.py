"""The task that keeps a chat live, and how it is let go."""

from __future__ import annotations

import asyncio

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import ConnectionLostError
from coderchat_jupyter.session import Backoff, ChatSession, shutdown_background
from coderchat_jupyter.session._feed import Feed
from coderchat_jupyter.wire.ids import ChatId
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import FakeCoder

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
        done, _ = await asyncio.wait({closing}, timeout=30)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)

    assert done
    assert feed.link.phase == "closed"


async def test_a_session_whose_loop_was_shut_down_is_closed(
    coder: FakeCoder, client: Client
) -> None:
    """And says so in our words, leaving nothing behind that was never awaited."""
    session = await ChatSession.open(client, CHAT_ID)
    await client.aclose()
    await asyncio.to_thread(shutdown_background)

    with pytest.raises(ConnectionLostError, match="was closed"):
        await session.send("Hi")
    await session.aclose()
