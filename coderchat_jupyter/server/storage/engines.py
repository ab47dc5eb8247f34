"""Connections to a SQLite file and to a Postgres database, alike for their users."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from coderchat_jupyter.server.foreign_json import read_stored
from coderchat_jupyter.server.storage.addresses import DatabaseUrlError, PostgresUrl
from coderchat_jupyter.server.storage.sqlite_connections import connect_sqlite

if TYPE_CHECKING:
    import asyncpg

__all__ = [
    "WRITES",
    "DatabaseUnreachableError",
    "connect_postgres",
    "postgres_engine",
    "sqlite_engine",
]

WRITES: Final = "coderchat_writes"
"""The execution option of an engine whose transactions change something."""

_CONNECT_SECONDS: Final = 10
_CONNECTIONS: Final = 8


class DatabaseUnreachableError(ConnectionError):
    """The Postgres server cannot be reached, or lets us not in."""


def sqlite_engine(path: Path) -> AsyncEngine:
    """Connections to a file, with a write-ahead log: readers wait for nobody."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        async_creator=partial(connect_sqlite, path),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        json_deserializer=read_stored,
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
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def postgres_engine(address: PostgresUrl) -> AsyncEngine:
    """Connections to a Postgres server; the first is made when it is needed.

    Raises:
        DatabaseUrlError: The driver is not installed.
    """
    _require_driver()

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=partial(connect_postgres, address),
        pool_size=_CONNECTIONS,
        max_overflow=_CONNECTIONS,
        # A Postgres that was started anew must not cost each connection a request.
        pool_pre_ping=True,
        json_deserializer=read_stored,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "before_cursor_execute", retval=True)
    def _storable(
        _: Any, __: Any, statement: str, values: Any, ___: Any, is_many: Any
    ) -> tuple[str, Any]:
        if is_many:
            return statement, [_without_nul(row) for row in values]
        return statement, _without_nul(values)

    return engine


async def connect_postgres(address: PostgresUrl) -> asyncpg.Connection[Any]:
    """One connection to a Postgres server.

    Raises:
        DatabaseUrlError: The driver is not installed.
        DatabaseUnreachableError: There is no such server, or it lets us not in.
    """
    _require_driver()
    import asyncpg

    # The driver reads the address: TLS, sockets, many hosts, as libpq does.
    try:
        return await asyncpg.connect(
            address.url.get_secret_value(), timeout=_CONNECT_SECONDS
        )
    except TimeoutError:
        why = "it does not answer"
    except (OSError, asyncpg.PostgresError) as error:
        why = str(error)
    except (asyncpg.InterfaceError, ValueError):
        # The text may quote the address.
        why = "its address cannot be read"
    raise DatabaseUnreachableError(f"cannot use the Postgres database: {why}")


def _require_driver() -> None:
    try:
        import asyncpg  # noqa: F401
    except ModuleNotFoundError:
        msg = "Postgres needs 'asyncpg': pip install 'coderchat-jupyter[postgres]'"
        raise DatabaseUrlError(msg) from None


def _without_nul(values: Any) -> Any:
    """Postgres keeps no NUL in a text, and a path or a title may hold one."""
    if not any(isinstance(value, str) and "\0" in value for value in values):
        return values
    return tuple(
        value.replace("\0", "\ufffd") if isinstance(value, str) else value
        for value in values
    )
