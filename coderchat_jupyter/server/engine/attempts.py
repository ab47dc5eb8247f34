"""A model call that is made again as long as that may help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from coderchat_jupyter.server.engine.classify import Classified, classify, silent
from coderchat_jupyter.server.engine.models import TurnError
from coderchat_jupyter.server.engine.retry import MAX_ATTEMPTS
from coderchat_jupyter.server.providers._protocol import ProviderError

__all__ = ["answered"]

Answer = TypeVar("Answer")


async def answered(
    ask: Callable[[], Awaitable[Answer]],
    wait: Callable[[Classified, int], Awaitable[None]],
    *,
    provider_type: str,
) -> Answer:
    """Ask until there is an answer, or a failure that stays one.

    Args:
        ask: One attempt.
        wait: Waits before the next, told why and how many there were.
        provider_type: Whom it is asked of.

    Raises:
        TurnError: It failed for good.
    """
    attempt = 0
    while True:
        try:
            return await ask()
        except ProviderError as error:
            failure = classify(error, provider_type=provider_type)
        except TimeoutError:
            failure = silent(provider_type=provider_type)
        attempt += 1
        if not failure.retryable or attempt >= MAX_ATTEMPTS:
            raise TurnError(failure.error)
        await wait(failure, attempt)
