"""How long to wait before connecting again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Backoff"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Doubling waits with some chance in them, so that kernels do not come at once.

    Attributes:
        base: Seconds before the first attempt.
        cap: Seconds before any attempt, at most (before chance).
        jitter: The share by which chance lengthens or shortens a wait.
        chance: A number in [0, 1).
    """

    base: float = 1.0
    cap: float = 10.0
    jitter: float = 0.3
    chance: Callable[[], float] = random.random

    def delay(self, attempt: int) -> float:
        """Seconds to wait before an attempt; the first one is number 1."""
        # Beyond the cap the exponent would only grow out of bounds.
        plain: float = min(self.cap, self.base * 2 ** min(attempt - 1, 30))
        return plain * (1 + self.jitter * (2 * self.chance() - 1))
