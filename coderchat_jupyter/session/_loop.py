"""The one event loop of this process that talks to servers, on a thread of its own.

It is apart from the kernel's loop, so sockets are drained while a cell computes, and
no cell can be blocked by a slow server.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Coroutine
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Final, TypeVar

__all__ = ["BackgroundLoop", "background", "shutdown_background"]

T = TypeVar("T")

_TICK: Final = 0.1
_WORKERS: Final = 8
_CLOSING: Final = 5.0


class BackgroundLoop:
    """An asyncio loop on a daemon thread, running until it is closed.

    Any thread may submit work. Work that was submitted is never run on the caller's
    thread.
    """

    def __init__(self, name: str = "coderchat") -> None:
        self._loop = asyncio.new_event_loop()
        workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix=f"{name}-worker")
        self._loop.set_default_executor(workers)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop itself, for code that already runs on it."""
        return self._loop

    @property
    def is_closed(self) -> bool:
        """Nothing can be submitted any more."""
        return self._loop.is_closed() or not self._thread.is_alive()

    @property
    def is_here(self) -> bool:
        """The caller runs on this loop's thread."""
        return threading.current_thread() is self._thread

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine here and return at once.

        Cancelling the future cancels the coroutine.

        Raises:
            RuntimeError: The loop is closed.
        """
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise

    async def hop(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine here while the caller's loop, whichever it is, awaits it.

        Cancelling the caller cancels the work.
        """
        if self.is_here:
            return await work
        return await asyncio.wrap_future(self.submit(work))

    def run(self, work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Block until a coroutine is done.

        An interrupt of the kernel takes effect within 0.1 s and cancels the work.

        Args:
            work: The coroutine; it runs on the background thread.
            timeout: Seconds; None waits for ever.

        Raises:
            TimeoutError: It took too long; the work was cancelled.
            RuntimeError: Called on the loop's own thread, which would lock up.
        """
        if self.is_here:
            work.close()
            raise RuntimeError("run() would block the loop that has to do the work.")
        future = self.submit(work)
        left = timeout
        try:
            while True:
                tick = _TICK if left is None else max(0.0, min(_TICK, left))
                # A bare result() cannot be interrupted on every platform.
                with contextlib.suppress(FutureTimeout):
                    return future.result(tick)
                if future.done():
                    return future.result()
                if left is not None and (left := left - tick) <= 0:
                    raise TimeoutError("The work took too long and was cancelled.")
        finally:
            future.cancel()

    def close(self) -> None:
        """Cancel what runs, let it clean up, and end the thread. May be called twice.

        Raises:
            RuntimeError: Called on the loop's own thread.
        """
        if self.is_here:
            raise RuntimeError("A loop cannot close itself.")
        if self.is_closed:
            return
        with contextlib.suppress(CancelledError, FutureTimeout):
            self.submit(_cancel_all()).result(_CLOSING)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CLOSING)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    waiting: list[Awaitable[Any]] = list(tasks)
    await asyncio.gather(*waiting, return_exceptions=True)


class _Process:
    """What there is once per process."""

    lock: Final = threading.Lock()
    loop: BackgroundLoop | None = None


def background() -> BackgroundLoop:
    """The background loop of this process, started on first use.

    A closed one is replaced by a new one. A forked child gets a loop of its own.
    """
    with _Process.lock:
        if _Process.loop is None or _Process.loop.is_closed:
            _Process.loop = BackgroundLoop()
        return _Process.loop


def shutdown_background() -> None:
    """End the background loop, if there is one. The next use starts another."""
    with _Process.lock:
        ended, _Process.loop = _Process.loop, None
    if ended is not None:
        ended.close()
