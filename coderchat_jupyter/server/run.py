"""Run the server in this process, until it is told to stop."""

from __future__ import annotations

import errno
import socket
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from coderchat_jupyter.server import _collector
from coderchat_jupyter.server._deadline import Deadline
from coderchat_jupyter.server.keepalive import ChatSocketProtocol
from coderchat_jupyter.wire.framing import MAX_FRAME_BYTES

__all__ = ["ChatServer", "PortTakenError", "configure", "listen"]

_PING_SECONDS: Final = 15.0
_GRACE_SECONDS: Final = 5

_STOP_SECONDS: Final = 9.0
"""From a signal to the end: clients, then chats that are handed back."""

_LAST_SECONDS: Final = 1.0
"""For the threads that are left when all is handed back."""


class PortTakenError(OSError):
    """Somebody else listens there."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    Raises:
        PortTakenError: The port is in use; the text says so.
        OSError: The address cannot be used at all; so does this text.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # So that a restart need not wait for the last connections to be forgotten.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except BaseException as error:
        listener.close()
        if not isinstance(error, (OSError, UnicodeError)):
            raise
        if getattr(error, "errno", 0) == errno.EADDRINUSE:
            msg = f"port {port} of {host} is taken: stop what listens there"
            raise PortTakenError(f"{msg}, or give another --port") from None
        why = getattr(error, "strerror", None) or "it is no name of a host"
        msg = f"cannot listen on {host!r}, port {port}: {why}"
        raise OSError(msg) from None
    listener.settimeout(0)
    return listener


def configure(app: ASGIApp) -> uvicorn.Config:
    """How uvicorn serves the application, as a command or embedded."""
    return uvicorn.Config(
        app,
        ws=ChatSocketProtocol,
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=_PING_SECONDS,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        # Query strings may hold tokens: no access log.
        access_log=False,
        # The command sets logging up; uvicorn's own would write to stdout.
        log_config=None,
        lifespan="on",
        server_header=False,
    )


class ChatServer(uvicorn.Server):
    """A server for a process of its own; `await run_on(listener)` serves.

    To be used within `capture_signals()`. SIGTERM and SIGINT end it in order, and
    that it obeyed is a success: they are not raised again.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(configure(app))
        self._deadline = Deadline()

    async def run_on(self, listener: socket.socket) -> None:
        """Serve until told to stop; chats that are answered then are handed back."""
        # The signals are captured already, from before there was anything to stop.
        await self._serve([listener])
        self._deadline.within(_LAST_SECONDS)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start; what it takes to serve is there then."""
        await super().startup(sockets)
        _collector.begin()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; a second Ctrl+C does not wait for clients."""
        if not self.should_exit:
            self._deadline.within(_STOP_SECONDS)
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Obey signals until the end of everything, threads included."""
        with self._deadline, super().capture_signals():
            try:
                yield
            finally:
                self._captured_signals.clear()
