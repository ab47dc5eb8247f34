"""One database: opened, brought up to date, read and written.

Any number may read at once. A writer that says nothing else is alone: what it reads
is what it changes, also beside a `coderchat users add` in another process. SQLite
has one writer anyway; on Postgres the decisions about different chats overlap, each
under the lock of its chat's row, and only all other writers wait for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from coderchat_jupyter.server.storage.addresses import DatabaseAddress, PostgresUrl
from coderchat_jupyter.server.storage.engines import (
    WRITES,
    postgres_engine,
    sqlite_engine,
)
from coderchat_jupyter.server.storage.migrate import upgrade, upgrade_postgres
from coderchat_jupyter.server.storage.sealing import Sealer
from coderchat_jupyter.server.storage.settings import put_setting

__all__ = ["Database"]

# Fewer than connections, so that a writer who also reads is never the last.
_WRITERS: Final = 8

# Of this package, among all that may lock something in the same database.
_LOCK: Final = 0x636F6465
_ANSWER_SECONDS: Final = 5.0
_SELECT: Final = text("SELECT 1")
_LOOKED: Final = "looked-at"
_ROOM_BYTES: Final = 64 * 1024
"""As much as a turn may want, and less than what SQLite writes before a commit."""

_ALONE: Final = text(f"SELECT pg_advisory_xact_lock({_LOCK})")
_BESIDE: Final = text(f"SELECT pg_advisory_xact_lock_shared({_LOCK})")


class Database:
    """The connections to one database.

    `await Database.open(address)` creates or upgrades it; `close()` ends every
    connection. `sealer` encrypts what must not lie there in the clear.
    """

    def __init__(self, engine: AsyncEngine, sealer: Sealer) -> None:
        self.sealer = sealer
        self._engine = engine
        self._has_row_locks = engine.dialect.name == "postgresql"
        self._writer = engine.execution_options(**{WRITES: True})
        self._reader = (
            engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            if self._has_row_locks
            else engine
        )
        self._writers = asyncio.Semaphore(_WRITERS if self._has_row_locks else 1)
        self._look: asyncio.Task[str] | None = None

    @classmethod
    async def open(cls, address: DatabaseAddress) -> Database:
        """Open what is there, made if missing, with every migration applied.

        Raises:
            NewerDatabaseError: It is ahead of this version.
            DatabaseUrlError: The driver for it is not installed.
            DatabaseUnreachableError: There is no such server, or it lets us not in.
        """
        if isinstance(address, PostgresUrl):
            key_file, engine = address.key_file, postgres_engine(address)
        else:
            address.parent.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(upgrade, address)
            key_file = address.with_name(f"{address.name}.key")
            engine = sqlite_engine(address)
        try:
            if isinstance(address, PostgresUrl):
                await upgrade_postgres(engine)
            sealer = await asyncio.to_thread(Sealer.of_file, key_file)
        except BaseException:
            await engine.dispose()
            raise
        return cls(engine, sealer)

    async def fault(self) -> str:
        """Why nothing could be changed now, or within a few seconds; empty if it could.

        Whoever asks meanwhile is told the same: one look is enough for all.
        """
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._changes(), name="database look")
        return await asyncio.shield(self._look)

    async def _changes(self) -> str:
        """Try a change. It is always the same row, so that the file does not grow."""
        fault = "the database does not answer"
        try:
            async with asyncio.timeout(_ANSWER_SECONDS), self.decide() as connection:
                await connection.execute(_SELECT)
                fault = "the database takes no change"
                if not self._has_row_locks:
                    await self._find_room(connection)
                await put_setting(connection, _LOOKED, datetime.now(UTC).isoformat())
        except Exception:  # noqa: BLE001  whatever it is, it is no answer
            return fault
        return ""

    async def _find_room(self, connection: AsyncConnection) -> None:
        """Take some pages and give them back: a row that is there takes none."""
        room = await connection.begin_nested()
        await put_setting(connection, _LOOKED, "." * _ROOM_BYTES)
        await room.rollback()

    async def close(self) -> None:
        """Close every connection; harmless twice."""
        if self._look is not None:
            self._look.cancel()
            await asyncio.gather(self._look, return_exceptions=True)
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the database."""
        async with self._reader.begin() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that no other writer overlaps; committed at the end."""
        async with self._writing(_ALONE) as connection:
            yield connection

    @asynccontextmanager
    async def decide(self) -> AsyncIterator[AsyncConnection]:
        """A transaction about one chat, beside those about others.

        It reads its chat first, with `get_chat(…, locking=True)`, and changes
        nothing but what belongs to that chat.
        """
        async with self._writing(_BESIDE) as connection:
            yield connection

    @asynccontextmanager
    async def _writing(self, lock: TextClause) -> AsyncIterator[AsyncConnection]:
        async with self._writers, self._writer.begin() as connection:
            if self._has_row_locks:
                await connection.execute(lock)
            yield connection
