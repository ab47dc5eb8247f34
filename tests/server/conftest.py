"""A running server for every test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from coderchat_jupyter.server.storage.addresses import DatabaseAddress, PostgresUrl
from tests.fakes.postgres import NoPostgresError, Postgres, running_postgres
from tests.fakes.puppet import Puppet
from tests.server.world import Person, World, open_world


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A Postgres server for the whole run; skips where there can be none."""
    try:
        running = running_postgres()
        found = running.__enter__()
    except NoPostgresError as error:
        pytest.skip(f"no Postgres here: {error}")
    yield found
    running.__exit__(None, None, None)


@pytest.fixture
def database_kind() -> str:
    """Which database a test runs on; see `databases.BOTH`."""
    return "sqlite"


@pytest.fixture
def address(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> DatabaseAddress:
    """An empty database: SQLite, if the test does not ask for both."""
    if database_kind == "sqlite":
        return tmp_path / "server.db"
    server: Postgres = request.getfixturevalue("postgres")
    return PostgresUrl(SecretStr(server.empty("tests")), tmp_path / "server.db.key")


@pytest.fixture
async def world(tmp_path: Path, address: DatabaseAddress) -> AsyncIterator[World]:
    async with open_world(tmp_path, database=address) as found:
        yield found


@pytest.fixture
async def strict_world(
    tmp_path: Path, address: DatabaseAddress
) -> AsyncIterator[World]:
    """A server that speaks v2.34 and nothing beyond it."""
    async with open_world(tmp_path, database=address, strict_g1=True) as found:
        yield found


@pytest.fixture
def admin(world: World) -> Person:
    return world.admin


@pytest.fixture
def other(world: World) -> Person:
    return world.other


@pytest.fixture
def puppet(world: World) -> Puppet:
    return world.puppet
