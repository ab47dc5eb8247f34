"""Servers on one Postgres database tell each other by LISTEN and NOTIFY.

A notification is sent with the transaction that it tells of, so it comes if and only
if that was committed, and all servers hear all of them in one order. The connection
that listens also holds an advisory lock in the name of its server: while it is held,
the server lives.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4
from weakref import WeakValueDictionary
from zlib import crc32

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.pubsub.channels import Living, Receipt
from coderchat_jupyter.server.pubsub.notes import (
    MAX_PAYLOAD_BYTES,
    Note,
    decode,
    encode,
)
from coderchat_jupyter.server.storage.addresses import PostgresUrl
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.engines import connect_postgres
from coderchat_jupyter.server.storage.large_notices import keep_notice, kept_notice

if TYPE_CHECKING:
    import asyncpg

__all__ = ["PostgresPubsub"]

_log = logging.getLogger(__name__)

_CHANNEL: Final = "coderchat"
_LIFE: Final = 0x6C697665
"""Of all advisory locks, those that tell who lives."""

_CLAIMED: Final = 0x6E616D65
"""Those that are held by a name."""

_PING_SECONDS: Final = 15.0
_ANSWER_SECONDS: Final = 5.0
_TOLD_SECONDS: Final = 1.0
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 5.0

_NOTIFY: Final = text(f"SELECT pg_notify('{_CHANNEL}', :payload)")
_KEEP: Final = "INSERT INTO large_notices (id, payload, created_at) VALUES ($1, $2, $3)"
_FORGET: Final = "DELETE FROM large_notices WHERE created_at < $1"
_KEPT: Final = timedelta(minutes=5)
_LIVING: Final = text(
    "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND classid = :life AND objsubid = 2 AND database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class PostgresPubsub:
    """Tells all servers on a database, and hears them.

    Args:
        address: Of the database; one connection of its own listens.
        database: The same, for looking up what was too long to be told.
        worker_id: Of this server.
    """

    is_shared = True

    def __init__(
        self, address: PostgresUrl, database: Database, worker_id: str
    ) -> None:
        self._address = address
        self._database = database
        self._worker_id = worker_id
        self._number = 0
        self._receipts: WeakValueDictionary[int, Receipt] = WeakValueDictionary()
        self._payloads: asyncio.Queue[str] = asyncio.Queue()
        self._connection: asyncpg.Connection[Any] | None = None
        self._lost = asyncio.Event()
        self._speaking = asyncio.Lock()
        self._receive: Callable[[Note], None] = lambda _: None
        self._caught_up: Callable[[], None] = lambda: None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(
        self, receive: Callable[[Note], None], caught_up: Callable[[], None]
    ) -> None:
        """Listen; see `Pubsub.start`.

        Raises:
            DatabaseUnreachableError: The database cannot be reached.
        """
        self._receive, self._caught_up = receive, caught_up
        await self._listen()
        self._tasks = [
            asyncio.create_task(self._read(), name="pubsub"),
            asyncio.create_task(self._keep(), name="pubsub connection"),
        ]

    async def stop(self) -> None:
        """Listen no more, and be known to be gone."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.remove_termination_listener(self._ended)
            with suppress(Exception):
                await connection.close(timeout=_ANSWER_SECONDS)
            connection.terminate()

    async def send(self, connection: AsyncConnection, note: Note) -> Receipt | None:
        """Tell something, once the transaction is committed."""
        self._number += 1
        number = self._number
        payload = encode(replace(note, by=self._worker_id, number=number))
        if len(payload.encode()) > MAX_PAYLOAD_BYTES:
            key = await keep_notice(connection, payload, datetime.now(UTC))
            payload = self._reference(number, key)
        await connection.execute(_NOTIFY, {"payload": payload})
        receipt = self._receipts[number] = Receipt()
        return receipt

    async def say(self, note: Note) -> None:
        """Tell something now; it is not told while the connection is lost."""
        connection = self._connection
        if connection is None or self._lost.is_set():
            return
        self._number += 1
        number = self._number
        payload = encode(replace(note, by=self._worker_id, number=number))
        try:
            async with asyncio.timeout(_ANSWER_SECONDS), self._speaking:
                if len(payload.encode()) > MAX_PAYLOAD_BYTES:
                    key = str(uuid4())
                    await connection.execute(_KEEP, key, payload, _now())
                    payload = self._reference(number, key)
                await connection.execute("SELECT pg_notify($1, $2)", _CHANNEL, payload)
        except Exception as error:  # noqa: BLE001  who missed it reads it when it asks
            _log.warning("a notification was not sent: %s", type(error).__name__)

    async def told(self, receipt: Receipt) -> None:
        """Wait until what was committed before has been received here, if it comes."""
        if self._lost.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_TOLD_SECONDS):
                await receipt.came.wait()

    async def claim(self, name: str) -> bool:
        """Hold a lock of the database; without a connection nobody is kept out."""
        found = await self._ask("SELECT pg_try_advisory_lock($1, $2)", name)
        return found is not False

    async def disclaim(self, name: str) -> None:
        """Let it go; it is gone already if the connection was lost meanwhile."""
        await self._ask("SELECT pg_advisory_unlock($1, $2)", name)

    async def _ask(self, statement: str, name: str) -> Any:
        connection = self._connection
        if connection is None or self._lost.is_set():
            return None
        try:
            async with asyncio.timeout(_ANSWER_SECONDS), self._speaking:
                return await connection.fetchval(
                    statement, _CLAIMED, crc32(name.encode()) & 0x7FFFFFFF
                )
        except Exception as error:  # noqa: BLE001  as if it had been lost before
            _log.warning("a name was not asked for: %s", type(error).__name__)
            return None

    async def living(self, connection: AsyncConnection) -> Living:
        """Ask the database who holds the lock in their name."""
        found = set((await connection.execute(_LIVING, {"life": _LIFE})).scalars())
        return lambda worker_id: _key(worker_id) in found

    def _reference(self, number: int, key: str) -> str:
        """What is told in place of a note that is too long."""
        return json.dumps({"by": self._worker_id, "number": number, "kept": key})

    async def _listen(self) -> None:
        connection = await connect_postgres(self._address)
        try:
            # Shared: a connection of our own that is dying may hold it still.
            await connection.execute(
                "SELECT pg_advisory_lock_shared($1, $2)", _LIFE, _key(self._worker_id)
            )
            await connection.add_listener(_CHANNEL, self._heard)
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection
        self._lost.clear()
        connection.add_termination_listener(self._ended)

    def _heard(self, _: Any, __: int, ___: str, payload: str) -> None:
        self._payloads.put_nowait(payload)

    def _ended(self, _: Any) -> None:
        self._lost.set()
        for receipt in list(self._receipts.values()):
            receipt.came.set()

    async def _read(self) -> None:
        while True:
            payload = await self._payloads.get()
            try:
                note = await self._note(payload)
                if note is None:
                    continue
                if note.by != self._worker_id:
                    self._receive(note)
                elif (receipt := self._receipts.get(note.number)) is not None:
                    receipt.came.set()
            except Exception as error:  # noqa: BLE001  the next one may be better
                _log.error("a notification was lost by %s", type(error).__name__)
                self._caught_up()

    async def _note(self, payload: str) -> Note | None:
        note = decode(payload)
        if note.by == self._worker_id:
            return note
        key = json.loads(payload).get("kept")
        if key is None:
            return note
        async with self._database.read() as connection:
            kept = await kept_notice(connection, key)
        return decode(kept) if kept is not None else None

    async def _keep(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PING_SECONDS):
                    await self._lost.wait()
            if await self._answers():
                continue
            _log.warning("the connection for notifications was lost")
            await self._again()
            _log.warning("notifications come again")
            self._caught_up()

    async def _answers(self) -> bool:
        if self._lost.is_set() or self._connection is None:
            return False
        try:
            async with asyncio.timeout(_ANSWER_SECONDS), self._speaking:
                await self._connection.execute(_FORGET, _now() - _KEPT)
        except Exception:  # noqa: BLE001  whatever it is, it is of no use
            self._connection.remove_termination_listener(self._ended)
            self._connection.terminate()
            self._ended(None)
            return False
        return True

    async def _again(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._listen()
            except Exception:  # noqa: BLE001  it is tried until it is there
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                return


def _now() -> datetime:
    """The time, in the form of a column: UTC without saying so."""
    return datetime.now(UTC).replace(tzinfo=None)


def _key(worker_id: str) -> int:
    """A worker in 31 bits. Should two meet, a dead one is only found out later."""
    return int(worker_id[:8], 16) & 0x7FFFFFFF
