"""How many requests a minute somebody may make.

Counted for each user, and for each address of those who are not signed in, by every
server for itself. Files have a count of their own beside the general one, as transfers
cost more.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from coderchat_jupyter.server.failures import RequestError
from coderchat_jupyter.server.routes._endpoint import refused, service_of
from coderchat_jupyter.wire.routes import EXPERIMENTAL, FILES

__all__ = ["RateLimits", "RequestCounter"]

_WINDOW_SECONDS: Final = 60.0
_MAX_CALLERS: Final = 10_000
_API: Final = "/api/"
_FILES: Final = f"{EXPERIMENTAL}{FILES}"


class RequestCounter:
    """Requests of the last minute, by who made them; those refused do not count."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._times: dict[str, deque[float]] = {}

    def seconds_to_wait(self, caller: str) -> float:
        """Count a request; 0 if it may be made, else how long until one may."""
        now = self._clock()
        times = self._times.get(caller)
        if times is None:
            self._forget(now)
            times = self._times[caller] = deque()
        while times and times[0] <= now - _WINDOW_SECONDS:
            times.popleft()
        if len(times) >= self._limit:
            return times[0] + _WINDOW_SECONDS - now
        times.append(now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Make room: first of who was quiet for a minute, then of anybody."""
        if len(self._times) < _MAX_CALLERS:
            return
        self._times = {
            caller: times
            for caller, times in self._times.items()
            if times and times[-1] > now - _WINDOW_SECONDS
        }
        if len(self._times) >= _MAX_CALLERS:
            self._times.clear()


class RateLimits:
    """Refuses requests beyond a limit, with the time after which to come again.

    Args:
        app: What answers the others.
        general: How many a minute, of all calls of the API; 0 for any number.
        files: The same of calls on files.
    """

    def __init__(self, app: ASGIApp, general: int, files: int) -> None:
        self._app = app
        self._counters = tuple(
            (prefix, limit, RequestCounter(limit))
            for prefix, limit in ((_FILES, files), (_API, general))
            if limit
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application do it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = await self._refusal(HTTPConnection(scope))
        if refusal is None:
            await self._app(scope, receive, send)
            return
        wait, limit = refusal
        answer = refused(
            RequestError(429, f"Too many requests: {limit} a minute are allowed.")
        )
        answer.headers["retry-after"] = str(math.ceil(wait))
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(answer)
        else:
            await answer(scope, receive, send)

    async def _refusal(self, connection: HTTPConnection) -> tuple[float, int] | None:
        """How long to wait, and for which limit; None if the request may be made."""
        path = connection.url.path
        counters = [one for one in self._counters if _is_below(path, one[0])]
        caller = await _caller(connection) if counters else ""
        for _, limit, counter in counters:
            if wait := counter.seconds_to_wait(caller):
                return wait, limit
        return None


def _is_below(path: str, prefix: str) -> bool:
    return path.startswith(prefix.rstrip("/") + "/") or path == prefix


async def _caller(connection: HTTPConnection) -> str:
    try:
        user = await service_of(connection).sessions.user(connection)
    except RequestError:
        return connection.client.host if connection.client else ""
    return user.id
