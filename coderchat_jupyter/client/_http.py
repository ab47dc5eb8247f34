"""The seam to HTTP: what a resource may ask for, and how httpx does it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import weakref
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any, Final, Protocol, TypeVar

import httpx
from pydantic import TypeAdapter

from coderchat_jupyter.client import _failures
from coderchat_jupyter.client._place import Place
from coderchat_jupyter.client._retry import delay_before_retry
from coderchat_jupyter.errors import CoderChatError, ProtocolError
from coderchat_jupyter.wire._go import dumps, encode
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire.messages import MAX_BODY_BYTES
from coderchat_jupyter.wire.providers import with_secrets
from coderchat_jupyter.wire.routes import EXPERIMENTAL, TOKEN_HEADER, VERSION_HEADER

__all__ = ["Http", "HttpxHttp", "Sleep"]

T = TypeVar("T")

Sleep = Callable[[float], Awaitable[None]]

# The server closes idle connections after 5 s or more. One that it is closing right
# now would lose a message that was just written to it.
_KEEP_ALIVE: Final = 2.0

# Before anyone could know what a call costs: the longest is a send that waits for a
# database.
_CONNECT: Final = 10.0

_TRANSLATED: Final = (
    CoderChatError,
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.CookieConflict,
    httpx.StreamError,
    OSError,
)


class Http(Protocol):
    """Calls to one server. Paths are those of `wire.routes`.

    Every method raises only errors of `coderchat_jupyter.errors`.
    """

    async def get(
        self, path: str, *, returns: Any, params: Mapping[str, Any] | None = None
    ) -> Any:
        """Read something; repeated by itself when the connection is lost."""
        ...

    async def send(
        self, method: str, path: str, body: Any = None, *, returns: Any = None
    ) -> Any:
        """Change something; repeated only if the server cannot have seen it."""
        ...


class _Token(httpx.Auth):
    """Adds the token at the last moment, so that no value of ours shows it."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers[TOKEN_HEADER] = self._place.token.get_secret_value()
        yield request


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


class HttpxHttp:
    """Calls over httpx. May be used from any number of event loops.

    Proxies and the certificate authority come from the environment (`HTTPS_PROXY`,
    `NO_PROXY`, `SSL_CERT_FILE`), as for any other program. Redirects are refused: the
    token is for the server that was named.
    """

    def __init__(
        self,
        place: Place,
        *,
        timeout: float,
        verify: ssl.SSLContext | None = None,
        sleep: Sleep = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._place = place
        self._timeout = httpx.Timeout(timeout, connect=min(timeout, _CONNECT))
        # Without https there is nothing to verify, and building it takes a while.
        self._verify: ssl.SSLContext | bool = verify or False
        self._sleep = sleep
        self._transport = transport
        # A connection belongs to the loop that opened it.
        self._clients: weakref.WeakKeyDictionary[
            asyncio.AbstractEventLoop, httpx.AsyncClient
        ] = weakref.WeakKeyDictionary()
        self.version = ""

    def __repr__(self) -> str:
        return f"HttpxHttp({self._place.address!r})"

    async def get(
        self, path: str, *, returns: Any, params: Mapping[str, Any] | None = None
    ) -> Any:
        """Read something; repeated by itself when the connection is lost."""
        return await self._call("GET", path, params=params, returns=returns)

    async def send(
        self, method: str, path: str, body: Any = None, *, returns: Any = None
    ) -> Any:
        """Change something; repeated only if the server cannot have seen it."""
        content = None
        if body is not None:
            content = dumps(with_secrets(encode(body)))
            if len(content) > MAX_BODY_BYTES:
                call = f"{method} {path}"
                raise _failures.too_large(len(content), MAX_BODY_BYTES, call=call)
        return await self._call(method, path, content=content, returns=returns)

    async def aclose(self) -> None:
        """Close the connections of every loop that still runs."""
        here = asyncio.get_running_loop()
        for loop, client in list(self._clients.items()):
            del self._clients[loop]
            if loop is here:
                await client.aclose()
            elif loop.is_running():
                # A loop that ends meanwhile closes its own sockets.
                with contextlib.suppress(RuntimeError):
                    away = asyncio.run_coroutine_threadsafe(client.aclose(), loop)
                    await asyncio.wrap_future(away)

    def _client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None or client.is_closed:
            client = self._clients[loop] = httpx.AsyncClient(
                auth=_Token(self._place),
                headers={"Accept": "application/json"},
                timeout=self._timeout,
                verify=self._verify,
                trust_env=self._place.use_environment,
                follow_redirects=False,
                limits=httpx.Limits(keepalive_expiry=_KEEP_ALIVE),
                transport=self._transport,
            )
        return client

    async def _call(
        self,
        method: str,
        path: str,
        *,
        returns: Any,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
    ) -> Any:
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._once(method, path, params, content, returns)
            except _TRANSLATED as cause:
                error = _failures.from_exception(cause, address=self._place.address)
                wait = delay_before_retry(
                    attempt, cause=cause, error=error, is_read=method == "GET"
                )
                if wait is None:
                    if error is cause:
                        raise
                    raise error from cause
            await self._sleep(wait)

    async def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        content: bytes | None,
        returns: Any,
    ) -> Any:
        full = path if path.startswith("/api/") else EXPERIMENTAL + path
        headers = {} if content is None else {"Content-Type": "application/json"}
        answer = await self._client().request(
            method,
            self._place.address + full,
            params=params,
            content=content,
            headers=headers,
        )
        kind = answer.headers.get("Content-Type", "")
        self.version = answer.headers.get(VERSION_HEADER, self.version)
        if not answer.is_success:
            raise _failures.from_response(
                answer.status_code,
                answer.content,
                call=f"{method} {path}",
                address=self._place.address,
                content_type=kind,
                location=answer.headers.get("Location", ""),
                version=self.version,
                retry_after=answer.headers.get("Retry-After", ""),
            )
        if returns is None:
            return None
        try:
            what = getattr(returns, "__name__", "answer")
            return decode(_adapter(returns), answer.content, what=what)
        except ProtocolError as error:
            raise _failures.not_readable(
                error, address=self._place.address, content_type=kind
            ) from None
