"""A fake deployment on a real port, and sessions that do not wait long."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import Backoff, shutdown_background
from tests.fakes.server import TOKEN, FakeCoder, listen, serving


@pytest.fixture
async def coder() -> AsyncIterator[FakeCoder]:
    coder = FakeCoder()
    async with serving(coder, listen()):
        yield coder


@pytest.fixture
async def client(coder: FakeCoder) -> AsyncIterator[Client]:
    async with Client(coder.url, TOKEN) as client:
        yield client


@pytest.fixture
def soon() -> Backoff:
    """Connects again almost at once."""
    return Backoff(base=0.01, cap=0.02)


@pytest.fixture(autouse=True)
def _own_loop() -> Iterator[None]:
    """Each test has a background loop of its own, which has to end in time."""
    yield
    shutdown_background()
