"""One connection to one chat: read in whole frames, never written to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import ConnectionLostError, NotFoundError
from coderchat_jupyter.wire.events import MessageEvent, UnknownEvent
from coderchat_jupyter.wire.framing import Batch
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import TOKEN, FakeCoder, listen, other_chat, serving


@pytest.fixture
async def coder() -> AsyncIterator[FakeCoder]:
    coder = FakeCoder()
    async with serving(coder, listen()):
        yield coder


async def followed(coder: FakeCoder) -> None:
    async with asyncio.timeout(20):
        while not coder.chat.followers:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_proper_end_ends_the_iterator(coder: FakeCoder, code: int) -> None:
    """The server was told to go, or the chat was left alone."""
    batches: list[Batch] = []

    async with (
        Client(coder.url, TOKEN) as client,
        client.chats.stream(CHAT_ID) as stream,
    ):
        await followed(coder)
        coder.chat.store("user", "Hi")
        coder.chat.drop(code)
        batches.extend([batch async for batch in stream])

    assert [event.type for batch in batches for event in batch] == ["status", "message"]


@pytest.mark.parametrize("code", [1008, 1011, 1012, 4400])
async def test_any_other_end_is_a_lost_connection(coder: FakeCoder, code: int) -> None:
    """Whoever reads on decides what to do about it."""
    async with (
        Client(coder.url, TOKEN) as client,
        client.chats.stream(CHAT_ID) as stream,
    ):
        await followed(coder)
        coder.chat.drop(code)
        with pytest.raises(ConnectionLostError):
            _ = [batch async for batch in stream]


async def test_a_missing_chat_is_said_before_anything_is_read(
    coder: FakeCoder,
) -> None:
    """The server refuses the upgrade with an ordinary answer."""
    async with Client(coder.url, TOKEN) as client:
        with pytest.raises(NotFoundError, match="not found"):
            async with client.chats.stream(other_chat()):
                pass


async def test_a_frame_of_five_megabytes_is_read(coder: FakeCoder) -> None:
    """A batch may hold 256 messages; the library's own limit is 1 MB."""
    text = "word " * 1_000_000

    async with (
        Client(coder.url, TOKEN) as client,
        client.chats.stream(CHAT_ID) as stream,
    ):
        await followed(coder)
        coder.chat.store("assistant", text)
        events = [e async for batch in _first(stream, 2) for e in batch]

    stored = events[-1]
    assert isinstance(stored, MessageEvent)
    assert stored.message.content[0].model_dump()["text"] == text


async def test_a_frame_that_cannot_be_read_does_not_end_the_stream(
    coder: FakeCoder,
) -> None:
    """It stands in its place, so that whoever reads can fetch what was lost."""
    async with (
        Client(coder.url, TOKEN) as client,
        client.chats.stream(CHAT_ID) as stream,
    ):
        await followed(coder)
        coder.chat.say("nonsense")
        coder.chat.store("user", "Hi")
        batches = [batch async for batch in _first(stream, 3)]

    assert batches[1] == (UnknownEvent(raw={}),)
    assert batches[2][0].type == "message"


async def test_leaving_a_stream_ends_its_connection(coder: FakeCoder) -> None:
    """In the middle of an answer, and without waiting for its end."""
    async with Client(coder.url, TOKEN) as client:
        async with client.chats.stream(CHAT_ID) as stream:
            async for _ in stream:
                break
        async with asyncio.timeout(20):
            while coder.chat.followers:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    assert coder.chat.connections == 1


async def _first(stream: AsyncIterator[Batch], count: int) -> AsyncIterator[Batch]:
    for _ in range(count):
        yield await anext(stream)


async def test_a_stream_may_be_left_while_a_task_waits_for_it(coder: FakeCoder) -> None:
    """That task hears that the connection has ended, and nobody of a generator."""
    async with Client(coder.url, TOKEN) as client:
        async with client.chats.stream(CHAT_ID) as stream:
            await anext(stream)
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.wait({waiting}, timeout=0)

        await asyncio.wait({waiting}, timeout=20)

    assert isinstance(waiting.exception(), ConnectionLostError | StopAsyncIteration)
