"""`coderchat … --database postgresql://…`, as it is typed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import httpx
import pytest

from coderchat_jupyter.cli import main
from coderchat_jupyter.server.storage import users
from coderchat_jupyter.server.storage.addresses import PostgresUrl
from coderchat_jupyter.server.storage.database import Database
from tests.fakes.postgres import Postgres
from tests.fakes.processes import add_user, serve
from tests.server.databases import told


@pytest.fixture
def database_kind() -> str:
    return "postgres"


def test_a_user_added_to_a_running_server_may_call_at_once(
    address: PostgresUrl, tmp_path: Path
) -> None:
    database, key = told(address), tmp_path / "keys" / "a.key"
    with serve(database, "--key-file", str(key)) as server:
        user = add_user(database, "ann")
        headers = {"Coder-Session-Token": user["token"]}
        me = httpx.get(f"{server.url}/api/v2/users/me", headers=headers).json()

    assert me["id"] == user["id"]
    assert key.stat().st_mode & 0o777 == 0o600


def _said(capsys: pytest.CaptureFixture[str], database: str) -> list[str]:
    """The lines that a server says which cannot use a database."""
    status = main(["serve", "--port", "0", "--database", database])

    told = capsys.readouterr()
    assert status == 1
    assert told.out == ""
    return told.err.splitlines()


@pytest.mark.parametrize(
    ("database", "why"),
    [
        ("postgresql://ann:hush@127.0.0.1:1/db", "Connect call failed"),
        ("postgres://ann:hush@127.0.0.1:port/db", "its address cannot be read"),
        ("postgresql+asyncpg://ann:hush@[x/db", "its address cannot be read"),
        ("postgresql://ann:hush#2@h/db", "its address cannot be read"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_in_a_line(
    database: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And its password is told nobody."""
    (line,) = _said(capsys, database)

    assert line.startswith("coderchat: cannot use the Postgres database: ")
    assert why in line
    assert "hush" not in line


def test_a_database_that_is_not_there_is_told_in_a_line(
    postgres: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgres.url("nowhere").replace("postgres@", "postgres:hush@")

    (line,) = _said(capsys, url)

    assert 'database "nowhere" does not exist' in line
    assert "hush" not in line


def test_a_database_of_a_newer_version_is_told_in_a_line(
    postgres: Postgres, address: PostgresUrl, capsys: pytest.CaptureFixture[str]
) -> None:
    add_user(told(address), "ann")
    number = "SELECT version_num FROM alembic_version"
    was = postgres.run(number, "tests")
    postgres.run("UPDATE alembic_version SET version_num = '9999'", "tests")
    try:
        (line,) = _said(capsys, told(address))
    finally:
        back = f"UPDATE alembic_version SET version_num = '{was}'"  # noqa: S608
        postgres.run(back, "tests")

    assert "written by a newer version (revision 9999)" in line


def test_without_its_driver_we_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)

    (line,) = _said(capsys, "postgresql://ann:hush@127.0.0.1:1/db")

    assert line.endswith("pip install 'coderchat-jupyter[postgres]'")


async def test_connections_that_were_cut_cost_nobody_an_error(
    postgres: Postgres, address: PostgresUrl
) -> None:
    """As when the database was started anew while nobody asked for anything."""
    database = await Database.open(address)
    async with database.read() as connection:
        await users.list_organizations(connection)
    postgres.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'tests'"
    )
    async with database.write() as connection:
        found = await users.list_organizations(connection)
    await database.close()

    assert found == []


def test_an_address_shows_no_password(address: PostgresUrl, tmp_path: Path) -> None:
    shown = repr(address) + json.dumps(str(address))

    assert "postgresql://" not in shown
