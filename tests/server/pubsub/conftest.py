"""Two servers for every test that asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coderchat_jupyter.server.storage.addresses import PostgresUrl
from tests.server.pubsub.replicas import Pair, open_pair


@pytest.fixture
def database_kind() -> str:
    return "postgres"


@pytest.fixture
async def pair(tmp_path: Path, address: PostgresUrl) -> AsyncIterator[Pair]:
    async with open_pair(tmp_path, address) as found:
        yield found
