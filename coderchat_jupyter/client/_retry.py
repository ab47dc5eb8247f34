"""When a call is made again by itself, and after how long."""

from __future__ import annotations

from typing import Final

from coderchat_jupyter.errors import (
    BusyError,
    CoderChatError,
    ConfigurationError,
    ConnectionLostError,
)

__all__ = ["REPEATABLE", "delay_before_retry"]

REPEATABLE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
"""Done twice they leave the same as done once. A POST sends a message twice, and a
PATCH may be an edit, which begins a turn."""

_DELAYS: Final = (0.1, 0.4)

# So that the kernels of a company do not all come back at once.
_JITTER: Final = 0.3

# A server that asks for a longer break is heard by the caller, not waited for.
_LONGEST: Final = 10.0


def delay_before_retry(
    attempt: int,
    *,
    error: CoderChatError,
    is_unsent: bool,
    is_repeatable: bool,
    chance: float = 0.5,
) -> float | None:
    """Seconds to wait before the next attempt, or None to give up.

    A call that may be repeated is, after any loss of connection. Another one only
    if the server cannot have seen it: a message must not be sent twice.

    Args:
        attempt: How many attempts were made, from 1.
        error: What came of the last one.
        is_unsent: No byte of the request can have reached the server.
        is_repeatable: Done twice, the call leaves the same as done once.
        chance: A number in [0, 1) that lengthens or shortens the wait.
    """
    if attempt > len(_DELAYS) or isinstance(error, ConfigurationError):
        return None
    swing = _JITTER * (2 * chance - 1)
    if isinstance(error, BusyError | ConnectionLostError):
        asked = error.retry_after
        if asked is not None:
            # Never earlier than asked for.
            is_short = asked <= _LONGEST
            return asked * (1 + max(0.0, swing)) if is_repeatable and is_short else None
    if isinstance(error, BusyError):
        # It was refused before anything was done, but a full queue lasts.
        return None
    if is_unsent or (is_repeatable and isinstance(error, ConnectionLostError)):
        return _DELAYS[attempt - 1] * (1 + swing)
    return None
