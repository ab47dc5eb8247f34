"""Sockets to vendors that cost little for each piece of an answer.

The library's own are switched on and off for every read, and every read has a timer
of its own: that took more than all else that is done with a token. These read as data
comes, and one timer looks after all reads.

Imports the library at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

import httpcore2
import httpx2

from coderchat_jupyter.server.providers._network_body import quicken
from coderchat_jupyter.server.providers._network_wire import Wire, is_readable

__all__ = ["Network", "use_network"]

_NEXT_ADDRESS_SECONDS: Final = 0.25
"""For an address to answer, before the next one of a name is tried beside it."""


class Network(httpcore2.AsyncNetworkBackend):
    """Connections over asyncio's own transports."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the library's word
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect.

        Raises:
            httpcore2.ConnectTimeout: Nobody answered in time.
            httpcore2.ConnectError: It cannot be reached.
        """
        loop = asyncio.get_running_loop()
        async with _connecting(timeout):
            transport, wire = await loop.create_connection(
                Wire,
                host,
                port,
                local_addr=(local_address, 0) if local_address else None,
                happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS,
            )
        for option in socket_options or ():
            transport.get_extra_info("socket").setsockopt(*option)
        return _Stream(transport, wire)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class _Stream(httpcore2.AsyncNetworkStream):
    """A connection, as the library wants it; `wire` is where it reads."""

    def __init__(self, transport: asyncio.Transport, wire: Wire) -> None:
        self._transport = transport
        self.wire = wire

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return await self.wire.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if not buffer:
            return
        if self.wire.is_over:
            raise httpcore2.WriteError("the connection is closed")
        self._transport.write(buffer)
        try:
            async with asyncio.timeout(timeout):
                await self.wire.drained()
        except TimeoutError as error:
            raise httpcore2.WriteTimeout(str(error)) from error

    async def aclose(self) -> None:
        self._transport.close()
        try:
            # What waits to be written has its chance; nobody waits for the other side.
            await asyncio.sleep(0)
        finally:
            self._transport.abort()
            self.wire.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        try:
            async with _connecting(timeout):
                secured = await loop.start_tls(
                    self._transport,
                    self.wire,
                    ssl_context,
                    server_hostname=server_hostname,
                )
                if secured is None:
                    raise ConnectionResetError("the connection is closed")
        except BaseException:
            await self.aclose()
            raise
        self.wire.connection_made(secured)
        return _Stream(secured, self.wire)

    def get_extra_info(self, info: str) -> Any:
        found = self._transport.get_extra_info
        match info:
            case "ssl_object" | "socket":
                return found(info)
            case "client_addr":
                return found("sockname")
            case "server_addr":
                return found("peername")
            case "is_readable":
                # An idle connection that has something to say is about to end.
                raw: socket.socket = found("socket")
                return self.wire.has_news or is_readable(raw)
        return None


@asynccontextmanager
async def _connecting(seconds: float | None) -> AsyncIterator[None]:
    """In the library's words, what goes wrong."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise httpcore2.ConnectTimeout(str(error)) from error
    except (OSError, ssl.SSLError) as error:
        raise httpcore2.ConnectError(str(error)) from error


def use_network(client: httpx2.AsyncClient) -> None:
    """Have a client's connections made by `Network`, those through a proxy too.

    The bodies of its answers are read past the library; this is its first hook, for
    others listen to what is read.
    """
    hooks = client.event_hooks
    client.event_hooks = hooks | {"response": [quicken, *hooks["response"]]}
    network = Network()
    # There is no public way that keeps the proxies of the environment.
    for transport in (client._transport, *client._mounts.values()):
        pool = getattr(transport, "_pool", None)
        if isinstance(pool, httpcore2.AsyncConnectionPool):
            pool._network_backend = network
