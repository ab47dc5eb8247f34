"""Do something soon, one at a time, and once for any number of requests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from coderchat_jupyter.errors import CoderChatError

__all__ = ["Refresher"]

_ATTEMPTS: Final = 5


class Refresher:
    """Runs some work on request. A request that comes meanwhile runs it once more.

    Work that fails is tried again a few times; what it was for is then left to the
    next request.
    """

    def __init__(
        self, work: Callable[[], Awaitable[None]], *, pause: Callable[[int], float]
    ) -> None:
        self._work = work
        self._pause = pause
        self._is_wanted = False
        self._task: asyncio.Task[None] | None = None

    def request(self) -> None:
        """Ask for the work to be done; returns at once."""
        self._is_wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="refresh")

    async def aclose(self) -> None:
        """Stop what runs. May be called twice."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        failed = 0
        while self._is_wanted and failed < _ATTEMPTS:
            self._is_wanted = False
            try:
                await self._work()
            except CoderChatError:
                failed += 1
                self._is_wanted = True
                await asyncio.sleep(self._pause(failed))
            else:
                failed = 0
