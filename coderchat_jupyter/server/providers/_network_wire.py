"""What comes over a connection to a vendor, kept until it is read.

Imports the library at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

import asyncio
import select
import socket
from typing import Final, cast

import httpcore2

__all__ = ["Wire", "is_readable"]

_MOST_WAITING: Final = 256 * 1024
"""Bytes that may wait before the other side has to."""


_ROOM_BYTES: Final = 64 * 1024
"""For what comes at once. Without room of its own, a transport makes four times as much
for every read."""


class Wire(asyncio.BufferedProtocol):
    """One connection's data, for one reader and one writer at a time.

    Attributes:
        data: What came and was not read.
        last_read: What was read last.
    """

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.data = bytearray()
        self.last_read = b""
        self._room = memoryview(bytearray(_ROOM_BYTES))
        self._reader: asyncio.Future[None] | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_paused = False
        self._is_ended = False
        self._lost: Exception | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def is_over(self) -> bool:
        """Whether nothing can be written any more."""
        return self._lost is not None

    @property
    def has_news(self) -> bool:
        """Whether a read would not have to wait."""
        return bool(self.data) or self._is_ended or self._lost is not None

    async def read(self, most: int, seconds: float | None) -> bytes:
        """Read what is there, or the next that comes; nothing at the end.

        Raises:
            httpcore2.ReadTimeout: Nothing came in that time.
            httpcore2.ReadError: The connection broke, or was closed on this side.
        """
        await self.news(seconds)
        if self.data:
            found = self.last_read = bytes(self.data[:most])
            self.drop(len(found))
            return found
        if self._lost is not None and not self._is_ended:
            raise httpcore2.ReadError(str(self._lost)) from self._lost
        return b""

    async def news(self, seconds: float | None) -> None:
        """Wait until a read would not have to.

        Raises:
            httpcore2.ReadTimeout: Nothing came in that time.
        """
        if self.has_news:
            return
        self._reader = self._loop.create_future()
        if seconds is not None:
            self._limit(self._loop.time() + seconds)
        try:
            await self._reader
        finally:
            self._reader = None

    def drop(self, size: int) -> None:
        """Forget so many bytes, which were read."""
        if size == len(self.data):
            self.data.clear()
        else:
            del self.data[:size]
        if self._is_paused and len(self.data) <= _MOST_WAITING // 2:
            self._is_paused = False
            self._transport.resume_reading()

    async def drained(self) -> None:
        """Wait until most of what was written is on its way.

        Raises:
            httpcore2.WriteError: The connection broke.
        """
        await self._writable.wait()
        if self._lost is not None:
            raise httpcore2.WriteError(str(self._lost)) from self._lost

    def close(self) -> None:
        """Let nobody wait for it any more."""
        self._is_ended = False
        self._end(ConnectionAbortedError("the connection was closed"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where the data comes from."""
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the transport puts what comes."""
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        """Keep it."""
        self.data += self._room[:nbytes]
        if len(self.data) > _MOST_WAITING and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Let the reader know the end, once it has read all."""
        self._is_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let everybody know."""
        self._is_ended = self._is_ended or exc is None
        self._end(exc or ConnectionResetError("the connection is closed"))

    def pause_writing(self) -> None:
        """Let the writer wait."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Let it go on."""
        self._writable.set()

    def _end(self, error: Exception) -> None:
        if self._lost is None:
            self._lost = error
        self._writable.set()
        self._wake()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def _limit(self, deadline: float) -> None:
        """Have the wait that begins end then, with a timer that is there if it can."""
        self._deadline = deadline
        if self._timer is not None and self._timer.when() > deadline:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._reader is None or self._reader.done():
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._look)
        else:
            self._reader.set_exception(httpcore2.ReadTimeout("nothing came"))


def is_readable(sock: socket.socket) -> bool:
    """Whether there is something to read, or the end."""
    number = sock.fileno()
    if number < 0:
        return True
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(number, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([number], [], [], 0)[0])
