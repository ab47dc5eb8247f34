"""How often parts are written: at once while that costs little, else together.

Each frame is a call of the system for each of its listeners. Under load these would
take all the time there is, and what vendors say would wait for ever longer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

__all__ = ["Flush", "Pace"]

_REST: Final = 1.0
"""After a round of writing, the time for other work: so many times what it took.

With as much as that, no more than half of the time is spent on writing."""

_MOST_SECONDS: Final = 0.05

Flush: TypeAlias = Callable[[], None]


class Pace:
    """Calls those that have something to write, all in one round.

    A round follows at the end of the loop's turn, or when the last one has been
    rested from.
    """

    def __init__(self) -> None:
        self._waiting: list[Flush] = []
        self._free_at = 0.0

    def soon(self, flush: Flush) -> None:
        """Have something called in the next round, after what waits already."""
        self._waiting.append(flush)
        if len(self._waiting) > 1:
            return
        loop = asyncio.get_running_loop()
        if loop.time() >= self._free_at:
            loop.call_soon(self._round)
        else:
            loop.call_at(self._free_at, self._round)

    def _round(self) -> None:
        loop = asyncio.get_running_loop()
        waiting, self._waiting = deque(self._waiting), []
        began = loop.time()
        try:
            while waiting:
                waiting.popleft()()
        finally:
            ended = loop.time()
            self._free_at = ended + min((ended - began) * _REST, _MOST_SECONDS)
            # Only if one failed.
            for flush in waiting:
                self.soon(flush)
