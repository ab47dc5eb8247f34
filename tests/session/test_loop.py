"""The background loop: never the caller's thread, never in anybody's way."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from coderchat_jupyter.session import BackgroundLoop, background, shutdown_background


@pytest.fixture
def loop() -> Iterator[BackgroundLoop]:
    loop = BackgroundLoop("coderchat-test")
    yield loop
    loop.close()
    assert loop.is_closed


async def where() -> str:
    return threading.current_thread().name


async def for_ever(
    ended: threading.Event, begun: threading.Event | None = None
) -> None:
    try:
        if begun is not None:
            begun.set()
        await asyncio.Event().wait()
    finally:
        ended.set()


def test_work_runs_on_a_thread_of_its_own(loop: BackgroundLoop) -> None:
    """A cell that computes must not hold up the sockets."""
    assert loop.run(where()) == "coderchat-test"
    assert loop.submit(where()).result(10) == "coderchat-test"


async def test_any_loop_may_await_work(loop: BackgroundLoop) -> None:
    """The kernel's own loop goes on meanwhile."""
    assert await loop.hop(where()) == "coderchat-test"


async def test_work_may_await_more_work_of_the_same_loop(loop: BackgroundLoop) -> None:
    """It would lock up if it waited for itself."""

    async def outer() -> str:
        return await loop.hop(where())

    assert await loop.hop(outer()) == "coderchat-test"


async def test_cancelling_the_caller_cancels_the_work(loop: BackgroundLoop) -> None:
    """An interrupted cell leaves nothing behind."""
    begun, ended = threading.Event(), threading.Event()
    caller = asyncio.create_task(loop.hop(for_ever(ended, begun)))
    assert await asyncio.to_thread(begun.wait, 10)

    caller.cancel()

    with pytest.raises(asyncio.CancelledError):
        await caller
    assert await asyncio.to_thread(ended.wait, 10)


def test_an_error_reaches_the_caller(loop: BackgroundLoop) -> None:
    """As it is, with its traceback."""

    async def fail() -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        loop.run(fail())


def test_a_timeout_cancels_the_work(loop: BackgroundLoop) -> None:
    """It would go on unseen otherwise."""
    ended = threading.Event()

    with pytest.raises(TimeoutError, match="too long"):
        loop.run(for_ever(ended), timeout=0.05)

    assert ended.wait(10)


def test_a_timeout_of_the_work_is_told_apart(loop: BackgroundLoop) -> None:
    """It has the same type, and must not look like ours."""

    async def slow() -> None:
        raise TimeoutError("of the work")

    with pytest.raises(TimeoutError, match="of the work"):
        loop.run(slow(), timeout=10)


def test_an_interrupt_ends_the_wait_and_the_work(loop: BackgroundLoop) -> None:
    """The stop button of a notebook sends it to the main thread."""
    ended = threading.Event()
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        loop.run(for_ever(ended), timeout=30)

    assert ended.wait(10)


def test_blocking_on_the_loops_own_thread_is_refused(loop: BackgroundLoop) -> None:
    """It would wait for itself for ever."""

    async def block() -> None:
        loop.run(where())

    with pytest.raises(RuntimeError, match="would block"):
        loop.run(block())


def test_closing_ends_everything_that_runs() -> None:
    """And says so to whoever waits."""
    loop = BackgroundLoop("coderchat-test")
    ended = threading.Event()
    future = loop.submit(for_ever(ended))
    loop.run(where())  # it has begun by then

    loop.close()
    loop.close()

    assert ended.is_set()
    assert future.cancelled()
    with pytest.raises(RuntimeError):
        loop.submit(where())


def test_a_process_has_one_loop_until_it_is_closed() -> None:
    """All cells share it; the next use after closing starts another."""
    first = background()
    assert background() is first

    shutdown_background()
    second = background()
    shutdown_background()

    assert second is not first
    assert first.is_closed
    assert second.is_closed
