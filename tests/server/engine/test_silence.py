"""Vendors that say nothing for too long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Literal

import pytest

from coderchat_jupyter.server.engine.silence import Silence, heard
from coderchat_jupyter.server.providers._protocol import Item, TextDelta


async def _a_while() -> None:
    """Longer than no time at all, which is the limit here: turns of the loop."""
    for _ in range(20):
        await asyncio.sleep(0)


class _Vendor:
    """Says one thing at once and another in a while, or nothing for ever."""

    def __init__(self, *, is_mute: bool) -> None:
        self.is_mute = is_mute
        self.is_closed = False

    async def stream(self) -> AsyncGenerator[Item, None]:
        try:
            if not self.is_mute:
                yield TextDelta("One")
                await _a_while()
                yield TextDelta("Two")
                return
            await asyncio.Event().wait()
        finally:
            self.is_closed = True


@pytest.mark.parametrize(
    ("guarded", "is_mute", "said"),
    [
        ("whole", True, None),
        ("start", True, None),
        ("whole", False, None),
        ("start", False, ["One", "Two"]),
    ],
)
async def test_a_silence_ends_a_call_where_it_is_limited(
    guarded: Literal["whole", "start"], is_mute: bool, said: list[str] | None
) -> None:
    """And the connection with it."""
    vendor = _Vendor(is_mute=is_mute)
    items = []
    stream = heard(vendor.stream(), Silence(guarded, 0))

    try:
        async for item in stream:
            assert isinstance(item, TextDelta)
            items.append(item.text)
        ended = True
    except TimeoutError:
        ended = False

    assert ended == (said is not None)
    assert said in (None, items)
    assert vendor.is_closed


async def test_what_is_done_with_an_item_is_no_silence() -> None:
    async def at_once() -> AsyncGenerator[Item, None]:
        yield TextDelta("One")
        yield TextDelta("Two")

    items = []
    async for item in heard(at_once(), Silence("whole", 0)):
        items.append(item)
        await _a_while()

    assert len(items) == 2


@pytest.mark.parametrize(
    ("guarded", "seconds", "limit"),
    [("whole", None, 600), ("start", None, 60), ("start", 5, 5), ("whole", 0.5, 0.5)],
)
def test_each_rule_has_the_limit_of_its_generation(
    guarded: Literal["whole", "start"], seconds: float | None, limit: float
) -> None:
    assert Silence.of(guarded, seconds) == Silence(guarded, limit)
