"""A WebSocket that only the server speaks on."""

from __future__ import annotations

import asyncio
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

__all__ = ["Frames", "serve"]


class Frames(Protocol):
    """What there is to send."""

    overflowed: bool

    async def take(self) -> str:
        """Wait for the next frame; empty if the reader is to be cut off."""
        ...


async def serve(socket: WebSocket, frames: Frames) -> None:
    """Send until the client ends, or says what it must not, or reads too slowly."""
    sending = asyncio.create_task(_send(socket, frames))
    reading = asyncio.create_task(_read(socket))
    try:
        done, _ = await asyncio.wait(
            {sending, reading}, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        for task in (sending, reading):
            task.cancel()
        results = await asyncio.gather(sending, reading, return_exceptions=True)
    for task in done:
        if (code := task.result()) is not None and _is_open(socket):
            await socket.close(*code)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _send(socket: WebSocket, frames: Frames) -> tuple[int, str] | None:
    """Send frames; the close to end with, if it is not the client that ends."""
    try:
        while True:
            frame = await frames.take()
            if frame:
                await socket.send_text(frame)
            elif frames.overflowed:
                return 1001, "The client reads too slowly."
    except (WebSocketDisconnect, RuntimeError):
        return None


async def _read(socket: WebSocket) -> tuple[int, str] | None:
    """Wait for the client to end, or to say what it must not."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        return None
    return 1008, "unexpected data message"


def _is_open(socket: WebSocket) -> bool:
    return (
        socket.application_state is WebSocketState.CONNECTED
        and socket.client_state is WebSocketState.CONNECTED
    )
