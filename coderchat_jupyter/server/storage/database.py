"""One SQLite file: opened, brought up to date, read and written.

Any number may read at once; one writes. A writer holds the write lock of this
process *and* SQLite's own from the first statement, so that what it reads is
what it changes, also beside a `coderchat users add` in another process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from coderchat_jupyter.server.storage.migrate import upgrade
from coderchat_jupyter.server.storage.sealing import Sealer

__all__ = ["Database", "DatabaseUrlError", "database_path"]

_BUSY_SECONDS: Final = 10
_READERS: Final = 8


class DatabaseUrlError(ValueError):
    """The address names no database this server can use."""


def database_path(address: str) -> Path:
    """The file a database address names: a path, or a `sqlite:///` URL.

    Raises:
        DatabaseUrlError: It is the address of something else.
    """
    if "://" not in address:
        return Path(address).expanduser().absolute()
    try:
        url = make_url(address)
    except ArgumentError:
        url = URL.create("unknown")
    if url.get_backend_name() != "sqlite" or not url.database:
        # The address may hold a password: only its scheme is repeated.
        scheme = address.split(":", 1)[0]
        msg = (
            f"cannot use a {scheme!r} database: give the path of a SQLite file, "
            "or sqlite:///path"
        )
        raise DatabaseUrlError(msg)
    return Path(url.database).expanduser().absolute()


class Database:
    """The connections to one file.

    `await Database.open(path)` creates or upgrades it; `close()` ends every
    connection. `sealer` encrypts what must not lie in the file in the clear.
    """

    def __init__(self, engine: AsyncEngine, sealer: Sealer) -> None:
        self.sealer = sealer
        self._engine = engine
        self._writer = engine.execution_options(coderchat_writer=True)
        self._lock = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path) -> Database:
        """Open `path`, made if missing, with every migration applied."""
        path.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(upgrade, path)
        sealer = await asyncio.to_thread(Sealer.beside, path)
        return cls(_engine(path), sealer)

    async def close(self) -> None:
        """Close every connection; harmless twice."""
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the database."""
        async with self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that no other writer overlaps; committed at the end."""
        async with self._lock, self._writer.begin() as connection:
            yield connection


def _engine(path: Path) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=_READERS,
        max_overflow=_READERS,
        connect_args={"timeout": _BUSY_SECONDS},
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        # SQLAlchemy, not the driver, says where a transaction begins.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("coderchat_writer", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
