"""The HTTP client for one tool server: bounded, and blind to the environment."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

import httpx2
from pydantic import SecretStr

if TYPE_CHECKING:
    from coderchat_jupyter.server.mcp.limits import Limits

__all__ = ["TooLargeError", "new_http_client", "ssl_context"]

_CONTEXTS: dict[str, ssl.SSLContext] = {}


class TooLargeError(httpx2.TransportError):
    """An answer is larger than what is allowed, or packed so that nobody can tell."""


async def ssl_context(url: str) -> ssl.SSLContext:
    """Who is trusted at an address; loading the list takes long, so it is kept."""
    if not url.startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if "https" not in _CONTEXTS:
        made = await asyncio.to_thread(httpx2.create_ssl_context, trust_env=False)
        _CONTEXTS["https"] = made
    return _CONTEXTS["https"]


def new_http_client(
    headers: Mapping[str, SecretStr],
    limits: Limits,
    context: ssl.SSLContext,
) -> httpx2.AsyncClient:
    """Make a client; the caller closes it.

    No proxy, no password file and no certificate of the environment is used.
    """
    return httpx2.AsyncClient(
        headers={
            "Accept-Encoding": "identity",
            **{name: value.get_secret_value() for name, value in headers.items()},
        },
        timeout=httpx2.Timeout(limits.call_seconds, connect=limits.connect_seconds),
        transport=_Bounded(
            httpx2.AsyncHTTPTransport(verify=context, trust_env=False),
            limits.answer_bytes,
        ),
        trust_env=False,
    )


class _Bounded(httpx2.AsyncBaseTransport):
    """Breaks off answers that are too large.

    A stream of events may go on for ever; the SDK bounds each of its events.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, limit: int) -> None:
        self._inner = inner
        self._limit = limit

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise TooLargeError("the answer is packed", request=request)
        kind = response.headers.get("content-type", "")
        if not kind.lower().startswith("text/event-stream"):
            stream = response.stream
            if isinstance(stream, httpx2.AsyncByteStream):
                response.stream = _BoundedStream(stream, self._limit, request)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(
        self, inner: httpx2.AsyncByteStream, limit: int, request: httpx2.Request
    ) -> None:
        self._inner = inner
        self._left = limit
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._inner:
            self._left -= len(piece)
            if self._left < 0:
                raise TooLargeError("the answer is too large", request=self._request)
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()
