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


class Wire(asyncio.Protocol):
    """One connection's data, for one reader and one writer at a time."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._data = bytearray()
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
        return bool(self._data) or self._is_ended or self._lost is not None

    async def read(self, most: int, seconds: float | None) -> bytes:
        """Read what is there, or the next that comes; nothing at the end.

        Raises:
            httpcore2.ReadTimeout: Nothing came in that time.
            httpcore2.ReadError: The connection broke, or was closed on this side.
        """
        if not self.has_news:
            await self._news(seconds)
        if self._data:
            return self._taken(most)
        if self._lost is not None and not self._is_ended:
            raise httpcore2.ReadError(str(self._lost)) from self._lost
        return b""

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

    def data_received(self, data: bytes) -> None:
        """Keep it."""
        self._data += data
        if len(self._data) > _MOST_WAITING and not self._is_paused:
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

    async def _news(self, seconds: float | None) -> None:
        self._reader = self._loop.create_future()
        if seconds is not None:
            self._limit(self._loop.time() + seconds)
        try:
            await self._reader
        finally:
            self._reader = None

    def _taken(self, most: int) -> bytes:
        if len(self._data) <= most:
            found, self._data = bytes(self._data), bytearray()
        else:
            found = bytes(self._data[:most])
            del self._data[:most]
        if self._is_paused and len(self._data) <= _MOST_WAITING // 2:
            self._is_paused = False
            self._transport.resume_reading()
        return found

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
