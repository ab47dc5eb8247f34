"""The server's WebSocket protocol: uvicorn's, with the closing words of v2.34."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, Final

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import (
    WebSocketsSansIOProtocol,
)
from websockets.frames import Frame
from websockets.http11 import Request

__all__ = ["FRAMES", "ChatSocketProtocol"]

FRAMES: Final = "coderchat.frames"
"""The extension of a connection's scope that writes whole frames at once."""

_LINGER_SECONDS: Final = 5.0
"""For a client to take what it was sent before the end. One that takes nothing would
keep its connection, and what waits in it, for as long as it likes."""


_PARTING_SECONDS: Final = 2.0
"""For what the server does at the end of a connection, before the client is told."""


class ChatSocketProtocol(WebSocketsSansIOProtocol):
    """Pings; who does not answer is told the server goes away, which is no error."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._lingering: asyncio.TimerHandle | None = None
        self._is_full = False
        self._is_parting = False

    async def run_asgi(self) -> None:
        """Serve the connection, and let it go."""
        await super().run_asgi()
        self._part()
        self._linger()

    def handle_close(self, event: Frame) -> None:
        """Answer a client's close, but only after the application has ended.

        Who was answered may rely on all that follows, like the marks of what was read.
        """
        closing = self.conn.close_rcvd
        if self.close_sent or self.transport.is_closing() or closing is None:
            super().handle_close(event)
            return
        self.queue.put_nowait(
            {
                "type": "websocket.disconnect",
                "code": closing.code,
                "reason": closing.reason,
            }
        )
        self.close_sent = self._is_parting = True
        self.close_timer = self.loop.call_later(_PARTING_SECONDS, self._part)

    def _part(self) -> None:
        if not self._is_parting:
            return
        self._is_parting = False
        if self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = None
        if not self.transport.is_closing():
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def handle_connect(self, event: Request) -> None:
        """Begin, and offer the application to write frames of its own."""
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self.scope["extensions"][FRAMES] = {"write": self.write_frame}

    def write_frame(self, frame: bytes) -> bool:
        """Write a whole frame, if the connection is open and its reader keeps up."""
        if (
            self._is_full
            or self.close_sent
            or self.disconnected
            or self.transport.is_closing()
        ):
            return False
        self.transport.write(frame)
        return True

    def pause_writing(self) -> None:
        """Note that its reader does not keep up."""
        self._is_full = True
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that it has caught up."""
        self._is_full = False
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that it is gone."""
        super().connection_lost(exc)
        if self._lingering is not None:
            self._lingering.cancel()

    def shutdown(self) -> None:
        """Tell the client that the server goes away."""
        self._part()
        if self.handshake_complete and not self.close_sent:
            self._go_away("")
        super().shutdown()

    async def send(self, message: ASGISendEvent) -> None:
        """Send; a refusal sent whole is an end, and not a handshake left open."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = not message.get("more_body", False)

    def keepalive_timeout(self) -> None:
        """Close with 1001, as clients of this API take for a clean end."""
        if not (self.close_sent or self.transport.is_closing()):
            self.pending_ping_payload = None
            self.pong_timer = None
            self._go_away("Ping failed")
            self.transport.close()
            self._linger()

    def _go_away(self, reason: str) -> None:
        self.conn.send_close(1001, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1001})

    def _linger(self) -> None:
        if self._lingering is None and not self.disconnected:
            self._lingering = self.loop.call_later(
                _LINGER_SECONDS, self.transport.abort
            )
