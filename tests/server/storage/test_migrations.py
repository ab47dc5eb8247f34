"""A database of every earlier version becomes one of today, with all it holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, text

from coderchat_jupyter.server.storage import chats, messages
from coderchat_jupyter.server.storage.addresses import DatabaseAddress, PostgresUrl
from coderchat_jupyter.server.storage.chat_pages import ChatFilter, page_of_chats
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.engines import postgres_engine, sqlite_engine
from coderchat_jupyter.server.storage.migrate import (
    NewerDatabaseError,
    upgrade,
    upgrade_postgres,
)
from coderchat_jupyter.server.storage.rows import NewMessage
from coderchat_jupyter.wire.ids import ChatId, UserId
from tests.fakes.postgres import Postgres
from tests.server.databases import BOTH

pytestmark = BOTH

_NOW = datetime(2026, 3, 1, 12, 30, 15, 123456)  # noqa: DTZ001  as it is stored

# What version 0001 could hold, by table. `last_error` was a text once.
_ROWS: dict[str, list[dict[str, Any]]] = {
    "users": [
        {
            "id": "u1",
            "username": "one",
            "name": "One",
            "email": "one@localhost",
            "is_admin": True,
            "created_at": _NOW,
            "updated_at": _NOW,
        }
    ],
    "organizations": [
        {
            "id": "o1",
            "name": "coder",
            "display_name": "Coder",
            "created_at": _NOW,
            "updated_at": _NOW,
        }
    ],
    "organization_members": [{"organization_id": "o1", "user_id": "u1"}],
    "ai_providers": [
        {
            "id": "p1",
            "type": "openai",
            "name": "p",
            "display_name": "P",
            "enabled": True,
            "base_url": "",
            "created_at": _NOW,
            "updated_at": _NOW,
        }
    ],
    "model_configs": [
        {
            "id": "m1",
            "ai_provider_id": "p1",
            "model": "m",
            "display_name": "M",
            "enabled": True,
            "is_default": True,
            "context_limit": 1000,
            "compression_threshold": 70,
            "call_config": "{}",
            "created_at": _NOW,
            "updated_at": _NOW,
        }
    ],
    "chats": [
        {
            "id": chat_id,
            "organization_id": "o1",
            "owner_id": "u1",
            "last_model_config_id": "m1",
            "title": "Old",
            "status": "error",
            "last_error": error,
            "labels": '{"team": "blue"}',
            "client_type": "api",
            "created_at": _NOW,
            "updated_at": _NOW,
        }
        for chat_id, error in {
            "text": json.dumps('it said "no"'),
            "empty": json.dumps(""),
            "null": "null",
            "none": None,
            "whole": json.dumps({"message": "slow down", "kind": "rate_limit"}),
            "body": '{"error": "no quota"}',
            "list": '["a", true]',
        }.items()
    ],
    "messages": [
        {
            "chat_id": "text",
            "role": "assistant",
            "visibility": "both",
            "content": '[{"type": "text", "text": "hello"}]',
            "created_at": _NOW,
        }
    ],
}


@pytest.fixture
def old(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[DatabaseAddress]:
    """A database without a table: of its own, since its tables will not be today's."""
    if database_kind == "sqlite":
        yield tmp_path / "server.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.make("old")
    yield PostgresUrl(SecretStr(url), tmp_path / "key")
    server.drop("old")


async def _upgrade_to(address: DatabaseAddress, revision: str) -> None:
    if isinstance(address, Path):
        upgrade(address, revision)
        return
    engine = postgres_engine(address)
    await upgrade_postgres(engine, revision)
    await engine.dispose()


async def _write(address: DatabaseAddress, work: Any) -> None:
    """Run a function of a bare connection, and commit."""
    engine = (
        sqlite_engine(address)
        if isinstance(address, Path)
        else postgres_engine(address)
    )
    async with engine.begin() as connection:
        await connection.run_sync(work)
    await engine.dispose()


