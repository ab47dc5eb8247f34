"""The database: its file, its times, its secrets, its writers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError, StatementError

from coderchat_jupyter.server.storage import users
from coderchat_jupyter.server.storage.addresses import (
    DatabaseUrlError,
    database_address,
)
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.migrate import NewerDatabaseError, upgrade
from coderchat_jupyter.server.storage.sealing import Sealer, SealingError
from coderchat_jupyter.server.storage.tables import metadata
from coderchat_jupyter.server.storage.tables import users as table

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    found = await Database.open(tmp_path / "a" / "server.db")
    yield found
    await found.close()


async def test_a_time_comes_back_as_it_went_in(database: Database) -> None:
    """SQLite keeps no zone; a reader must not have to know that."""
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    async with database.write() as connection:
        user = await users.add_user(connection, "one", elsewhere)

    assert user.created_at == NOW
    assert user.created_at.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        async with database.write() as connection:
            await users.add_user(connection, "one", NOW.replace(tzinfo=None))


async def test_a_broken_decision_leaves_nothing(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await users.add_user(connection, "one", NOW)
            await users.add_user(connection, "one", NOW)
    async with database.read() as connection:
        found = await users.find_user(connection, "one")

    assert found is None


async def test_what_a_writer_reads_is_what_it_changes(database: Database) -> None:
    """Two decisions at once would both find the name free."""

    async def add_once() -> bool:
        async with database.write() as connection:
            if await users.find_user(connection, "one"):
                return False
            await asyncio.sleep(0)
            await users.add_user(connection, "one", NOW)
            return True

    made = await asyncio.gather(*(add_once() for _ in range(5)))

    assert sorted(made) == [False] * 4 + [True]


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    async with database.write() as writer:
        await users.add_user(writer, "one", NOW)
        async with database.read() as reader:
            before = await users.find_user(reader, "one")
    async with database.read() as reader:
        after = await users.find_user(reader, "one")

    assert (before, after is not None) == (None, True)


async def test_the_file_survives_a_crash_cheaply(database: Database) -> None:
    """A write-ahead log: committed is committed, and readers never wait."""
    async with database.read() as connection:
        modes = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert modes == ["wal", 1, 1]


async def test_migrations_make_the_tables_that_queries_name(
    database: Database,
) -> None:
    """A column added to one and not to the other would fail at run time only."""
    async with database.read() as connection:
        made = await connection.run_sync(
            lambda sync: {
                name: {
                    (c["name"], str(c["type"]), c["nullable"])
                    for c in inspect(sync).get_columns(name)
                }
                for name in inspect(sync).get_table_names()
                if name not in ("alembic_version", "sqlite_sequence")
            }
        )

    assert made == {
        named.name: {
            (
                column.name,
                column.type.compile(connection.dialect),
                bool(column.nullable),
            )
            for column in named.columns
        }
        for named in metadata.sorted_tables
    }


def test_a_file_is_upgraded_once_however_many_start(tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    upgrade(path)
    upgrade(path)

    with sqlite3.connect(path) as connection:
        versions = connection.execute("SELECT * FROM alembic_version").fetchall()
        sequence = connection.execute(
            "SELECT name, seq FROM sqlite_sequence"
        ).fetchall()
    connection.close()
    assert len(versions) == 1
    assert sequence == [("messages", 1)]


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    upgrade(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(NewerDatabaseError, match="upgrade coderchat-jupyter"):
        upgrade(path)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("sqlite:////data/a.db", "/data/a.db"),
        ("sqlite+aiosqlite:////data/a.db", "/data/a.db"),
        ("/data/a.db", "/data/a.db"),
    ],
)
def test_a_database_is_named_by_path_or_url(
    address: str, name: str, tmp_path: Path
) -> None:
    assert database_address(address, tmp_path) == Path(name)


@pytest.mark.parametrize(
    "address", ["mysql://me:secret@host/db", "sqlite://", "odd://x"]
)
def test_another_database_is_refused_without_telling_its_password(
    address: str, tmp_path: Path
) -> None:
    with pytest.raises(DatabaseUrlError) as refused:
        database_address(address, tmp_path)

    assert "secret" not in str(refused.value)


def test_a_secret_is_sealed_with_a_key_of_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "server.db.key"
    sealed = Sealer.of_file(path).seal(SecretStr("sk-123"))

    again = Sealer.of_file(path)

    assert "sk-123" not in sealed
    assert again.unseal(sealed).get_secret_value() == "sk-123"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["server.db.key"]


def test_a_secret_sealed_with_another_key_is_told_apart(tmp_path: Path) -> None:
    sealed = Sealer.of_file(tmp_path / "a").seal(SecretStr("sk-123"))

    with pytest.raises(SealingError, match="key file was replaced"):
        Sealer.of_file(tmp_path / "b").unseal(sealed)


async def test_a_failed_statement_does_not_quote_what_was_stored(
    database: Database,
) -> None:
    """Values would go to the log with the exception's text."""
    with pytest.raises(IntegrityError) as failed:
        async with database.write() as connection:
            for _ in range(2):
                await users.add_user(connection, "hush-hush", NOW)
    async with database.read() as connection:
        rows = await connection.execute(select(table.c.id))

    assert "hush-hush" not in str(failed.value)
    assert rows.all() == []
