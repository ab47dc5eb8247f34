"""Bodies that go and come piece by piece."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import Final

import httpx

__all__ = ["Source", "beginning"]

# What an answer that is a failure may say; the rest is not read.
_MAX_REFUSAL: Final = 65_536


class Source:
    """Passes on pieces of a body, and remembers what its maker raised."""

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._pieces = pieces
        self.error: Exception | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._pieces:
                yield piece
        except Exception as error:
            self.error = error
            raise


async def beginning(answer: httpx.Response) -> bytes:
    """As much of a failure's body as is worth reading."""
    body = b""
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) >= _MAX_REFUSAL:
            break
    return body[:_MAX_REFUSAL]
