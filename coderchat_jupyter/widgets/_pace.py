"""How often a widget may speak: fast at first, then less often, never too often.

A browser server drops what comes faster than about a thousand messages a second,
silently, and a cell may hang on the loss. So a widget sends at most 30 messages a
second and a kernel at most 300; the first change goes at once, and the last one is
never held back for good. During a long answer the steps grow longer: each message
costs 700 bytes whatever is in it, and the page smooths over the gaps.
"""

from __future__ import annotations

from typing import Final

__all__ = ["KernelPace", "Pace"]

SHORTEST: Final = 1 / 30
"""Seconds between two messages of one widget."""

LONGEST: Final = 0.25
"""Seconds between two messages of one widget when an answer goes on and on."""

EASING: Final = 40.0
"""A step is this fraction of the time the answer has been coming."""

REST: Final = 1.0
"""Seconds of silence after which the next change starts anew, at full speed."""

KERNEL_RATE: Final = 300.0
"""Messages a second of all widgets together."""


class KernelPace:
    """The widgets' common allowance: a bucket of messages that fills up steadily."""

    def __init__(self, rate: float = KERNEL_RATE, burst: float = 60.0) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at: float | None = None

    def wait(self, now: float) -> float:
        """Seconds until a message may go."""
        if self._at is not None:
            gained = max(0.0, now - self._at) * self._rate
            self._left = min(self._burst, self._left + gained)
        self._at = now
        return 0.0 if self._left >= 1 else (1 - self._left) / self._rate

    def take(self) -> None:
        """A message went."""
        self._left -= 1


class Pace:
    """When one widget may send next. Times are of any one steady clock."""

    def __init__(self, kernel: KernelPace) -> None:
        self._kernel = kernel
        self._began = float("-inf")
        self._sent = float("-inf")

    def wait(self, now: float, *, is_urgent: bool = False) -> float:
        """Seconds until a message may go; an urgent one minds the kernel only."""
        held_up = self._kernel.wait(now)
        if is_urgent or now - self._sent > REST:
            return held_up
        step = min(LONGEST, max(SHORTEST, (self._sent - self._began) / EASING))
        return max(held_up, self._sent + step - now, 0.0)

    def take(self, now: float) -> None:
        """A message went."""
        self._kernel.take()
        if now - self._sent > REST:
            self._began = now
        self._sent = now
