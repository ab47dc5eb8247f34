"""When a call is made again by itself, and after how long."""

from __future__ import annotations

from typing import Final

from coderchat_jupyter.client._failures import is_unsent
from coderchat_jupyter.errors import (
    BusyError,
    CoderChatError,
    ConfigurationError,
    ConnectionLostError,
)

__all__ = ["delay_before_retry"]

_DELAYS: Final = (0.1, 0.4)

# A server that asks for a longer break is heard by the caller, not waited for.
_LONGEST: Final = 5.0


def delay_before_retry(
    attempt: int, *, cause: Exception, error: CoderChatError, is_read: bool
) -> float | None:
    """Seconds to wait before the next attempt, or None to give up.

    A read is repeated after any loss of connection. A write is repeated only if the
    server cannot have seen it: a message must not be sent twice.

    Args:
        attempt: How many attempts were made, from 1.
        cause: What the HTTP library raised, or the error itself.
        error: The same as our own error.
        is_read: The call changes nothing at the server.
    """
    if attempt > len(_DELAYS) or isinstance(error, ConfigurationError):
        return None
    if isinstance(error, BusyError):
        # 429 refuses before anything is done, but a full queue does not pass soon.
        wait = error.retry_after
        return wait if is_read and wait is not None and wait <= _LONGEST else None
    if is_unsent(cause) or (is_read and isinstance(error, ConnectionLostError)):
        return _DELAYS[attempt - 1]
    return None
