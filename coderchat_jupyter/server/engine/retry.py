"""When a failed model call is made again. Pure: the waiting is the caller's."""

from __future__ import annotations

from typing import Final

__all__ = ["MAX_ATTEMPTS", "delay_ms"]

MAX_ATTEMPTS: Final = 25
"""Calls of one step in total, the first included."""

_FIRST_MS: Final = 1_000

_LONGEST_MS: Final = 60_000
"""Bounds our own back-off only; a vendor's wish may be longer."""


def delay_ms(attempt: int, retry_after_ms: int | None = None) -> int:
    """How long to wait after attempt number `attempt`, counted from 1.

    The wait doubles from one second to a minute, without jitter. What the vendor
    asks for counts when it is longer.
    """
    if attempt < 1:
        raise ValueError(f"attempts are counted from 1, not {attempt}")
    # More doublings than these are cut off anyway, and would be huge numbers.
    backoff = min(_FIRST_MS << min(attempt - 1, 6), _LONGEST_MS)
    return max(backoff, retry_after_ms or 0)
