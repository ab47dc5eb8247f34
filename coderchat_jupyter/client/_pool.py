"""The connections of a client, one pool for each event loop that calls."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import weakref
from collections.abc import Generator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx

from coderchat_jupyter.client import _failures
from coderchat_jupyter.client._place import Place
from coderchat_jupyter.wire.routes import TOKEN_HEADER

__all__ = ["Pool"]

# The server closes idle connections after 5 s or more. One that it is closing right
# now would lose a message that was just written to it.
_KEEP_ALIVE: Final = 2.0

# Before anyone could know what a call costs: the longest is a send that waits for a
# database.
_CONNECT: Final = 10.0


class _Token(httpx.Auth):
    """Adds the token at the last moment, so that no value of ours shows it."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers[TOKEN_HEADER] = self._place.token.get_secret_value()
        yield request


class Pool:
    """Opens connections on first use, and keeps them for the loop they belong to."""

    def __init__(
        self,
        place: Place,
        *,
        timeout: float,
        verify: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._place = place
        self._timeout = httpx.Timeout(timeout, connect=min(timeout, _CONNECT))
        # Without https there is nothing to verify, and building it takes a while.
        self._verify: ssl.SSLContext | bool = verify or False
        self._transport = transport
        self._clients: weakref.WeakKeyDictionary[
            asyncio.AbstractEventLoop, httpx.AsyncClient
        ] = weakref.WeakKeyDictionary()

    def client(self) -> httpx.AsyncClient:
        """What the running loop calls with.

        Raises:
            ConfigurationError: The environment names a proxy that cannot be right.
            ImportError: It names a SOCKS proxy, which takes another package.
        """
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None or client.is_closed:
            client = self._clients[loop] = self._new_client()
        return client

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

    def _new_client(self) -> httpx.AsyncClient:
        with contextlib.suppress(ValueError, httpx.InvalidURL):
            return httpx.AsyncClient(
                auth=_Token(self._place),
                headers={"Accept": "application/json"},
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                timeout=self._timeout,
                verify=self._verify,
                trust_env=self._place.use_environment,
                follow_redirects=False,
                limits=httpx.Limits(keepalive_expiry=_KEEP_ALIVE),
                transport=self._transport,
            )
        raise _failures.unreadable_proxy()
