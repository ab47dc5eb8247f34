"""Read whole text frames without the library's work on each of them.

The library takes every frame through a parser that must be ready for all that the
protocol allows. Nearly all that a chat's server sends is one whole, plain text frame
after the other, and those are cut out of the bytes here. Everything else goes to the
library as it came: the handshake, pings, the close, and from the first frame that is
not plain on all the rest.

That builds on how the library is told of its bytes; a release that is told in another
way reads everything itself.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from typing import Any, Final

from websockets.asyncio.client import ClientConnection

from coderchat_jupyter.client._goodbye import EndingConnection

__all__ = ["QuickConnection", "is_fit"]

# The first byte of a frame: final, without extensions, by its opcode.
_PLAIN: Final = frozenset({0x81, 0x82})
_CONTROL: Final = frozenset({0x89, 0x8A})

_MAX_HEAD: Final = 65_536


def is_fit(kind: type[Any] = ClientConnection) -> bool:
    """Whether connections of the library are such that `QuickConnection` can be one.

    asyncio must hand them their bytes, and they must give out frames undecoded.
    """
    if not issubclass(kind, asyncio.Protocol):
        return False
    return "decode" in inspect.signature(getattr(kind, "recv", is_fit)).parameters


class QuickConnection(EndingConnection):
    """A connection whose text frames are read by `receive`."""

    def __init__(self, *args: Any, max_size: int, max_frames: int, **more: Any) -> None:
        """As the library makes it.

        Args:
            *args: The library's.
            max_size: The largest frame to accept, in bytes.
            max_frames: How many may wait to be read before the server has to.
            **more: The library's.
        """
        super().__init__(*args, **more)
        self._max_size = max_size
        self._max_frames = max_frames
        self._is_open = self._is_handed_over = self._is_over = False
        self._is_full = False
        self._ready: deque[bytes] = deque()
        # The beginning of a frame (or of the handshake's answer), and how much of it
        # there has to be before it is worth looking at again.
        self._pieces: list[bytes] = []
        self._size = self._needed = 0
        self._waiter: asyncio.Future[None] | None = None

    def take(self) -> bytes | None:
        """A frame that is there already, None if one has to be waited for."""
        if not self._ready:
            return None
        if self._is_full and len(self._ready) <= self._max_frames // 4:
            self._is_full = False
            self.transport.resume_reading()
        return self._ready.popleft()

    async def receive(self) -> bytes:
        """The next frame. One reader at a time; cancelling loses nothing.

        Raises:
            ConnectionClosed: The connection has ended, and all was read.
        """
        while (frame := self.take()) is None:
            if self._is_handed_over or self._is_over:
                return await self.recv(decode=False)
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return frame

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._is_handed_over:
            super().data_received(data)
            return
        if self._pieces:
            self._pieces.append(data)
            self._size += len(data)
            if self._size < self._needed:
                return
            data = b"".join(self._pieces)
            self._pieces = []
        rest = self._frames(data) if self._is_open else self._head(data)
        if rest:
            self._pieces, self._size = [rest], len(rest)
        if self._ready:
            self._wake()
            if not self._is_full and len(self._ready) > self._max_frames:
                self._is_full = True
                self.transport.pause_reading()

    def eof_received(self) -> None:
        """The server says no more."""
        if not self._is_open:
            # Half of an answer to the handshake: the library knows what to say.
            self._hand_over(b"".join(self._pieces))
        super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._is_over = True
        super().connection_lost(exc)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _hand_over(self, data: bytes) -> None:
        """From here on the library reads everything."""
        self._is_handed_over, self._pieces = True, []
        if data:
            super().data_received(data)
        self._wake()

    def _head(self, data: bytes) -> bytes:
        """Read the answer to the handshake; gives back what is not whole yet."""
        end = data.find(b"\r\n\r\n") + 4
        if end < 4 and len(data) < _MAX_HEAD:
            self._needed = 0
            return data
        if end < 4 or data[9:12] != b"101":
            self._hand_over(data)
            return b""
        self._is_open = True
        super().data_received(data[:end])
        return self._frames(data[end:])

    def _frames(self, data: bytes) -> bytes:
        """Cut whole frames out; gives back the beginning of the one after them."""
        place, end, ready = 0, len(data), self._ready
        self._needed = 0
        while end - place >= 2:
            first, size, start = data[place], data[place + 1], place + 2
            if 126 <= size < 128:
                start += 2 if size == 126 else 8
                if end < start:
                    break
                size = int.from_bytes(data[place + 2 : start], "big")
            stop = start + size
            is_masked = data[place + 1] >= 128
            if first in _PLAIN and not is_masked and size <= self._max_size:
                if stop > end:
                    self._needed = stop - place
                    break
                ready.append(data[start:stop])
            elif first in _CONTROL and data[place + 1] < 126:
                if stop > end:
                    break
                super().data_received(data[place:stop])
            else:
                # In pieces, too big, against the rules, or the close.
                self._hand_over(data[place:])
                return b""
            place = stop
        return data[place:] if place else data
