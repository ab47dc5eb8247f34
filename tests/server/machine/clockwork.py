"""Time that can be told to pass: that of timers, and that of the rows."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

__all__ = ["Clockwork"]


class Clockwork(asyncio.SelectorEventLoop):
    """A loop whose timers all see the same jumps of time as `now`."""

    def __init__(self) -> None:
        self._ahead = 0.0
        super().__init__()

    def time(self) -> float:
        """The time of the loop's timers."""
        return super().time() + self._ahead

    def now(self) -> datetime:
        """The time of day."""
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def jump(self, seconds: float) -> None:
        """Let time pass at once."""
        self._ahead += seconds
