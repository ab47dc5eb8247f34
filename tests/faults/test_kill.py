"""The server is killed in the middle of an answer and started again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import Backoff, ChatSession, shutdown_background
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.invariants import broken_rules
from coderchat_jupyter.state.select import is_prompt, latest_answer, message_text
from tests.fakes.real_server import RealServer

SOON = Backoff(base=0.05, cap=0.2)
WHOLE = "".join(f"w{i} " for i in range(400))


@pytest.fixture(autouse=True)
def _own_loop() -> Iterator[None]:
    yield
    shutdown_background()


def prompts(state: ChatState) -> list[str]:
    return [message_text(m) for m in state.messages if is_prompt(m)]


def answers(state: ChatState) -> list[str]:
    return [message_text(m) for m in state.messages if m.role == "assistant"]


async def killed_in_the_middle(server: RealServer, session: ChatSession) -> None:
    """Kill it while words are coming, and start it again on the same port."""
    async with asyncio.timeout(60):
        await session.until(lambda state: len(latest_answer(state).split()) > 20)
    server.kill()
    async with asyncio.timeout(20):
        while session.link.phase == "live":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await asyncio.to_thread(server.start)


async def test_a_session_survives_the_death_of_its_server(server: RealServer) -> None:
    """It connects again by itself, and the turn comes to an end."""
    async with Client(server.url, server.token) as client:
        session = await ChatSession.create(client, "#long please", backoff=SOON)

        await killed_in_the_middle(server, session)
        async with asyncio.timeout(60):
            state = await session.idle()
            stored = await client.messages.list(session.chat_id)
        await session.aclose()

    assert session.link.phase == "closed"
    assert prompts(state) == ["#long please"]
    assert len(answers(state)) <= 1
    assert all(WHOLE.startswith(text) for text in answers(state))
    assert state.messages == tuple(reversed(stored.messages))
    assert broken_rules(state) == ()


async def test_the_chat_goes_on_after_the_death_of_its_server(
    server: RealServer,
) -> None:
    """The next prompt is answered as if nothing had happened, once."""
    async with Client(server.url, server.token) as client:
        session = await ChatSession.create(client, "#long please", backoff=SOON)
        await killed_in_the_middle(server, session)
        async with asyncio.timeout(60):
            await session.idle()
            await session.send("And hello?")
            state = await session.idle()
            stored = await client.messages.list(session.chat_id)
        await session.aclose()

    assert prompts(state) == ["#long please", "And hello?"]
    assert answers(state)[-1] == "Hello, world."
    assert state.messages == tuple(reversed(stored.messages))
    ids = [message.id for message in state.messages]
    assert ids == sorted(set(ids))


async def test_a_queue_survives_the_death_of_its_server(server: RealServer) -> None:
    """What was promised to be asked later is asked, once."""
    async with Client(server.url, server.token) as client:
        session = await ChatSession.create(client, "#long please", backoff=SOON)
        sent = await session.send("Later")
        assert sent.queued

        await killed_in_the_middle(server, session)
        async with asyncio.timeout(60):
            state = await session.idle()
            stored = await client.messages.list(session.chat_id)
            if state.queue:
                # A queue behind a failed turn waits for its owner.
                await session.promote(state.queue[0].id)
                state = await session.until(lambda s: len(prompts(s)) == 2)
                state = await session.idle()
                stored = await client.messages.list(session.chat_id)
        await session.aclose()

    assert prompts(state) == ["#long please", "Later"]
    assert answers(state)[-1] == "Hello, world."
    assert state.messages == tuple(reversed(stored.messages))
    assert stored.queued_messages == ()


async def test_a_server_that_shuts_down_politely_is_followed_as_well(
    server: RealServer,
) -> None:
    """An upgrade of the server is a restart, not an error to show."""
    async with Client(server.url, server.token) as client:
        session = await ChatSession.create(client, "#long please", backoff=SOON)
        async with asyncio.timeout(60):
            await session.until(lambda state: len(latest_answer(state).split()) > 20)
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
        async with asyncio.timeout(60):
            state = await session.idle()
            stored = await client.messages.list(session.chat_id)
        await session.aclose()

    assert prompts(state) == ["#long please"]
    assert state.messages == tuple(reversed(stored.messages))
    assert len(answers(state)) <= 1
