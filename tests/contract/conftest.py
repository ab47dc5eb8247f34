"""A strict server in a process of its own, and its users."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.caller import API, Caller
from tests.contract.scripts import SCRIPTS
from tests.fakes.processes import add_user
from tests.fakes.real_server import RealServer


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("contract")


@pytest.fixture(scope="package")
def server(folder: Path) -> Iterator[RealServer]:
    server = RealServer(folder, SCRIPTS)
    server.start("--strict-g1")
    yield server
    server.stop()


@pytest.fixture(scope="package")
def stranger(folder: Path, server: RealServer) -> dict[str, str]:
    """A second user, who is no administrator."""
    return add_user(folder / "chats.db", "stranger")


@asynccontextmanager
async def calling(url: str, token: str) -> AsyncIterator[Caller]:
    headers = {"Coder-Session-Token": token}
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=20, trust_env=False
    ) as http:
        me: dict[str, Any] = (await http.get("/api/v2/users/me")).json()
        models = (await http.get(f"{API}/chats/model-configs")).json()
        yield Caller(http, token, me["organization_ids"][0], models[0]["id"])


@pytest.fixture
async def me(server: RealServer) -> AsyncIterator[Caller]:
    """The server's administrator."""
    async with calling(server.url, server.token) as caller:
        yield caller


@pytest.fixture
async def other(server: RealServer, stranger: dict[str, str]) -> AsyncIterator[Caller]:
    async with calling(server.url, stranger["token"]) as caller:
        yield caller
