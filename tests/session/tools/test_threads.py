"""Functions of users, run where they can block nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator

from coderchat_jupyter.session.tools._threads import in_thread
from coderchat_jupyter.session.tools._values import MOST_ITEMS


async def test_an_asynchronous_generator_gives_a_list() -> None:
    """As a plain one does."""

    async def letters(count: int) -> AsyncIterator[str]:
        for number in range(count):
            yield "abc"[number]

    assert await in_thread(letters, (2,), {}, "letters") == ["a", "b"]


async def test_one_without_end_is_stopped_and_closed() -> None:
    """No more is taken than is told, and one to say that there is more."""
    is_closed = False

    async def endless() -> AsyncIterator[int]:
        nonlocal is_closed
        try:
            while True:
                yield 1
        finally:
            is_closed = True

    found = await in_thread(endless, (), {}, "endless")

    assert len(found) == MOST_ITEMS + 1
    assert is_closed
