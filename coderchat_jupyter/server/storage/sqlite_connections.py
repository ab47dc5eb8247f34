"""Connections to a SQLite file that whoever is cancelled cannot leave locked."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import aiosqlite

__all__ = ["connect_sqlite"]

_BUSY_SECONDS: Final = 10
_ROWS_AT_ONCE: Final = 64


async def connect_sqlite(path: Path) -> aiosqlite.Connection:
    """Open a connection, with a thread of its own that keeps no process alive."""
    open_file = partial(
        sqlite3.connect,
        path,
        timeout=_BUSY_SECONDS,
        # The collector may close it, in whatever thread it runs.
        check_same_thread=False,
        factory=_Unlocking,
    )
    connection = _StoppedOnce(open_file, _ROWS_AT_ONCE)
    connection._thread.daemon = True  # as SQLAlchemy does it
    return await connection


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
    """Ends its thread once.

    A connection that is closed by force while it closes would wait for ever: what is
    told to a thread after its end nobody answers.
    """

    _is_stopped = False

    def stop(self) -> asyncio.Future[None] | None:
        """What tells that the thread has ended; None if it was told to before."""
        if self._is_stopped:
            return None
        self._is_stopped = True
        return super().stop()
