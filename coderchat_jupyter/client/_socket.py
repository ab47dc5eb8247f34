"""WebSocket connections: opened with the token, read in whole frames, ended in words.

Errors of the library are not kept as causes: their frames hold the token.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, cast

from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection, connect
from websockets.datastructures import Headers
from websockets.exceptions import (
    ConnectionClosed,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
    WebSocketException,
)

from coderchat_jupyter.client import _failures, _refusals
from coderchat_jupyter.client._closes import broken, ending
from coderchat_jupyter.client._frames import QuickConnection, is_fit
from coderchat_jupyter.client._place import Place
from coderchat_jupyter.client._proxies import proxy_for
from coderchat_jupyter.client._release import Release, renamed
from coderchat_jupyter.errors import (
    CloseReason,
    CoderChatError,
    ConnectionLostError,
    NotCoderError,
    UnsupportedError,
)
from coderchat_jupyter.wire import routes

__all__ = ["Ask", "Dialer", "Socket"]

Ask = Callable[[], Awaitable[object]]

# The server drops events of a slow reader, so reading must never wait for a queue
# of ours to be emptied.
_MAX_QUEUE: Final = 4096

_OPEN_TIMEOUT: Final = 15.0

# The server pings every 15 s; a connection that is silent for longer than this is
# dead, also when no one told us (a laptop that slept).
_PING_INTERVAL: Final = 20.0
_PING_TIMEOUT: Final = 20.0
_CLOSE_TIMEOUT: Final = 2.0

_FAULTS: Final = (WebSocketException, OSError, ImportError, UnicodeError)

# The library logs request headers at DEBUG, and the token is one of them. One that is
# not registered, as a configuration of logging sets the levels of all that are.
_SILENT: Final = logging.Logger("coderchat_jupyter.client.socket", logging.INFO)  # noqa: LOG001
_SILENT.parent = logging.getLogger("coderchat_jupyter")


class _SecretHeaders(Headers):
    """Headers that are not shown by a traceback with locals."""

    def __repr__(self) -> str:
        return "Headers(…)"

    __str__ = __repr__


class _Connect(connect):
    """Refuses redirects: the token is for the server that was named."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def _quick(max_size: int) -> type[ClientConnection] | None:
    """What the library is to make a connection by; None: as it does by itself."""
    if not is_fit():
        return None
    made = partial(QuickConnection, max_size=max_size, max_frames=_MAX_QUEUE)
    return cast("type[ClientConnection]", made)


def _nothing() -> None:
    """There is never a frame already: the library is asked for each."""


class Socket:
    """One open connection."""

    def __init__(
        self,
        connection: ClientConnection,
        address: str,
        *,
        hide: SecretStr | None = None,
    ) -> None:
        self._connection = connection
        self._address = address
        self._hide = hide  # a server may say the token when it ends the connection
        self._next: Callable[[], Awaitable[bytes]]
        self.take: Callable[[], bytes | None]
        """A frame that is there already, None if one has to be waited for."""
        if isinstance(connection, QuickConnection):
            self._next, self.take = connection.receive, connection.take
        else:
            self._next, self.take = lambda: connection.recv(decode=False), _nothing

    async def receive(self) -> bytes | None:
        """The next frame; None when the server has ended the connection properly.

        Raises:
            StreamClosedError: It ended in any other way.
        """
        try:
            return await self._next()
        except asyncio.CancelledError as cancelled:
            raise _failures.bare(cancelled)  # noqa: B904
        except ConnectionClosed as closed:
            ended = ending(closed, self._address, hide=self._hide)
        except _FAULTS:
            ended = broken(CloseReason.DROPPED, self._address)
        if ended is None:
            return None
        raise _failures.bare(ended)

    async def send(self, text: str) -> None:
        """Send a frame.

        Raises:
            StreamClosedError: The connection has ended.
        """
        try:
            return await self._connection.send(text)
        except asyncio.CancelledError as cancelled:
            raise _failures.bare(cancelled)  # noqa: B904
        except ConnectionClosed as closed:
            ended = ending(closed, self._address, hide=self._hide)
        except _FAULTS:
            ended = None
        raise ended or broken(CloseReason.DROPPED, self._address)

    async def aclose(self) -> None:
        """End the connection; returns within seconds, whatever the server does."""
        try:
            await self._connection.close()
        finally:
            # Whoever is cancelled while saying goodbye must not leave it half open.
            self._connection.transport.abort()


