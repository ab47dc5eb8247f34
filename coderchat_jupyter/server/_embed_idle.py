"""Whether anybody still needs the embedded server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Activity"]

_LOOK_SECONDS: Final = 5.0


class Activity:
    """Wraps the app and counts the requests and sockets that are open."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open = 0
        self._last: float | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on to the app."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        self._open += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open -= 1
            self._last = asyncio.get_running_loop().time()

    async def until_idle(
        self,
        seconds: float,
        is_working: Callable[[], bool],
        is_lost: Callable[[], bool] = lambda: False,
    ) -> None:
        """Return when nobody was connected and nothing ran for so long.

        Args:
            seconds: How long it must have been quiet.
            is_working: Whether a turn is running that nobody may be watching.
            is_lost: Whether nobody can find the server any more, so that there is
                nothing to wait for once it is quiet.
        """
        loop = asyncio.get_running_loop()
        quiet_since = loop.time()
        while True:
            if self._open or is_working():
                quiet_since = loop.time()
            elif is_lost():
                return
            elif self._last is not None:
                quiet_since = max(quiet_since, self._last)
            left = quiet_since + seconds - loop.time()
            if left <= 0:
                return
            # Looking ten times in that time is exact enough, and costs nothing.
            await asyncio.sleep(min(left, max(seconds / 10, 0.05), _LOOK_SECONDS))
