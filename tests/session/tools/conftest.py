"""A real server whose model a test speaks for, and a client of its owner."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coderchat_jupyter.client import Client
from tests.fakes.puppet import Puppet
from tests.server.world import Person, World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as found:
        yield found


@pytest.fixture
def admin(world: World) -> Person:
    return world.admin


@pytest.fixture
def puppet(world: World) -> Puppet:
    return world.puppet


@pytest.fixture
async def client(world: World) -> AsyncIterator[Client]:
    async with Client(world.url, world.admin.account.token) as found:
        yield found
