"""A strict server in a process of its own, and its users."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext

import httpx
import pytest

from tests.contract.caller import API, Caller
from tests.contract.scripts import SCRIPTS
from tests.contract.wire import Wire
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


@pytest.fixture(scope="package", autouse=True)
def silent(server: RealServer) -> Iterator[Wire]:
    """A watcher that never answers a ping; it begins before the first test.

    So nobody needs to wait for its end.
    """
    wire = Wire(server.url, f"{API}/chats/watch", server.token)
    yield wire
    wire.close()


@dataclass(frozen=True)
class _Known:
    """What all tests may know: asked once, for there are many."""

    organization: str
    model: str
    tls: SSLContext


@pytest.fixture(scope="package")
def known(server: RealServer) -> _Known:
    headers = {"Coder-Session-Token": server.token}
    with httpx.Client(
        base_url=server.url, headers=headers, trust_env=False, timeout=60
    ) as http:
        me = http.get("/api/v2/users/me").json()
        models = http.get(f"{API}/chats/model-configs").json()
    # Made here, because reading the certificates that nothing needs takes its time.
    tls = SSLContext(PROTOCOL_TLS_CLIENT)
    return _Known(me["organization_ids"][0], models[0]["id"], tls)


@asynccontextmanager
async def _calling(url: str, token: str, known: _Known) -> AsyncIterator[Caller]:
    async with httpx.AsyncClient(
        base_url=url,
        headers={"Coder-Session-Token": token},
        timeout=20,
        trust_env=False,
        verify=known.tls,
    ) as http:
        yield Caller(http, token, known.organization, known.model)


@pytest.fixture
async def me(server: RealServer, known: _Known) -> AsyncIterator[Caller]:
    """The server's administrator."""
    async with _calling(server.url, server.token, known) as caller:
        yield caller


@pytest.fixture
async def other(
    server: RealServer, known: _Known, stranger: dict[str, str]
) -> AsyncIterator[Caller]:
    async with _calling(server.url, stranger["token"], known) as caller:
        yield caller
