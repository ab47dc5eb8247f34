"""A thousand lives of a chat behind a server that breaks its word at every turn.

Connections that are cut at any byte, stalls, half frames, garbage, refusals, every
close code; edits, retries, interrupts and queues meanwhile; all three framings. The
session ends with exactly the server's messages, and nothing is left running.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from coderchat_jupyter.session import background, shutdown_background
from tests.faults.seeded import run_seed

SEEDS = 1000
CHUNK = 50
AT_ONCE = 16
"""Lives side by side: while one waits for a stalled server, others go on."""


@pytest.fixture(autouse=True)
def _own_loop() -> Iterator[None]:
    yield
    shutdown_background()


async def run_chunk(first: int, *, is_polled: bool = False) -> list[str]:
    """Live these lives; what went wrong, each with its seed. No task outlives them."""
    before = asyncio.all_tasks()
    gate = asyncio.Semaphore(AT_ONCE)

    async def live(seed: int) -> str:
        async with gate:
            try:
                streams, _ = await run_seed(seed, is_polled=is_polled)
                assert not (streams and is_polled), "a stream was opened"
            except Exception as error:  # noqa: BLE001  one seed must not hide others
                return f"seed {seed}: {type(error).__name__}: {error}"
        return ""

    told = await asyncio.gather(*(live(s) for s in range(first, first + CHUNK)))
    left = [repr(t) for t in asyncio.all_tasks() - before if not t.done()]
    return [text for text in told if text] + left


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_a_session_ends_with_exactly_the_messages_of_its_server(first: int) -> None:
    """None lost, none doubled, whatever happened on the way."""
    assert background().run(run_chunk(first), timeout=240) == []


def test_a_session_that_only_looks_ends_with_the_same_messages() -> None:
    """Through the same faults, without a stream: the chat stays unread."""
    work = run_chunk(SEEDS, is_polled=True)

    assert background().run(work, timeout=240) == []
