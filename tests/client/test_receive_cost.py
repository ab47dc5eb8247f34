"""What it costs to receive a frame, against the library's own loop."""

from __future__ import annotations

import asyncio
import time

from coderchat_jupyter.client import Client
from tests.bench.receive import bare, firehose

EVENTS = 8192
ROUNDS = 5


async def received(url: str) -> float:
    """CPU seconds to take every frame, and to do nothing with it."""
    async with Client(url, "a-b") as client:
        dialer = client.chats._streams._dialer  # type: ignore[attr-defined]
        async with dialer.dial("/x", max_size=2**20) as socket:
            began, count = time.process_time(), 0
            while (socket.take() or await socket.receive()) is not None:
                count += 1
            taken = time.process_time() - began
    assert count == EVENTS + 1
    return taken


def test_a_frame_is_received_for_less_than_the_library_takes() -> None:
    """What is left of the time is for decoding it; a seventh was measured."""
    with firehose(1, EVENTS) as url:
        theirs = min(asyncio.run(bare(url)) for _ in range(ROUNDS))
        ours = min(asyncio.run(received(url)) for _ in range(ROUNDS))

    assert ours < theirs / 2
