"""What went over the wire to a vendor and back, for whoever asks to see it.

Keys are taken out before anything is kept: headers by their names, and whatever they
held wherever else it turns up.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import httpx2

__all__ = ["EXCHANGES", "Exchange", "note_request", "note_response"]

_REDACTED: Final = "[REDACTED]"
_SECRET_NAME: Final = re.compile(
    r"auth|key|token|secret|cookie|credential|password|signature", re.IGNORECASE
)
_MIN_SECRET: Final = 6
_MAX_BODY: Final = 8 * 2**20
_NOTE: Final = "coderchat.exchange"


@dataclass(slots=True)
class Exchange:
    """One request and as much of its answer as came."""

    method: str
    url: str
    path: str
    request_headers: dict[str, str]
    request_body: bytes = field(repr=False)
    started_at: datetime
    response_status: int | None = None
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: bytearray = field(default_factory=bytearray, repr=False)
    finished_at: datetime | None = None
    secrets: tuple[bytes, ...] = field(default=(), repr=False)

    def without_secrets(self, body: bytes) -> bytes:
        """A body in which nothing is left that was a key."""
        for secret in self.secrets:
            body = body.replace(secret, _REDACTED.encode())
        return body


EXCHANGES: Final[ContextVar[list[Exchange] | None]] = ContextVar(
    "EXCHANGES", default=None
)
"""Where the exchanges of the call go that is being made; None if nobody asks."""


async def note_request(request: httpx2.Request) -> None:
    """Keep a request that is about to be sent, if somebody asks."""
    kept = EXCHANGES.get()
    if kept is None:
        return
    # What is kept is to be read by people.
    request.headers["Accept-Encoding"] = "identity"
    body = await request.aread()
    secrets = tuple(_secrets(request))
    exchange = Exchange(
        method=request.method,
        url="",
        path=request.url.path,
        request_headers=_headers(request.headers),
        request_body=b"",
        started_at=datetime.now(UTC),
        secrets=secrets,
    )
    exchange.request_body = exchange.without_secrets(body[:_MAX_BODY])
    bare = request.url.copy_with(username=None, password=None, query=None)
    exchange.url = exchange.without_secrets(str(bare).encode()).decode()
    request.extensions[_NOTE] = exchange
    kept.append(exchange)


async def note_response(response: httpx2.Response) -> None:
    """Keep an answer, each piece as it is read."""
    exchange = response.request.extensions.get(_NOTE)
    if exchange is None:
        return
    exchange.response_status = response.status_code
    exchange.response_headers = _headers(response.headers)
    response.stream = _listened(response.stream, exchange)


def _listened(stream: Any, exchange: Exchange) -> httpx2.AsyncByteStream:
    import httpx2

    class Listened(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for piece in stream:
                if len(exchange.response_body) < _MAX_BODY:
                    exchange.response_body += piece
                yield piece

        async def aclose(self) -> None:
            exchange.finished_at = datetime.now(UTC)
            await stream.aclose()

    return Listened()


def _headers(headers: Any) -> dict[str, str]:
    return {
        name: _REDACTED if _SECRET_NAME.search(name) else value
        for name, value in headers.items()
    }


def _secrets(request: httpx2.Request) -> list[bytes]:
    """What the secret headers hold, without the names of schemes."""
    values = {request.url.password, *dict(request.url.params).values()}
    for name, value in request.headers.items():
        if _SECRET_NAME.search(name):
            values |= {value, value.rpartition(" ")[2]}
    found = [v.encode() for v in values if v and len(v) >= _MIN_SECRET]
    return sorted(found, key=len, reverse=True)
