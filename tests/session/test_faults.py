"""Connections that break at any byte: no message is lost, doubled or torn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import Backoff, ChatSession
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.invariants import broken_rules
from coderchat_jupyter.state.select import latest_answer, message_text
from tests.fakes.chat import CHAT_ID, FakeChat
from tests.fakes.proxy import FaultProxy, proxying
from tests.fakes.server import TOKEN, FakeCoder

ANSWER = [f"word{i} " for i in range(12)]


@pytest.fixture
async def proxy(coder: FakeCoder) -> AsyncIterator[FaultProxy]:
    async with proxying(coder.port) as proxy:
        yield proxy


async def answer(chat: FakeChat) -> None:
    """One turn, with room between its steps for a connection to come back."""
    chat.set_status("running")
    for word in ANSWER:
        chat.write(word)
        while not chat.followers:  # noqa: ASYNC110  let it be read while it is written
            await asyncio.sleep(0.001)
    chat.commit()
    chat.finish()


async def converse(coder: FakeCoder, url: str, backoff: Backoff) -> ChatState:
    """Two turns through connections that may break."""
    coder.chat = FakeChat()
    running: list[asyncio.Task[None]] = []
    coder.on_ask = lambda: running.append(asyncio.create_task(answer(coder.chat)))
    async with Client(url, TOKEN) as client:
        session = await ChatSession.open(client, CHAT_ID, backoff=backoff)
        shown: list[str] = []
        leave = session.subscribe(lambda: shown.append(latest_answer(session.state)))
        for prompt in ("One", "Two"):
            await session.send(prompt)
            async with asyncio.timeout(30):
                state = await session.idle()
        leave()
        await session.aclose()
    await asyncio.gather(*running)
    whole = "".join(ANSWER)
    # What a reader saw was always a beginning of the answer, never a doubled word.
    assert all(whole.startswith(text) for text in shown), shown
    return state


@pytest.mark.parametrize("is_abrupt", [False, True])
@pytest.mark.parametrize("start", range(0, 5500, 447))  # of some 5,900 bytes
async def test_a_stream_may_break_after_any_byte(
    coder: FakeCoder, proxy: FaultProxy, start: int, is_abrupt: bool
) -> None:
    """In the handshake, in a frame, between frames: three times in a row."""
    proxy.is_abrupt = is_abrupt
    proxy.limit = lambda n: start + 211 * n if n < 3 else None

    state = await converse(coder, proxy.url, Backoff(base=0.005, cap=0.01))

    assert state.messages == tuple(coder.chat.messages)
    assert [message_text(m) for m in state.messages] == [
        "One",
        "".join(ANSWER),
        "Two",
        "".join(ANSWER),
    ]
    assert not state.preview
    assert broken_rules(state) == ()
    assert proxy.streams > 1


async def test_prompts_are_sent_once_however_often_the_stream_breaks(
    coder: FakeCoder, proxy: FaultProxy
) -> None:
    """A message that is sent twice is answered, and paid for, twice."""
    proxy.limit = lambda n: 900 if n < 10 else None

    await converse(coder, proxy.url, Backoff(base=0.002, cap=0.004))

    sends = [line for line in coder.requests if line.endswith("/messages")]
    assert sends.count(f"POST /chats/{CHAT_ID}/messages") == 2


async def test_a_server_that_is_away_for_a_while_is_waited_for(
    coder: FakeCoder, proxy: FaultProxy
) -> None:
    """The link says since when and until when; the chat goes on by itself."""
    async with Client(proxy.url, TOKEN) as client:
        soon = Backoff(base=0.01, cap=0.02)
        session = await ChatSession.open(client, CHAT_ID, backoff=soon)
        while not coder.chat.followers:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        gave_up = asyncio.Event()
        leave = session.subscribe(
            lambda: gave_up.set() if session.link.attempt > 2 else None
        )

        proxy.is_down = True
        coder.chat.drop()
        async with asyncio.timeout(20):
            await gave_up.wait()
        link = session.link
        coder.chat.store("user", "Meanwhile")
        proxy.is_down = False
        async with asyncio.timeout(20):
            await session.until(lambda state: bool(state.messages))
        leave()
        await session.aclose()

    assert link.phase == "reconnecting"
    assert link.retry_at is not None
    assert proxy.url in link.error
