"""The embedded server's socket, and uvicorn made to tell when it answers."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from coderchat_jupyter.server import _collector
from coderchat_jupyter.server.run import configure

__all__ = ["TellingServer", "listen"]


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
        super().__init__(configure(app))
        self.is_up = asyncio.Event()
        self._on_up = on_up
        self._on_down = on_down

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            _collector.begin()
            self._on_up()
            self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_down()
        await super().shutdown(sockets)


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
