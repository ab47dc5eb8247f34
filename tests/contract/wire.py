"""A WebSocket as bytes, for what libraries do not show."""

from __future__ import annotations

import secrets
import socket
from base64 import b64encode
from urllib.parse import urlsplit

__all__ = ["Wire"]


class Wire:
    """A WebSocket as bytes, that answers nothing of its own accord."""

    def __init__(self, url: str, path: str, token: str) -> None:
        parts = urlsplit(url)
        address = (str(parts.hostname), int(parts.port or 0))
        self._socket = socket.create_connection(address, timeout=60)
        self._bytes = self._socket.makefile("rb")
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {b64encode(secrets.token_bytes(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            f"Coder-Session-Token: {token}",
        ]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        head = [self._bytes.readline()]
        while head[-1].strip():
            head.append(self._bytes.readline())
        self.status = head[0].decode().strip()
        self.headers = [line.decode().lower() for line in head[1:]]

    def frame(self) -> tuple[int, bytes]:
        """The next frame: its first byte, and what it carries."""
        first, size = self._bytes.read(2)
        if size == 126:
            size = int.from_bytes(self._bytes.read(2), "big")
        elif size == 127:
            size = int.from_bytes(self._bytes.read(8), "big")
        return first, self._bytes.read(size)

    def leave(self) -> None:
        """Say that nothing follows; the reply is not waited for."""
        # The mask of four zeros changes nothing.
        self._socket.sendall(b"\x88\x82" + bytes(4) + (1000).to_bytes(2, "big"))

    def close(self) -> None:
        self._bytes.close()
        self._socket.close()
