"""What waits for one reader, and when it is cut off."""

from __future__ import annotations

import asyncio

import pytest

from coderchat_jupyter.server.streaming import backlog
from coderchat_jupyter.server.streaming.backlog import Backlog


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "_TEXTS", 3)
    monkeypatch.setattr(backlog, "_CHARACTERS", 10)


@pytest.mark.parametrize(
    ("texts", "is_too_much"),
    [
        (["a", "b", "c"], False),
        (["a", "b", "c", "d"], True),
        (["12345", "67890"], False),
        (["12345", "678901"], True),
        (["12345678901"], True),
    ],
)
async def test_so_many_texts_wait_and_so_long_ones(
    texts: list[str], *, is_too_much: bool
) -> None:
    waiting = Backlog()
    for text in texts:
        waiting.put(text)

    assert waiting.overflowed is is_too_much


async def test_who_keeps_up_is_never_cut_off() -> None:
    """What was taken does not count any more."""
    waiting = Backlog()
    taken = []
    for _ in range(20):
        waiting.put("12345")
        taken += await waiting.take(1, 100)

    assert taken == ["12345"] * 20
    assert not waiting.overflowed


async def test_what_a_reader_begins_with_may_be_of_any_length() -> None:
    """And so much as ever may wait behind it."""
    waiting = Backlog()
    waiting.begin(["1234567890"] * 50)
    for text in ("a", "b", "c"):
        waiting.put(text)
    before = waiting.overflowed
    waiting.put("d")

    assert (before, waiting.overflowed) == (False, True)
    assert len(await waiting.take(1000, 10_000)) == 53


async def test_once_it_has_begun_no_more_may_wait_than_ever() -> None:
    waiting = Backlog()
    waiting.begin(["a"] * 50)
    await waiting.take(1000, 10_000)
    for text in ("1", "2", "3", "4"):
        waiting.put(text)

    assert waiting.overflowed


async def test_who_never_reads_does_not_get_one_beginning_after_another() -> None:
    waiting = Backlog()
    for _ in range(10):
        waiting.begin(["a"] * 50)

    assert waiting.overflowed
    assert len(await waiting.take(1000, 10_000)) == 50


async def test_what_waits_when_it_is_too_much_is_told_and_then_nothing() -> None:
    waiting = Backlog()
    for text in ("1", "2", "3", "4"):
        waiting.put(text)
    await asyncio.wait_for(waiting.overrun(), 5)

    taken = [await waiting.take(2, 100) for _ in range(3)]

    assert taken == [["1", "2"], ["3"], []]
