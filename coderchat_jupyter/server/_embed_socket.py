"""The embedded server's socket, and uvicorn made to tell when it answers."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Final

import uvicorn
from starlette.types import ASGIApp

__all__ = ["TellingServer", "listen"]

_GRACE_SECONDS: Final = 5

_MAX_FRAME_BYTES: Final = 4 * 1024 * 1024
"""Clients send next to nothing over a socket."""


class TellingServer(uvicorn.Server):
    """Tells when it answers, and when it will not any more.

    The latter not after `serve`: a signal that ended it is raised again there, and
    ends the process.
    """

    def __init__(
        self,
        app: ASGIApp,
        on_up: Callable[[], None],
        on_down: Callable[[], None],
    ) -> None:
        super().__init__(_configured(app))
        self.is_up = asyncio.Event()
        self._on_up = on_up
        self._on_down = on_down

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_up()
            self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_down()
        await super().shutdown(sockets)


def _configured(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        # Ours is set by the command; its own would write to stdout.
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ws_max_size=_MAX_FRAME_BYTES,
    )


def listen(port: object) -> socket.socket:
    """Listen on loopback, at the port of last time if it is free."""
    for wanted in (port, 0):
        if not isinstance(wanted, int):
            continue
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":
            # The port of last time may still linger. Elsewhere this would let two
            # servers share a port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", wanted))
        except OSError:
            listener.close()
            if wanted == 0:
                raise
        else:
            listener.listen(128)
            return listener
    raise OSError("there is no free port")
