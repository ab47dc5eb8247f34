"""Two servers on one Postgres database, and somebody who talks to both."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from coderchat_jupyter.server.storage.addresses import PostgresUrl
from tests.fakes.puppet import Puppet
from tests.server.world import Person, World, open_world, serving

__all__ = ["Pair", "open_pair", "second_server"]


@dataclass(frozen=True)
class Pair:
    """Two servers; `here` and `there` are the same person, at one and at two."""

    one: World
    two: World

    @property
    def here(self) -> Person:
        return self.one.admin

    @property
    def there(self) -> Person:
        return self.two.admin


@asynccontextmanager
async def open_pair(
    folder: Path, address: PostgresUrl, **settings: Any
) -> AsyncIterator[Pair]:
    """Run both, each with a model of its own; the second ends first."""
    async with (
        open_world(folder, database=address, **settings) as one,
        second_server(one, address, **settings) as two,
    ):
        yield Pair(one, two)


@asynccontextmanager
async def second_server(
    first: World, address: PostgresUrl, puppet: Puppet | None = None, **settings: Any
) -> AsyncIterator[World]:
    """Run another server on the database of the first."""
    puppet = puppet or Puppet()
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with (
        serving(address, puppet, **settings) as (url, service),
        httpx.AsyncClient(base_url=url, verify=bare, timeout=60) as http,
    ):
        world = World(url, first.path, service, puppet, model=first.model)
        account = first.admin.account
        http.headers["Coder-Session-Token"] = account.token.get_secret_value()
        world.admin = Person(world, account, http)
        yield world
