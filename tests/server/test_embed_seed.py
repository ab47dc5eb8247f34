"""What an embedded server finds in its database, the first time and later."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coderchat_jupyter.server._embed_seed import seed
from coderchat_jupyter.server.engine.preferences import RETENTION, days_of
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.settings import put_setting


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "chats.db")
    yield opened
    await opened.close()


async def _days(database: Database) -> int:
    async with database.read() as connection:
        return await days_of(connection, RETENTION)


async def test_ones_own_server_deletes_nothing_by_itself(database: Database) -> None:
    """A deployment's 30 days would take chats that nobody knew were at risk."""
    assert await _days(database) > 0

    await seed(database)

    assert await _days(database) == 0


async def test_a_number_of_days_that_a_user_chose_stays(database: Database) -> None:
    await seed(database)
    async with database.write() as connection:
        await put_setting(connection, RETENTION, {"retention_days": 7})

    await seed(database)

    assert await _days(database) == 7
