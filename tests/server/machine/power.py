"""The power of a server: it may go at any of the points where something is awaited.

From then on no statement reaches the database and no transaction is committed, as if
the process had died: what it still does in memory nobody ever sees.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.providers._protocol import Item, ModelCall
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.streaming.hub import Hub
from tests.server.machine.stage import Stage

__all__ = ["Power", "PowerCutError", "powered"]


class PowerCutError(BaseException):
    """The server is dead. No code of its own may take this for a failure."""


class Power:
    """Counts the points that are passed; `left` of them are still allowed.

    Attributes:
        left: How many, once armed; None while nothing is to happen.
        is_cut: Whether it happened.
    """

    def __init__(self) -> None:
        self.left: int | None = None
        self.is_cut = False
        self._connections: list[Any] = []

    def cut(self) -> None:
        """Now."""
        self.is_cut = True

    def restore(self) -> None:
        """For the next server."""
        self.is_cut, self.left = False, None

    def connected(self, connection: Any, _: Any) -> None:
        """Note a connection that was opened; those of the migrations close at once."""
        driver = getattr(connection, "driver_connection", None)
        if driver is not None:
            self._connections.append(driver)

    async def disconnect(self) -> None:
        """Close what the dead server had open, as the system does."""
        # A statement that nobody finished keeps a closed SQLite connection alive, and
        # its transaction with it; what failed with the power may still refer to one.
        is_held = False
        for connection in self._connections:
            if hasattr(connection, "terminate"):
                connection.terminate()
                continue
            if connection._running and connection._connection is not None:
                await connection.rollback()
                if ended := connection.stop():
                    await ended
            else:
                is_held = True
            await asyncio.to_thread(connection._thread.join)
        self._connections.clear()
        if is_held:
            gc.collect()

    def point(self, *_: Any) -> None:
        """Pass a point.

        Raises:
            PowerCutError: There is no power.
        """
        if self.left is not None and not self.is_cut:
            self.left -= 1
            self.is_cut = self.left <= 0
        if self.is_cut:
            raise PowerCutError


@contextmanager
def powered(power: Power) -> Iterator[None]:
    """Let every database, every hub and every call of a model have this power.

    Its points: before a transaction begins, before each statement, before it is
    committed, after that and before it is told, after it was told; before a model is
    called, and when it says something.
    """

    def around(name: str) -> Any:
        bare = getattr(Database, name)

        @asynccontextmanager
        async def opened(database: Database) -> AsyncIterator[AsyncConnection]:
            power.point()
            async with bare(database) as connection:
                yield connection
            power.point()

        return opened

    publish = Hub.publish

    def published(hub: Hub, *what: Any) -> None:
        publish(hub, *what)
        power.point()

    stream = Stage.stream

    async def streamed(stage: Stage, call: ModelCall) -> AsyncGenerator[Item, None]:
        power.point()
        async with aclosing(stream(stage, call)) as said:
            async for item in said:
                power.point()
                yield item

    points = ("before_cursor_execute", "commit")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("read", "write", "decide"):
            patch.setattr(Database, name, around(name))
        patch.setattr(Hub, "publish", published)
        patch.setattr(Stage, "stream", streamed)
        for point in points:
            event.listen(Engine, point, power.point)
        event.listen(Engine, "connect", power.connected)
        try:
            yield
        finally:
            event.remove(Engine, "connect", power.connected)
            for point in points:
                event.remove(Engine, point, power.point)
