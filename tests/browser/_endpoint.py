"""An OpenAI-compatible endpoint beside the browser, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.vendor import FakeVendor, vendor

__all__ = ["run_endpoint"]


@contextmanager
def run_endpoint() -> Iterator[FakeVendor]:
    """Serve until the end of the block; say what it will answer with `will`."""
    # Playwright has a loop of its own in this thread, so there can be no other.
    running: list[FakeVendor] = []
    ready, over = threading.Event(), threading.Event()

    async def serve() -> None:
        async with vendor() as fake:
            running.append(fake)
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="endpoint")
    thread.start()
    try:
        assert ready.wait(10)
        yield running[0]
    finally:
        over.set()
        thread.join()
