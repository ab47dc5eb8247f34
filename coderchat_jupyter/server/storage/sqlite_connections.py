"""Connections to a SQLite file that whoever is cancelled cannot leave locked."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, TypeAlias

import aiosqlite
from aiosqlite import core

__all__ = ["connect_sqlite"]

_BUSY_SECONDS: Final = 10
_ROWS_AT_ONCE: Final = 64

_Asked: TypeAlias = "tuple[asyncio.Future[Any] | None, Callable[[], Any]]"

# What the library's thread ends with, where it still does.
_END: Final = getattr(core, "_STOP_RUNNING_SENTINEL", None)


async def connect_sqlite(path: Path) -> aiosqlite.Connection:
    """Open a connection, with a thread of its own that keeps no process alive."""
    connection = _StoppedOnce(_File(path))
    if _END is not None:
        connection._thread = Thread(target=_work, args=(connection._tx,))
    connection._thread.daemon = True  # as SQLAlchemy does it
    return await connection


def _work(asked: SimpleQueue[_Asked]) -> None:
    """Do what a connection is asked, as the library's thread, until it is closed.

    That one breaks off, with the file still open, where the loop that asked has ended
    before it is answered: who is cancelled as a program ends waits for no answer.
    """
    while not _is_end(*asked.get()):
        pass


def _is_end(future: asyncio.Future[Any] | None, do: Callable[[], Any]) -> bool:
    try:
        result = do()
    except BaseException as error:  # noqa: BLE001  handed on
        _tell(future, asyncio.Future.set_exception, error)
        return False
    _tell(future, asyncio.Future.set_result, result)
    return result is _END


def _tell(
    future: asyncio.Future[Any] | None,
    how: Callable[[asyncio.Future[Any], Any], None],
    what: object,
) -> None:
    if future is None:
        return

    def answer() -> None:
        if not future.done():
            how(future, what)

    with suppress(RuntimeError):  # its loop has ended
        future.get_loop().call_soon_threadsafe(answer)


class _File:
    """Opens a file, and knows what it opened.

    Who is cancelled while it is opened never gets the connection, and it would stay
    open until the collector finds it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: sqlite3.Connection | None = None

    def open(self) -> sqlite3.Connection:
        self._opened = sqlite3.connect(
            self._path,
            timeout=_BUSY_SECONDS,
            # The collector may close it, in whatever thread it runs.
            check_same_thread=False,
            factory=_Unlocking,
        )
        return self._opened

    def close(self) -> None:
        """Harmless twice, and where nothing was opened."""
        if self._opened is not None:
            self._opened.close()


class _Unlocking(sqlite3.Connection):
    """Ends its transaction before it closes.

    Who is cancelled between a statement and its rows leaves the statement open. It
    keeps a closed connection alive, and with it the lock of the transaction: nobody
    else could write until the collector finds it.
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


class _StoppedOnce(aiosqlite.Connection):
    """Ends its thread once, and leaves no file open.

    A connection that is closed by force while it closes would wait for ever: what is
    told to a thread after its end nobody answers.
    """

    def __init__(self, file: _File) -> None:
        super().__init__(file.open, _ROWS_AT_ONCE)
        self._file = file
        self._is_stopped = False

    def stop(self) -> asyncio.Future[None] | None:
        """What tells that the thread has ended; None if it was told to before."""
        if self._is_stopped:
            return None
        self._is_stopped = True
        self._tx.put_nowait((None, self._file.close))
        return super().stop()
