"""What a SQLite file has of its own, how databases are named, and secrets."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.addresses import (
    DatabaseUrlError,
    database_address,
)
from coderchat_jupyter.server.storage.chats import stored_error
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.migrate import upgrade
from coderchat_jupyter.server.storage.sealing import Sealer, SealingError

UNKNOWN = "The chat request failed unexpectedly."
NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    found = await Database.open(tmp_path / "a" / "server.db")
    yield found
    await found.close()


async def test_the_file_survives_a_crash_cheaply(database: Database) -> None:
    """A write-ahead log: committed is committed, and readers never wait."""
    async with database.read() as connection:
        modes = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert modes == ["wal", 1, 1]


async def test_one_look_is_enough_for_all_who_ask_whether_it_answers(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when who asked first does not wait; who asks later has another one."""
    looks, decide = 0, Database.decide

    @asynccontextmanager
    async def counted(looked_at: Database) -> AsyncIterator[AsyncConnection]:
        nonlocal looks
        looks += 1
        async with decide(looked_at) as connection:
            yield connection

    monkeypatch.setattr(Database, "decide", counted)
    first, *others = [asyncio.create_task(database.fault()) for _ in range(20)]
    await asyncio.sleep(0)
    first.cancel()
    told = await asyncio.gather(*others)
    at_once = looks
    later = await database.fault()

    assert {*told, later} == {""}
    assert first.cancelled()
    assert (at_once, looks) == (1, 2)


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


@pytest.mark.parametrize(
    ("kept", "message", "kind"),
    [
        ({"message": "slow down", "kind": "rate_limit"}, "slow down", "rate_limit"),
        ({"message": "slow down"}, "slow down", "generic"),
        ({"message": " ", "kind": ""}, UNKNOWN, "generic"),
        ({"kind": "auth"}, UNKNOWN, "auth"),
        ({"message": 5}, UNKNOWN, "generic"),
        ([1], UNKNOWN, "generic"),
    ],
)
def test_an_error_that_cannot_be_read_is_still_an_error(
    kept: object, message: str, kind: str
) -> None:
    """A chat must not become unreadable with it."""
    found = stored_error(kept)

    assert (found.message, found.kind) == (message, kind)


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


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_a_file_that_is_made_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Also what lies beside it, whatever the umask is."""
    before = os.umask(0)
    try:
        database = await Database.open(tmp_path / "server.db")
        async with database.read() as connection:
            await connection.exec_driver_sql("SELECT 1")
        modes = _modes(tmp_path)
        await database.close()
    finally:
        os.umask(before)

    assert {"server.db", "server.db-wal", "server.db-shm"} <= set(modes)
    assert set(modes.values()) == {0o600}


async def test_the_mode_of_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    path.touch()
    path.chmod(0o640)

    await (await Database.open(path)).close()

    assert _modes(tmp_path)[path.name] == 0o640
