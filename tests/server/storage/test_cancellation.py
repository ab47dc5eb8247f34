"""Whoever is cancelled leaves the database as if they had never come."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Coroutine, Generator
from pathlib import Path
from typing import Any, Final

import aiosqlite
import pytest
from sqlalchemy import text

from coderchat_jupyter.server.storage import sqlite_connections
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.sqlite_connections import connect_sqlite
from tests.server.databases import BOTH

_PATIENCE: Final = 5.0
"""Shorter than a writer waits for another."""

_POINTS: Final = 200
"""More than any use of a connection has."""


class _CancelledAt:
    """Runs something, and cancels its task where it awaits for the n-th time.

    Attributes:
        count: How often it awaited so far.
    """

    def __init__(self, work: Coroutine[Any, Any, None], *points: int) -> None:
        self._work = work
        self._points = points
        self.count = 0

    def __await__(self) -> Generator[Any, None, None]:
        task = asyncio.current_task()
        assert task is not None
        steps = self._work.__await__()
        error: BaseException | None = None
        while True:
            try:
                awaited = next(steps) if error is None else steps.throw(error)
            except StopIteration:
                return
            self.count += 1
            if self.count in self._points:
                task.cancel()
            error = None
            try:
                yield awaited
            except BaseException as raised:  # noqa: BLE001  handed on
                error = raised


@pytest.fixture
async def database(address: DatabaseAddress) -> AsyncIterator[Database]:
    found = await Database.open(address)
    yield found
    await found.close()


async def _use(database: Database, how: str) -> None:
    async with getattr(database, how)() as connection:
        await connection.execute(text("SELECT 1"))
        if how != "read":
            await connection.execute(text("UPDATE users SET name = name"))
        await connection.execute(text("SELECT 2"))


async def _use_cancelled(
    database: Database, how: str, *points: int
) -> BaseException | None:
    """The cancellation with all that it refers to; None if it was over before."""
    use = _CancelledAt(_use(database, how), *points)

    async def run() -> None:
        await use

    (found,) = await asyncio.gather(asyncio.create_task(run()), return_exceptions=True)
    assert found is None or isinstance(found, asyncio.CancelledError)
    return None if use.count < points[0] else found


@BOTH
@pytest.mark.parametrize("again", [0, 1])
@pytest.mark.parametrize("how", ["read", "write"])
async def test_a_database_is_free_for_others_wherever_its_user_was_cancelled(
    database: Database, how: str, again: int
) -> None:
    """Cancelled once, or twice: the second time while it is being ended."""
    await _use(database, how)
    cancelled = []
    for point in range(1, _POINTS):
        # What it refers to is kept, as a traceback in a log keeps it.
        found = await _use_cancelled(database, how, point, *[point + again] * again)
        if found is None:
            break
        cancelled.append(found)
        async with asyncio.timeout(_PATIENCE):
            await asyncio.gather(*[_use(database, "write") for _ in range(3)])

    assert 5 < len(cancelled) < _POINTS - 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


@BOTH
async def test_nothing_is_left_open_by_who_is_cancelled_before_the_end(
    database: Database,
) -> None:
    """The collector would find it, and warn."""
    for point in range(1, _POINTS):
        # With a new connection each time: to make one is more than to use it.
        cancelled = await _use_cancelled(database, "write", point)
        async with asyncio.timeout(_PATIENCE):
            await database.close()
        if cancelled is None:
            break
        del cancelled

    gc.collect()
    assert 5 < point < _POINTS - 1


async def test_a_file_that_is_opened_for_somebody_who_went_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody ever gets that connection, so nobody could close it."""
    begun, may_go_on, closed = (threading.Event() for _ in range(3))

    class Told(sqlite_connections._Unlocking):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            begun.set()
            may_go_on.wait(_PATIENCE)

        def close(self) -> None:
            super().close()
            closed.set()

    monkeypatch.setattr(sqlite_connections, "_Unlocking", Told)
    opening = asyncio.create_task(connect_sqlite(tmp_path / "some.db"))
    assert await asyncio.to_thread(begun.wait, _PATIENCE)
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    may_go_on.set()

    assert await asyncio.to_thread(closed.wait, _PATIENCE)


async def test_a_connection_that_is_stopped_while_it_closes_is_closed(
    tmp_path: Path,
) -> None:
    connection = await connect_sqlite(tmp_path / "some.db")
    closing = asyncio.create_task(connection.close())
    await asyncio.sleep(0)
    connection.stop()

    async with asyncio.timeout(_PATIENCE):
        await closing


def test_a_connection_is_closed_also_when_the_loop_has_ended_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who ends a program does not wait for what was given up."""
    may_go_on = threading.Event()
    failed: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", failed.append)

    async def give_up() -> aiosqlite.Connection:
        connection = await connect_sqlite(tmp_path / "some.db")
        await connection.create_function("wait", 0, may_go_on.wait)
        waiting = asyncio.ensure_future(connection.execute("SELECT wait()"))
        await asyncio.sleep(0)
        waiting.cancel()
        connection.stop()
        return connection

    connection = asyncio.run(give_up())
    may_go_on.set()
    connection._thread.join(_PATIENCE)

    assert not failed
    assert not connection._thread.is_alive()
    assert connection._connection is None
