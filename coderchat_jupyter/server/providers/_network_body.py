"""The body of a streamed answer, past the library's parser of HTTP where that is safe.

The library parses each chunk with a state machine, behind a lock of generators. Nearly
all chunks of a stream are whole when they come. Such are taken from the wire before the
library sees them; as they begin where one ended for it, it misses nothing.

Imports the library at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, Final

import httpcore2
import httpx2

from coderchat_jupyter.server.providers._network_wire import Wire

__all__ = ["Body", "chunks", "quicken"]

_HEX: Final = frozenset(b"0123456789abcdefABCDEF")
_MOST_DIGITS: Final = 6
"""Of a chunk's size; a larger one is not whole in what waits."""


async def quicken(response: httpx2.Response) -> None:
    """Have an answer's body read by `Body`, if its end can be told from its chunks."""
    extensions = response.extensions
    wire = getattr(extensions.get("network_stream"), "wire", None)
    is_plain = extensions.get("http_version") == b"HTTP/1.1"
    coding = response.headers.get("transfer-encoding", "").strip().lower()
    if not isinstance(wire, Wire) or not is_plain or coding != "chunked":
        return
    timeouts = response.request.extensions.get("timeout") or {}
    stream: Any = response.stream
    response.stream = Body(stream, wire, timeouts.get("read"))


class Body(httpx2.AsyncByteStream):
    """Chunks as they come: whole ones from the wire, all else from the library.

    Args:
        stream: The library's.
        wire: Where it reads.
        seconds: How long a read may take; None for ever.
    """

    def __init__(
        self, stream: httpx2.AsyncByteStream, wire: Wire, seconds: float | None
    ) -> None:
        self._stream = stream
        self._wire = wire
        self._seconds = seconds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces: Any = aiter(self._stream)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece
                if self._wire.last_read != _chunk(piece):
                    continue
                # The library had this chunk and nothing else: it is between two.
                async with aclosing(self._more()) as more:
                    async for data in more:
                        yield data

    async def _more(self) -> AsyncGenerator[bytes, None]:
        """Whole chunks, up to what is for the library: a part of one, the end."""
        wire = self._wire
        while True:
            if not wire.data:
                await self._news()
            data, size = chunks(wire.data)
            if not size:
                return
            wire.drop(size)
            yield data

    async def _news(self) -> None:
        try:
            await self._wire.news(self._seconds)
        except httpcore2.ReadTimeout as error:
            raise httpx2.ReadTimeout(str(error)) from error

    async def aclose(self) -> None:
        await self._stream.aclose()


def chunks(raw: bytes | bytearray) -> tuple[bytes, int]:
    """The data of the whole chunks that something begins with, and their length.

    The last chunk, which is empty, is not among them, nor is one with an extension.
    """
    found: list[bytes] = []
    start = 0
    while True:
        line = raw.find(b"\r\n", start, start + _MOST_DIGITS + 2)
        digits = raw[start:line]
        if line <= start or not _HEX.issuperset(digits):
            break
        begin = line + 2
        end = begin + int(digits, 16)
        if end == begin or raw[end : end + 2] != b"\r\n":
            break
        found.append(bytes(raw[begin:end]))
        start = end + 2
    return b"".join(found), start


def _chunk(data: bytes) -> bytes:
    """The chunk that holds it, as nearly everybody writes it."""
    return b"%x\r\n%b\r\n" % (len(data), data)
