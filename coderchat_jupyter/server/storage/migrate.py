"""Bring a database up to date. Forward only, run at every start."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import NullPool

from coderchat_jupyter.server.storage.engines import DatabaseUnreachableError

__all__ = ["NewerDatabaseError", "upgrade", "upgrade_postgres"]

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x6D696772
_NEWEST: Final = "head"


class NewerDatabaseError(Exception):
    """The database was written by a newer version of this package."""


def _make_private(path: Path) -> None:
    """Make the file if it is missing; SQLite gives what lies beside it its mode.

    What cannot be made, SQLite words better.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def upgrade(path: Path, revision: str = _NEWEST) -> None:
    """Apply every migration a SQLite file lacks, in one transaction.

    Args:
        path: The file, made if missing, mode 0600.
        revision: How far, for tests.

    Raises:
        NewerDatabaseError: The file is ahead of this version.
        DatabaseUnreachableError: It cannot be opened, or is something else.
    """
    _make_private(path)
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": 30},
    )
    try:
        with closing(engine.raw_connection()) as raw:
            # Persistent, and must be set outside any transaction.
            raw.cursor().execute("PRAGMA journal_mode=WAL")
    except (DBAPIError, sqlite3.Error) as error:
        why = error.orig if isinstance(error, DBAPIError) else error
        msg = f"cannot use {str(path)!r} as a SQLite database: {why}"
        raise DatabaseUnreachableError(msg) from None
    try:
        with engine.begin() as connection:
            # Two starts at once: the second waits here, then finds nothing to do.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            _apply(connection, revision)
    finally:
        engine.dispose()


async def upgrade_postgres(engine: AsyncEngine, revision: str = _NEWEST) -> None:
    """Apply every migration a Postgres database lacks, in one transaction.

    Args:
        engine: Of the database.
        revision: How far, for tests.

    Raises:
        NewerDatabaseError: The database is ahead of this version.
    """
    async with engine.begin() as connection:
        # As above; held to the end of the transaction.
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        await connection.run_sync(_apply, revision)


def _apply(connection: Connection, revision: str) -> None:
    scripts = _scripts()
    known = {script.revision for script in scripts.walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        msg = (
            f"the database was written by a newer version (revision {current});"
            " upgrade coderchat-jupyter, or start with another --database"
        )
        raise NewerDatabaseError(msg)
    if current == scripts.as_revision_number(revision):
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@cache
def _scripts() -> ScriptDirectory:
    """The migrations; it reads them once."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
