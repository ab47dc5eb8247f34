"""The real server behind connections that break at any byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import Backoff, ChatSession, shutdown_background
from coderchat_jupyter.state.invariants import broken_rules
from coderchat_jupyter.state.select import latest_answer, message_text
from tests.fakes.proxy import FaultProxy, proxying
from tests.fakes.real_server import RealServer

SOON = Backoff(base=0.01, cap=0.02)
WORDS = "".join(f"w{i} " for i in range(60))


@pytest.fixture(autouse=True)
def _own_loop() -> Iterator[None]:
    yield
    shutdown_background()


@pytest.fixture
async def proxy(server: RealServer) -> AsyncIterator[FaultProxy]:
    async with proxying(server.port) as proxy:
        yield proxy


@pytest.mark.parametrize("is_abrupt", [False, True])
async def test_a_conversation_survives_streams_that_break_again_and_again(
    server: RealServer, proxy: FaultProxy, is_abrupt: bool
) -> None:
    """Each stream gets a little further: every word is cut somewhere."""
    proxy.is_abrupt = is_abrupt
    proxy.limit = lambda n: 150 + 433 * n if n < 12 else None
    async with Client(proxy.url, server.token) as client:
        session = await ChatSession.create(client, "#short one", backoff=SOON)
        shown: list[str] = []
        leave = session.subscribe(lambda: shown.append(latest_answer(session.state)))
        async with asyncio.timeout(60):
            await session.idle()
            await session.send("#short two")
            await session.send("#short three")
            state = await session.idle()
            stored = await client.messages.list(session.chat_id)
        leave()
        await session.aclose()

    assert [message_text(m) for m in state.messages] == [
        "#short one",
        WORDS,
        "#short two",
        WORDS,
        "#short three",
        WORDS,
    ]
    assert state.messages == tuple(reversed(stored.messages))
    assert all(WORDS.startswith(text) for text in shown)
    assert broken_rules(state) == ()
    assert proxy.streams > 1