class Dialer:
    """Opens connections to one server.

    Proxies and the certificate authority come from the environment, as for any other
    program; redirects are refused; the token travels in a header.
    """

    def __init__(
        self,
        place: Place,
        *,
        verify: ssl.SSLContext | None,
        release: Release | None = None,
        ask: Ask | None = None,
        ping_interval: float = _PING_INTERVAL,
        ping_timeout: float = _PING_TIMEOUT,
        open_timeout: float = _OPEN_TIMEOUT,
        close_timeout: float = _CLOSE_TIMEOUT,
    ) -> None:
        """Prepare to connect.

        Args:
            place: Where the server is.
            verify: Whom to trust; needed for https alone.
            release: What is known of the server.
            ask: Has the server say its release, for an error that names it.
            ping_interval: Seconds between two pings of ours.
            ping_timeout: Seconds that the answer to one may take.
            open_timeout: Seconds until the server has accepted a connection.
            close_timeout: Seconds for a goodbye, and for the end of the socket after.
        """
        self._place = place
        self._verify = verify
        self._release = release
        self._ask = ask
        self._ping_interval = ping_interval
        self._ping_timeout = ping_timeout
        self._open_timeout = open_timeout
        self._close_timeout = close_timeout

    @asynccontextmanager
    async def dial(
        self, path: str, *, query: str = "", max_size: int
    ) -> AsyncIterator[Socket]:
        """One connection, ended when the context is left.

        Args:
            path: As `wire.routes` has it.
            query: What follows the question mark.
            max_size: The largest frame to accept, in bytes.

        Raises:
            CoderChatError: The connection was refused or not possible.
        """
        socket = await self._open(path, query, max_size)
        try:
            yield socket
        finally:
            await socket.aclose()

    async def _open(self, path: str, query: str, max_size: int) -> Socket:
        release = self._release
        if release is None:
            opened = await self._attempt(
                routes.EXPERIMENTAL + path, path, query, max_size
            )
        else:
            if (refusal := release.refusal("GET", path)) is not None:
                raise refusal
            full = release.full_path(path)
            opened = await self._attempt(full, path, query, max_size)
            if isinstance(opened, UnsupportedError):
                # Newer servers have the same tree in another place.
                other = release.other_path(path, full)
                if other is not None:
                    opened = await self._attempt(other, path, query, max_size)
                    full = other
            if isinstance(opened, Socket):
                release.settle(path, full)
        if isinstance(opened, Socket):
            return opened
        if isinstance(opened, UnsupportedError):
            opened = await self._with_version(opened)
        raise _failures.bare(opened)

    async def _with_version(self, error: UnsupportedError) -> UnsupportedError:
        """The same, with the release that lacks the stream, if one will tell."""
        if error.server_version or self._release is None or self._ask is None:
            return error
        with contextlib.suppress(CoderChatError):
            await self._ask()
        version = self._release.version
        return error if not version else renamed(error, version)

    async def _attempt(
        self, full: str, path: str, query: str, max_size: int
    ) -> Socket | CoderChatError:
        """The error is given and not raised: it must not hang on the library's."""
        place = self._place
        token = place.token.get_secret_value
        try:
            connection = await _Connect(
                f"ws{place.address[4:]}{full}{'?' if query else ''}{query}",
                additional_headers=_SecretHeaders({routes.TOKEN_HEADER: token()}),
                ssl=self._verify,
                proxy=proxy_for(place.address) if place.use_environment else None,
                compression=None,
                max_size=max_size,
                max_queue=_MAX_QUEUE,
                create_connection=_quick(max_size),
                open_timeout=self._open_timeout,
                ping_interval=self._ping_interval,
                ping_timeout=self._ping_timeout,
                close_timeout=self._close_timeout,
                logger=_SILENT,
            )
        except asyncio.CancelledError as cancelled:
            raise _failures.bare(cancelled)  # noqa: B904
        except _FAULTS as error:
            return self._translate(error, f"GET {path}")
        except ValueError:
            return _failures.unreadable_proxy()
        return Socket(connection, place.address, hide=place.token)

    def _translate(self, error: Exception, call: str) -> CoderChatError:
        address = self._place.address
        if isinstance(error, InvalidStatus):
            version = error.response.headers.get(routes.VERSION_HEADER, "")
            if self._release is not None:
                self._release.note(version, address=address)
                version = self._release.version
            return _refusals.from_refusal(
                error,
                call=call,
                address=address,
                version=version,
                hide=self._place.token,
            )
        if isinstance(error, InvalidMessage):
            # A peer that hangs up in the middle of the handshake looks like this, too.
            return ConnectionLostError(
                f"{address} did not answer the stream's handshake."
            )
        if isinstance(error, ConnectionClosed):
            return broken(CloseReason.DROPPED, address)
        near = InvalidURI | InvalidProxy | ProxyError | OSError | ImportError
        if isinstance(error, near | UnicodeError):
            return _failures.from_exception(error, address=address)
        return NotCoderError(
            f"{address} answers, but not as the stream of a chat. Check the address, "
            "and that a proxy on the way lets WebSockets pass."
        )
