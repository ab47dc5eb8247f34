"""One WebSocket connection to one chat, as batches of events.

Nothing is ever written to it: the server closes the connection when a client speaks.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Final, Protocol, TypeAlias

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    ConnectionClosedOK,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
    WebSocketException,
)

from coderchat_jupyter.client import _failures
from coderchat_jupyter.client._place import Place
from coderchat_jupyter.errors import (
    CoderChatError,
    ConnectionLostError,
    NotCoderError,
    ProtocolError,
)
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.events import UnknownEvent
from coderchat_jupyter.wire.framing import MAX_FRAME_BYTES, Batch, decode_frame
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["Batches", "Streams", "WebSocketStreams"]

Batches: TypeAlias = AsyncIterator[Batch]

# A full batch may hold 256 events with a message each; ours is the larger limit.
_MAX_SIZE: Final = 4 * MAX_FRAME_BYTES

# The server drops events of a slow reader, so reading must never wait for a queue
# of ours to be emptied.
_MAX_QUEUE: Final = 4096

_OPEN_TIMEOUT: Final = 15.0

# The server pings every 15 s; a connection that is silent for longer than this is
# dead, also when no one told us (a laptop that slept).
_PING_INTERVAL: Final = 20.0
_PING_TIMEOUT: Final = 20.0
_CLOSE_TIMEOUT: Final = 2.0

_NORMAL: Final = frozenset({1000, 1001})
_POLICY: Final = 1008

# The library logs request headers at DEBUG, and the token is one of them.
_SILENT: Final = logging.getLogger("coderchat_jupyter.client.socket")
_SILENT.setLevel(logging.INFO)


class Streams(Protocol):
    """Opens connections to the stream of a chat."""

    def open(
        self, chat_id: ChatId, after_id: int
    ) -> AbstractAsyncContextManager[Batches]:
        """One connection; ends when the context is left."""
        ...


class _Connect(connect):
    """Refuses redirects: the token is for the server that was named."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class WebSocketStreams:
    """Streams over the websockets library."""

    def __init__(self, place: Place, *, verify: ssl.SSLContext | None) -> None:
        self._place = place
        self._verify = verify

    def __repr__(self) -> str:
        return f"WebSocketStreams({self._place.address!r})"

    @asynccontextmanager
    async def open(self, chat_id: ChatId, after_id: int) -> AsyncIterator[Batches]:
        """Connect, and hand out one batch of events per frame.

        The iterator ends when the server ends the connection properly. A frame that
        cannot be read is a batch of one `UnknownEvent` without a type.

        Args:
            chat_id: The chat.
            after_id: Messages up to this id are not sent again.

        Raises:
            ConnectionLostError: No connection, or it broke off (from the iterator).
            AuthenticationError: The token is not accepted.
            NotFoundError: No such chat, or it is not shared with you.
        """
        path = routes.stream(chat_id)
        call = f"GET {path}"
        base = f"ws{self._place.address[4:]}{routes.EXPERIMENTAL}"
        try:
            socket = await _Connect(
                f"{base}{path}?after_id={after_id}",
                additional_headers={
                    routes.TOKEN_HEADER: self._place.token.get_secret_value()
                },
                ssl=self._verify,
                proxy=True if self._place.use_environment else None,
                compression=None,
                max_size=_MAX_SIZE,
                max_queue=_MAX_QUEUE,
                open_timeout=_OPEN_TIMEOUT,
                ping_interval=_PING_INTERVAL,
                ping_timeout=_PING_TIMEOUT,
                close_timeout=_CLOSE_TIMEOUT,
                logger=_SILENT,
            )
        except (WebSocketException, OSError) as error:
            raise self._translate(error, call) from error
        try:
            async with aclosing(self._batches(socket)) as batches:
                yield batches
        finally:
            await socket.close()

    async def _batches(self, socket: ClientConnection) -> AsyncGenerator[Batch, None]:
        try:
            while True:
                yield _decode(await socket.recv())
        except ConnectionClosedOK:
            return
        except ConnectionClosed as error:
            code = error.rcvd.code if error.rcvd is not None else None
            if code in _NORMAL:
                return
            raise ConnectionLostError(self._closed(code)) from error
        except (WebSocketException, OSError) as error:
            raise self._translate(error, "stream") from error

    def _closed(self, code: int | None) -> str:
        if code is None:
            return f"The stream from {self._place.address} broke off."
        if code == _POLICY:
            return f"{self._place.address} ended the stream: it was written to."
        return f"{self._place.address} ended the stream (code {code})."

    def _translate(self, error: Exception, call: str) -> CoderChatError:
        if isinstance(error, InvalidStatus):
            return _failures.from_refusal(error, call=call, address=self._place.address)
        if isinstance(error, InvalidMessage):
            # A peer that hangs up in the middle of the handshake looks like this, too.
            return ConnectionLostError(
                f"{self._place.address} did not answer the stream's handshake."
            )
        if isinstance(error, InvalidURI | InvalidProxy | ProxyError | OSError):
            return _failures.from_exception(error, address=self._place.address)
        if isinstance(error, ConnectionClosed):
            return ConnectionLostError(self._closed(None))
        return NotCoderError(
            f"{self._place.address} answers, but not as the stream of a chat. Check "
            "the address, and that a proxy on the way lets WebSockets pass."
        )


def _decode(frame: str | bytes) -> Batch:
    try:
        return decode_frame(frame)
    except ProtocolError:
        return (UnknownEvent(raw={}),)
