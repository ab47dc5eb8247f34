"""A TCP proxy that breaks connections to a server at a chosen byte."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

__all__ = ["FaultProxy", "proxying"]


class FaultProxy:
    """Passes bytes on; cuts streams off where `limit` says.

    Attributes:
        limit: Bytes that the server may say on the n-th stream, counted from 0;
            None for all of them. Other calls are never cut.
        is_abrupt: Reset the connection instead of closing it.
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.port = 0
        self.limit: Callable[[int], int | None] = lambda _: None
        self.is_abrupt = False
        self.is_down = False
        self.streams = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Start to pass on a connection, in a task of our own that may be cancelled."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await self._pass_on(reader, writer)
        finally:
            await _close(writer, is_abrupt=self.is_abrupt)

    async def aclose(self) -> None:
        """End every connection."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self.is_down:
            return
        first = await reader.read(65536)
        left = None
        if b"/stream" in first.split(b"\r\n", 1)[0]:
            left = self.limit(self.streams)
            self.streams += 1
        up_reader, up_writer = await asyncio.open_connection(
            "127.0.0.1", self.target_port
        )
        up_writer.write(first)
        upward = asyncio.create_task(_pump(reader, up_writer))
        try:
            await _pump(up_reader, writer, left)
        finally:
            upward.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await upward
            await _close(up_writer, is_abrupt=False)


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    left: int | None = None,
) -> None:
    with contextlib.suppress(ConnectionError):
        while left is None or left > 0:
            piece = await reader.read(65536 if left is None else min(left, 65536))
            if not piece:
                return
            writer.write(piece)
            await writer.drain()
            left = None if left is None else left - len(piece)


async def _close(writer: asyncio.StreamWriter, *, is_abrupt: bool) -> None:
    if is_abrupt:
        writer.transport.abort()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def proxying(target_port: int) -> AsyncIterator[FaultProxy]:
    """A proxy on a free port, until the context is left."""
    proxy = FaultProxy(target_port)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.aclose()
        await server.wait_closed()