def _fill(connection: Connection) -> None:
    for table, rows in _ROWS.items():
        for row in rows:
            values = _typed(connection, table, row)
            names = ", ".join(row)
            statement = f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608
            connection.execute(text(statement), _stored(connection, row))
    if connection.dialect.name == "sqlite":
        # It takes any text into a column of JSON.
        connection.execute(
            text("UPDATE chats SET last_error = 'it said \"no\"' WHERE id = 'text'")
        )


def _stored(connection: Connection, row: dict[str, Any]) -> dict[str, Any]:
    """SQLite has no times: they are kept as text."""
    if connection.dialect.name != "sqlite":
        return row
    return {
        name: str(value) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _typed(connection: Connection, table: str, row: dict[str, Any]) -> str:
    """Postgres takes a text for a JSON only if it is told that it is one."""
    if connection.dialect.name == "sqlite":
        return ", ".join(f":{name}" for name in row)
    found = connection.execute(
        text(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = :table AND data_type = 'json'"
        ),
        {"table": table},
    )
    kept = set(found.scalars())
    return ", ".join(
        f"CAST(CAST(:{name} AS TEXT) AS JSON)" if name in kept else f":{name}"
        for name in row
    )


async def test_what_the_first_version_held_is_there(old: DatabaseAddress) -> None:
    """Texts that once were errors get the shape that errors have now, in place."""
    await _upgrade_to(old, "0001")
    await _write(old, _fill)

    database = await Database.open(old)
    async with database.write() as connection:
        names = ("text", "empty", "null", "none", "whole", "body", "list")
        found = {name: await chats.get_chat(connection, name) for name in names}
        kept = await messages.list_messages(connection, ChatId("text"))
        new = NewMessage(role="user", content=({"type": "text", "text": "again"},))
        now = _NOW.replace(tzinfo=UTC)
        added = await messages.add_message(connection, ChatId("text"), new, now)
        raw = await connection.execute(
            text("SELECT last_error FROM chats WHERE id = 'text'")
        )
        stored = raw.scalar_one()
    await database.close()

    errors = {
        name: row.last_error and (row.last_error.message, row.last_error.kind)
        for name, row in found.items()
        if row is not None
    }
    assert errors == {
        "text": ('it said "no"', "generic"),
        "empty": None,
        "null": None,
        "none": None,
        "whole": ("slow down", "rate_limit"),
        "body": ('{"error": "no quota"}', "generic"),
        "list": ('["a", true]', "generic"),
    }
    as_json = json.loads(stored) if isinstance(stored, str) else stored
    assert as_json == {"message": 'it said "no"', "kind": "generic"}
    assert found["text"] is not None
    assert found["text"].labels == {"team": "blue"}
    assert found["text"].created_at == now
    assert [(m.id, m.content[0]["text"]) for m in kept] == [(2, "hello")]
    assert added.id == 3


async def test_a_title_of_the_first_version_is_found_whatever_its_case(
    old: DatabaseAddress,
) -> None:
    """What the search looks at is made of the titles that are there."""
    await _upgrade_to(old, "0001")
    await _write(old, _fill)
    await _write(
        old,
        lambda c: c.execute(text("UPDATE chats SET title = 'ÄPFEL' WHERE id = 'text'")),
    )

    database = await Database.open(old)
    async with database.read() as connection:
        found = await page_of_chats(
            connection,
            UserId("u1"),
            ChatFilter(title="äPFel"),
            limit=9,
            offset=0,
            after_id=None,
        )
    await database.close()

    assert [row.title for row, _ in found] == ["ÄPFEL"]


async def test_servers_that_start_at_once_make_one_upgrade(
    old: DatabaseAddress,
) -> None:
    """The second waits, and finds nothing left to do."""
    await _upgrade_to(old, "0001")

    opened = await asyncio.gather(*(Database.open(old) for _ in range(4)))

    async with opened[0].read() as connection:
        found = await connection.execute(text("SELECT * FROM alembic_version"))
        versions = found.all()
    for database in opened:
        await database.close()
    assert len(versions) == 1


async def test_a_database_of_a_newer_version_is_left_alone(
    old: DatabaseAddress,
) -> None:
    await _upgrade_to(old, "head")
    await _write(
        old,
        lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")),
    )

    with pytest.raises(NewerDatabaseError, match="upgrade coderchat-jupyter"):
        await Database.open(old)
