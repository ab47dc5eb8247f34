"""Many open WebSockets, read by one loop over bare sockets.

A library would take more of the core than the server that is measured. The loop notes
what came and when; what it was is looked at while nothing comes, so that what comes
after it is not late for that reason.
"""

from __future__ import annotations

import gc
import re
import select
import socket
import struct
import time
from base64 import b64encode
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

__all__ = ["Readers"]

_STAMP: Final = re.compile(rb'"text":"(\d{9,}) "|^(\d{9,})$')
_KEY: Final = b64encode(b"coderchat-bench-").decode()
_LENGTH_16, _LENGTH_64 = 126, 127
_READ_BYTES: Final = 4096
_AT_ONCE: Final = 20
"""Pieces that are looked at before the sockets are again."""
_TEXT, _PING = 0x1, 0x9
_PONG: Final = bytes((0x8A, 0x84, 0, 0, 0, 0))
"""Before the four bytes of the server's ping, which come back."""


class Readers:
    """Sockets that are open, and what they have read.

    Attributes:
        delays: Seconds from the birth of each token to its arrival, of what was
            looked at.
        lost: How many sockets the server has closed.
    """

    def __init__(self) -> None:
        self.delays: list[float] = []
        self.lost = 0
        self._buffers: dict[int, bytearray] = {}
        self._sockets: dict[int, socket.socket] = {}
        self._poll = select.epoll()
        self._taken: deque[tuple[int, int, bytes]] = deque()

    def __enter__(self) -> Self:
        # What is taken is kept for long, and would be looked at again and again.
        gc.collect()
        gc.disable()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        gc.enable()
        self._poll.close()
        for found in self._sockets.values():
            found.close()

    def open(self, url: str, paths: Iterable[str], token: str = "") -> None:
        """Open a WebSocket for each path.

        Raises:
            ConnectionError: One was refused.
        """
        host = urlsplit(url)
        for path in paths:
            made = socket.create_connection((host.hostname, host.port))
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.sendall(
                f"GET {path} HTTP/1.1\r\nHost: {host.netloc}\r\n"
                "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {_KEY}\r\n"
                f"Coder-Session-Token: {token}\r\n\r\n".encode()
            )
            answer = bytearray()
            while b"\r\n\r\n" not in answer:
                answer += made.recv(65536)
            if not answer.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(answer.decode())
            made.setblocking(False)
            self._sockets[made.fileno()] = made
            self._buffers[made.fileno()] = answer.partition(b"\r\n\r\n")[2]
            self._poll.register(made.fileno(), select.EPOLLIN)
            # The others are pinged meanwhile.
            self.read(0)

    def fds(self) -> list[int]:
        """The sockets, in the order in which they were opened."""
        return [*self._sockets]

    def send(self, fd: int, text: bytes) -> None:
        """Send a short text."""
        frame = bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text
        # Who does not read any more gets no more.
        with suppress(BlockingIOError):
            self._sockets[fd].send(frame)

    def read(self, until: float) -> None:
        """Read what is there, and what comes until a time of `time.monotonic`."""
        while True:
            left = max(0.0, until - time.monotonic())
            found = self._poll.poll(0 if self._taken else min(left, 0.05))
            for fd, _ in found:
                self._take(fd)
            if not found:
                self._look(_AT_ONCE)
            if not left:
                return

    def settle(self) -> None:
        """Look at all that was read."""
        self._look(len(self._taken))

    def _take(self, fd: int) -> None:
        try:
            data = self._sockets[fd].recv(_READ_BYTES)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if data:
            self._taken.append((fd, time.monotonic_ns(), data))
        else:
            self._poll.unregister(fd)
            self.lost += 1

    def _look(self, most: int) -> None:
        for _ in range(min(most, len(self._taken))):
            fd, came, data = self._taken.popleft()
            buffer = self._buffers[fd]
            buffer += data
            while (frame := _frame(buffer)) is not None:
                code, payload = frame
                if code == _PING:
                    with suppress(OSError):
                        self._sockets[fd].send(_PONG + payload)
                elif code == _TEXT:
                    for one in _STAMP.finditer(payload):
                        born = int(one[1] or one[2])
                        self.delays.append((came - born) / 1e9)


def _frame(buffer: bytearray) -> tuple[int, bytes] | None:
    """Code and payload of the next whole frame, taken off; servers do not mask."""
    if len(buffer) < 2:
        return None
    size, start = buffer[1], 2
    if size == _LENGTH_16:
        if len(buffer) < 4:
            return None
        (size,), start = struct.unpack_from(">H", buffer, 2), 4
    elif size == _LENGTH_64:
        if len(buffer) < 10:
            return None
        (size,), start = struct.unpack_from(">Q", buffer, 2), 10
    if len(buffer) < start + size:
        return None
    code, payload = buffer[0] & 0xF, bytes(buffer[start : start + size])
    del buffer[: start + size]
    return code, payload
