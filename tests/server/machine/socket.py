"""A reader of a chat's stream, by ASGI: a server that dies closes no socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp

from coderchat_jupyter.state.chat_state import EMPTY
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import reconnected
from coderchat_jupyter.wire.framing import decode_frame

__all__ = ["StreamReader"]


class StreamReader:
    """What our client makes of one connection to a stream, from its snapshot on.

    Args:
        app: The server.
        path: Of the stream.
        token: Of who listens.
        point: Called before anything is taken; raises if the server is dead.
    """

    def __init__(
        self, app: ASGIApp, path: str, token: str, point: Callable[[], None]
    ) -> None:
        self._point = point
        self.state = reconnected(EMPTY)
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._inbox.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "scheme": "ws",
            "query_string": b"",
            "headers": [
                (b"host", b"127.0.0.1"),
                (b"coder-session-token", token.encode()),
            ],
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}},
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        self.task: asyncio.Task[None] = asyncio.create_task(
            app(scope, self._inbox.get, self._send)  # type: ignore[arg-type]
        )

    async def _send(self, message: Any) -> None:
        self._point()
        if message["type"] == "websocket.send":
            self.state = reduce(self.state, decode_frame(message["text"]))

    async def leave(self) -> None:
        """Close, as a client does."""
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await self.task
