"""Failures and retries in words for a user: what happened, and what to do."""

from __future__ import annotations

from typing import Final

from coderchat_jupyter.bridge.view import Problem, RetryView
from coderchat_jupyter.wire.events import Retry
from coderchat_jupyter.wire.failures import ChatError

__all__ = ["problem_view", "retry_view"]

_FAILED: Final = {
    "auth": "The provider refused the key",
    "config": "The model is not set up right",
    "missing_key": "A key is missing",
    "overloaded": "The provider is overloaded",
    "provider_disabled": "The provider is switched off",
    "rate_limit": "The provider is rate limiting",
    "startup_timeout": "The model did not start to answer",
    "timeout": "The provider took too long",
    "usage_limit": "Spending limit reached",
}

_WHAT_TO_DO: Final = {
    "auth": "Set a valid key for this provider or pick another model, then send again.",
    "config": "Check the provider and the model in the model editor.",
    "missing_key": "Set a key for this provider, or pick another model.",
    "provider_disabled": "Pick another model, or switch the provider on again.",
}

_DEFAULT: Final = "The answer failed"
_RETRIED: Final = "The model call failed"


def problem_view(failure: str, error: ChatError | None) -> Problem | None:
    """Why there is no answer: our own failure first, else the server's error."""
    if failure:
        return Problem(title="That did not work", message=failure)
    if error is None:
        return None
    advice = _WHAT_TO_DO.get(error.kind, "")
    return Problem(
        title=_FAILED.get(error.kind, _DEFAULT),
        message=" ".join(text for text in (error.message, advice) if text),
        detail=error.detail,
        kind=error.kind,
        status_code=error.status_code,
        is_retryable=error.retryable,
    )


def retry_view(retry: Retry) -> RetryView:
    """A model call that is made again."""
    return RetryView(
        title=_FAILED.get(retry.kind, _RETRIED),
        message=retry.error,
        attempt=retry.attempt,
        at=retry.retrying_at.timestamp(),
    )
