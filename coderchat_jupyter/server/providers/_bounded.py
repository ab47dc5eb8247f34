"""Answers that may not be read for ever: what an SDK gathers of one has an end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

from coderchat_jupyter.server.providers._protocol import ProviderError

if TYPE_CHECKING:
    import httpx2

__all__ = ["bound"]

_MOST_BYTES: Final = 64 * 2**20

_FRAMED: Final = "application/vnd.amazon.eventstream"
"""Its frames tell their length first, and a long one is refused by its reader."""

_EVENTS: Final = "text/event-stream"
_END: Final = b"\n\n"
"""Of an event. One that is cut into two pieces is not seen, and the next one is."""

_RARE_ENDS: Final = (b"\r\n\r\n", b"\r\r")


async def bound(response: httpx2.Response) -> None:
    """Let no body, and no event of a stream, be longer than can be kept.

    Reading on then raises a `ProviderError`.
    """
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FRAMED:
        response.stream = _bounded(response.stream, is_events=kind == _EVENTS)


def _bounded(stream: Any, *, is_events: bool) -> httpx2.AsyncByteStream:
    import httpx2

    class Bounded(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for piece in stream:
                # Of every token: the usual end is looked for first.
                if is_events and (_END in piece or _has_rare_end(piece)):
                    size = 0
                size += len(piece)
                if size > _MOST_BYTES:
                    text = "The answer of the provider is longer than can be read."
                    raise ProviderError(text, detail=text)
                yield piece

        async def aclose(self) -> None:
            await stream.aclose()

    return Bounded()


def _has_rare_end(piece: bytes) -> bool:
    return any(end in piece for end in _RARE_ENDS)
