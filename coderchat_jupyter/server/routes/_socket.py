"""A WebSocket that only the server speaks on."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

__all__ = ["Frames", "serve"]

_TOO_SLOW: Final = (1001, "The client reads too slowly.")
_LAST_SECONDS: Final = 5.0
"""For a slow reader to take what waits, and then the goodbye."""


class Frames(Protocol):
    """What there is to send."""

    @property
    def overflowed(self) -> bool:
        """Whether the reader is to be cut off."""
        ...

    async def take(self) -> str:
        """Wait for the next frame; empty if the reader is to be cut off."""
        ...

    async def overrun(self) -> None:
        """Wait until the reader is to be cut off."""
        ...


async def serve(socket: WebSocket, frames: Frames) -> None:
    """Send until the client ends, or says what it must not, or reads too slowly."""
    tasks = [
        asyncio.create_task(work)
        for work in (_send(socket, frames), _read(socket), _overrun(frames))
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        if (code := task.result()) is not None and _is_open(socket):
            await _close(socket, code)
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
                return _TOO_SLOW
    except (WebSocketDisconnect, RuntimeError):
        return None


async def _read(socket: WebSocket) -> tuple[int, str] | None:
    """Wait for the client to end, or to say what it must not."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        return None
    return 1008, "unexpected data message"


async def _overrun(frames: Frames) -> tuple[int, str]:
    """Wait for a reader that never reads what waits for it."""
    await frames.overrun()
    await asyncio.sleep(_LAST_SECONDS)
    return _TOO_SLOW


async def _close(socket: WebSocket, code: tuple[int, str]) -> None:
    """Say goodbye, but not to who does not listen."""
    # It may have said goodbye itself by now, which the library calls a misuse.
    with suppress(TimeoutError, RuntimeError):
        async with asyncio.timeout(_LAST_SECONDS):
            await socket.close(*code)


def _is_open(socket: WebSocket) -> bool:
    return (
        socket.application_state is WebSocketState.CONNECTED
        and socket.client_state is WebSocketState.CONNECTED
    )
