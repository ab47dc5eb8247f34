"""Live events in envelopes: `data`, `ping` and `error`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

from starlette.websockets import WebSocket

from coderchat_jupyter.server.older import shapes
from coderchat_jupyter.server.routes._socket import Frames
from coderchat_jupyter.server.routes.stream import follow
from coderchat_jupyter.server.routes.watch import follow_all
from coderchat_jupyter.wire._go import dumps
from coderchat_jupyter.wire.framing import Envelope

__all__ = ["Enveloped", "stream", "watch"]

_QUIET_SECONDS: Final = 15.0
_TOO_SLOW: Final = {"message": "The client reads too slowly."}


async def stream(socket: WebSocket) -> None:
    """`GET /chats/{chat}/stream`."""
    await follow(socket, lambda inner: Enveloped(inner, shapes.events))


async def watch(socket: WebSocket) -> None:
    """`GET /chats/watch`."""
    await follow_all(socket, lambda inner: Enveloped(inner, shapes.watch_event))


class Enveloped:
    """The frames of a listener, translated.

    The first is a `ping`, which says that the stream is ready; so is one after every
    quiet while. An `error` is the last.

    Args:
        inner: Whose frames.
        translate: Makes what the older API says out of what the newer one does;
            nothing if the older one does not say it.
    """

    def __init__(self, inner: Frames, translate: Callable[[Any], Any]) -> None:
        self._inner = inner
        self._translate = translate
        self._is_new = True
        self.overflowed = False

    async def take(self) -> str:
        """Wait for the next frame; empty if the reader is to be cut off."""
        if self._is_new:
            self._is_new = False
            return _frame("ping")
        while not self.overflowed:
            try:
                async with asyncio.timeout(_QUIET_SECONDS):
                    batch = await self._inner.take()
            except TimeoutError:
                return _frame("ping")
            if batch and (told := self._translate(json.loads(batch))):
                return _frame("data", told)
            if not batch and self._inner.overflowed:
                self.overflowed = True
                return _frame("error", _TOO_SLOW)
        return ""

    async def overrun(self) -> None:
        """Wait until the reader was too slow."""
        await self._inner.overrun()


def _frame(kind: str, data: Any = None) -> str:
    return dumps(Envelope(type=kind, data=data)).decode()
