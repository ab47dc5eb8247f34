"""Stop must not let a vendor go on, and bill, in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from coderchat_jupyter.server.providers import Provider
from coderchat_jupyter.server.providers._protocol import TextDelta
from tests.fakes.vendor import FakeVendor, Reply
from tests.server.providers.answers import ANSWERS
from tests.server.providers.calls import call, items

Connect = Callable[..., Provider]

TYPES = pytest.mark.parametrize("type_", sorted({*ANSWERS, "openai-compat"}))


def answer(type_: str) -> Reply:
    return ANSWERS.get(type_, ANSWERS["openai"])(ending="hang")


@TYPES
async def test_closing_the_stream_closes_the_connection_at_once(
    vendor: FakeVendor, connect: Connect, type_: str
) -> None:
    vendor.will(answer(type_))
    stream = connect(type_).stream(call())
    first = await anext(stream)

    await stream.aclose()

    assert first == TextDelta("par")
    async with asyncio.timeout(5):
        await vendor.left.wait()


@TYPES
async def test_cancelling_in_mid_answer_closes_the_connection_at_once(
    vendor: FakeVendor, connect: Connect, type_: str
) -> None:
    vendor.will(answer(type_))
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in connect(type_).stream(call()):
            begun.set()

    reading = asyncio.create_task(read())
    async with asyncio.timeout(20):
        await begun.wait()

    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    async with asyncio.timeout(5):
        await vendor.left.wait()


@TYPES
async def test_cancelling_before_the_first_word_closes_the_connection_too(
    vendor: FakeVendor, connect: Connect, type_: str
) -> None:
    """The status line is all that came."""
    vendor.will(Reply(ending="hang"))
    reading = asyncio.create_task(items(connect(type_)))
    async with asyncio.timeout(20):
        await vendor.asked.wait()

    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading
    async with asyncio.timeout(5):
        await vendor.left.wait()
