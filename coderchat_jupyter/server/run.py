"""Run the server in this process, until it is told to stop."""

from __future__ import annotations

import errno
import socket
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from coderchat_jupyter.server.keepalive import ChatSocketProtocol
from coderchat_jupyter.wire.framing import MAX_FRAME_BYTES

__all__ = ["PortTakenError", "configure", "listen", "make_server"]

_PING_SECONDS: Final = 15.0
_GRACE_SECONDS: Final = 5


class PortTakenError(OSError):
    """Somebody else listens there."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    Raises:
        PortTakenError: The port is in use; the text says so.
        OSError: The address cannot be used at all.
        OverflowError: There is no such port.
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
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            msg = f"port {port} of {host} is taken: stop what listens there"
            raise PortTakenError(f"{msg}, or give another --port") from None
        raise
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


def make_server(app: ASGIApp) -> uvicorn.Server:
    """A server; `await server.serve(sockets=[listener])` runs it."""
    return uvicorn.Server(configure(app))
