"""The clock of the running loop, in a test's hand: what takes long takes no time."""

from __future__ import annotations

import asyncio

import pytest

__all__ = ["LoopClock"]


class LoopClock:
    """Lets time jump for all timers of the running loop.

    Args:
        patch: Gives the loop its own clock back when the test is over.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._loop = asyncio.get_running_loop()
        self._time = self._loop.time
        self._ahead = 0.0
        self._held: float | None = None
        patch.setattr(self._loop, "time", self._now)

    def jump(self, seconds: float) -> None:
        """So many seconds pass at once."""
        if self._held is None:
            self._ahead += seconds
        else:
            self._held += seconds

    def hold(self) -> None:
        """From now on time passes by jumps only."""
        self._held = self._now()

    def release(self) -> None:
        """It passes by itself again, from where it is."""
        assert self._held is not None
        self._ahead = self._held - self._time()
        self._held = None

    def _now(self) -> float:
        return self._time() + self._ahead if self._held is None else self._held
