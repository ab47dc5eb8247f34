"""The server's WebSocket protocol: uvicorn's, with the closing words of v2.34."""

from __future__ import annotations

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import (
    WebSocketsSansIOProtocol,
)

__all__ = ["ChatSocketProtocol"]


class ChatSocketProtocol(WebSocketsSansIOProtocol):
    """Pings; who does not answer is told the server goes away, which is no error."""

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
            self.conn.send_close(1001, "Ping failed")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.transport.close()
