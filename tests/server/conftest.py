"""A running server for every test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.puppet import Puppet
from tests.server.world import Person, World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as found:
        yield found


@pytest.fixture
async def strict_world(tmp_path: Path) -> AsyncIterator[World]:
    """A server that speaks v2.34 and nothing beyond it."""
    async with open_world(tmp_path, strict_g1=True) as found:
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
