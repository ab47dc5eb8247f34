"""Follow a chat without a stream, by asking from time to time.

Opening the stream moves the owner's read marker, and closing it again. Whoever looks
in on many chats, or for somebody else, must not make them look read.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import is_busy

__all__ = ["Pace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often to ask: soon while something runs, ever more rarely while nothing does.

    Attributes:
        busy: Seconds between two looks at a chat that runs.
        idle: Seconds between two looks at one that has been quiet for long.
        growth: By how much a wait grows with each look that finds nothing new.
        jitter: The share by which chance lengthens or shortens a wait.
        chance: A number in [0, 1).
    """

    busy: float = 1.0
    idle: float = 15.0
    growth: float = 1.5
    jitter: float = 0.3
    chance: Callable[[], float] = random.random

    def wait(self, state: ChatState, quiet: int) -> float:
        """Seconds until the next look.

        Args:
            state: What the last look found.
            quiet: How many looks in a row found nothing new.
        """
        plain = self.busy
        if not is_busy(state):
            plain = min(self.idle, self.busy * self.growth ** min(quiet, 30))
        return plain * (1 + self.jitter * (2 * self.chance() - 1))
