"""HTTP/1.1 and WebSocket frames by hand, so that a test may cut them at any byte."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

__all__ = [
    "Request",
    "answer",
    "close_frame",
    "handshake",
    "ping_frame",
    "pong_frame",
    "read_client_frame",
    "read_request",
    "text_frame",
]

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_REASONS: Final = {200: "OK", 201: "Created", 204: "No Content", 101: "Switching"}


@dataclass(slots=True)
class Request:
    """What a client asked."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    def number(self, name: str, default: int) -> int:
        """A number of the query."""
        values = parse_qs(urlsplit(self.target).query).get(name)
        return int(values[0]) if values else default

    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request; None when the client is gone."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    size = int(headers.get("content-length", "0"))
    try:
        body = await reader.readexactly(size) if size else b""
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Request(method, target, headers, body)


def answer(
    status: int,
    body: Any = None,
    *,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> bytes:
    """A whole answer; a body that is no `bytes` is written as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    if status == 204:
        raw = b""
    told = {"Content-Length": str(len(raw)), **(headers or {})}
    if raw:
        told["Content-Type"] = content_type
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    reason = _REASONS.get(status, "Other")
    return f"HTTP/1.1 {status} {reason}\r\n{lines}\r\n".encode() + raw


def handshake(request: Request) -> bytes:
    """The answer that opens a WebSocket."""
    key = request.headers["sec-websocket-key"].encode()
    accept = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()  # noqa: S324
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    ).encode()


def _frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    first = (0x80 if fin else 0) | opcode
    size = len(payload)
    if size < 126:
        head = bytes((first, size))
    elif size < 65536:
        head = bytes((first, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 127)) + size.to_bytes(8, "big")
    return head + payload


def text_frame(payload: bytes, *, pieces: int = 1) -> bytes:
    """A text message, in as many fragments as asked for."""
    if pieces < 2 or len(payload) < pieces:
        return _frame(1, payload)
    step = len(payload) // pieces + 1
    cut = [payload[i : i + step] for i in range(0, len(payload), step)]
    last = len(cut) - 1
    return b"".join(
        _frame(1 if i == 0 else 0, piece, fin=i == last) for i, piece in enumerate(cut)
    )


def close_frame(code: int, reason: str = "") -> bytes:
    """The end of a connection, in good or in bad."""
    return _frame(8, code.to_bytes(2, "big") + reason.encode())


def ping_frame() -> bytes:
    """Asks whether somebody is there."""
    return _frame(9, b"there?")


def pong_frame(payload: bytes) -> bytes:
    """The answer to a ping."""
    return _frame(10, payload)


async def read_client_frame(reader: asyncio.StreamReader) -> tuple[int, bytes] | None:
    """Opcode and payload of the next frame; None when the client is gone."""
    try:
        head = await reader.readexactly(2)
        size = head[1] & 0x7F
        if size == 126:
            size = int.from_bytes(await reader.readexactly(2), "big")
        elif size == 127:
            size = int.from_bytes(await reader.readexactly(8), "big")
        mask = await reader.readexactly(4)
        masked = await reader.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return head[0] & 0x0F, bytes(b ^ mask[i % 4] for i, b in enumerate(masked))
