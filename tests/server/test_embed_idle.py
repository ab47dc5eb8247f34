"""When the embedded server may go."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from coderchat_jupyter.server._embed_idle import Activity

SOCKET: Scope = {"type": "websocket"}


class HeldApp:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.let = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self.let.wait()


async def nothing() -> dict[str, str]:
    return {}


async def nowhere(_: object) -> None:
    pass


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_it_stays_as_long_as_somebody_is_connected(kind: str) -> None:
    app = HeldApp()
    activity = Activity(app)
    connected = asyncio.create_task(activity({"type": kind}, nothing, nowhere))
    waiting = asyncio.create_task(activity.until_idle(0.05, lambda: False))

    _, still = await asyncio.wait([waiting], timeout=0.5)
    app.let.set()
    await connected

    assert still == {waiting}
    async with asyncio.timeout(10):
        await waiting


async def test_it_stays_as_long_as_a_turn_runs_that_nobody_watches() -> None:
    """A long answer goes on when its notebook was closed."""
    running = True
    activity = Activity(HeldApp())
    waiting = asyncio.create_task(activity.until_idle(0.05, lambda: running))

    _, still = await asyncio.wait([waiting], timeout=0.5)
    running = False

    assert still == {waiting}
    async with asyncio.timeout(10):
        await waiting


async def test_its_own_life_cycle_is_not_a_visitor() -> None:
    activity = Activity(HeldApp())

    await activity({"type": "lifespan"}, nothing, nowhere)

    async with asyncio.timeout(10):
        await activity.until_idle(0.01, lambda: False)


async def test_a_server_that_nobody_can_find_goes_when_it_is_quiet() -> None:
    """Its folder was deleted, so no kernel will ever come."""
    app = HeldApp()
    activity = Activity(app)
    connected = asyncio.create_task(activity({"type": "http"}, nothing, nowhere))
    waiting = asyncio.create_task(activity.until_idle(1.0, lambda: False, lambda: True))

    _, still = await asyncio.wait([waiting], timeout=0.5)
    app.let.set()
    await connected

    assert still == {waiting}
    async with asyncio.timeout(10):
        await waiting
