"""See to it that a connection ends once both sides have said goodbye.

It is for the server to close the socket then, and the library waits for that without a
limit as long as somebody reads. A server that stalls, or a proxy in front of it, would
keep its reader for ever.
"""

from __future__ import annotations

import asyncio
from typing import Any

from websockets.asyncio.client import ClientConnection

__all__ = ["EndingConnection"]


class EndingConnection(ClientConnection):
    """A connection that waits for the end of its socket as long as for a goodbye."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._deadline: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Bytes have come; the last ones, if they end the connection."""
        super().data_received(data)
        if self._deadline is None and self.protocol.close_expected():
            wait = self.close_timeout or 0.0
            self._deadline = self.loop.call_later(wait, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket has ended."""
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)
