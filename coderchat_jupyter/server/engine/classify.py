"""What a failed model call means: its kind, its sentence, whether to try again.

Pure. The order of the rules is that of the real server; the first match wins.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import KW_ONLY, dataclass
from typing import Final

from coderchat_jupyter.server.engine._gist import gist
from coderchat_jupyter.server.engine._signals import (
    has_config_signal,
    has_timeout_signal,
    provider_in,
    status_in,
)
from coderchat_jupyter.wire.failures import ChatError

__all__ = ["Classified", "classify", "provider_disabled", "silent"]

_DETAIL_LIMIT: Final = 500

_STATE_MISMATCH: Final = (
    "no tool output found for function call",
    "was provided without its required 'reasoning' item",
)
_EARLY_CLOSE: Final = (
    "anthropic stream closed before message_stop",
    "openai responses stream closed before terminal event",
)
_INTERRUPTED: Final = re.compile(r"(chat|request|operation) interrupted")
_USAGE_LIMIT: Final = ("quota", "billing", "insufficient_quota", "payment required")
_AUTH: Final = ("authentication", "unauthorized", "invalid api key", "invalid_api_key")
_RATE: Final = (
    "rate limit",
    "rate_limit",
    "rate limited",
    "rate-limited",
    "too many requests",
)
_SERVER: Final = ("server error", "internal server error")
_GATEWAY_DISABLED: Final = "provider_disabled"
_DEADLINE: Final = "deadline exceeded"


@dataclass(frozen=True, slots=True)
class Classified:
    """A failure, understood.

    Attributes:
        error: What clients see.
        retryable: Whether the same call may be made again.
        retry_after_ms: How long the vendor asks to wait before that.
        is_chain_broken: The vendor lost the conversation it kept for us.
    """

    error: ChatError
    retryable: bool
    retry_after_ms: int | None = None
    is_chain_broken: bool = False


@dataclass(frozen=True, slots=True)
class _Verdict:
    kind: str
    _: KW_ONLY
    retryable: bool
    message: str = ""
    detail: str | None = None
    is_chain_broken: bool = False


def classify(error: BaseException, *, provider_type: str | None = None) -> Classified:
    """Classify what a provider raised.

    Args:
        error: What was raised; anything but a `ProviderError` is judged by its text.
        provider_type: The type of the provider that was asked. Without it, the
            text is searched for a vendor's name.
    """
    hint = getattr(error, "kind_hint", None)
    status = getattr(error, "status_code", None)
    detail = getattr(error, "detail", "").strip()
    text = str(error).lower()
    if hint:
        verdict = _Verdict(hint, retryable=False, message=str(error), detail="")
    else:
        status = status or status_in(text)
        verdict = _judge(error, text, detail.lower(), status)
    provider = provider_type or provider_in(text) or _implied(verdict)
    message = verdict.message or gist(
        verdict.kind, provider, retryable=verdict.retryable, status_code=status
    )
    shown = detail if verdict.detail is None else verdict.detail
    return Classified(
        ChatError(
            message=message,
            detail=_cut(shown),
            kind=verdict.kind,
            provider=provider or "",
            retryable=verdict.retryable,
            status_code=status or 0,
        ),
        retryable=verdict.retryable,
        retry_after_ms=getattr(error, "retry_after_ms", None),
        is_chain_broken=verdict.is_chain_broken,
    )


def _judge(
    error: BaseException, text: str, detail: str, status: int | None
) -> _Verdict:
    if isinstance(error, asyncio.CancelledError) or _INTERRUPTED.search(text):
        message = "The chat request was cancelled before completion."
        return _Verdict("generic", retryable=False, message=message)
    if any(signal in text or signal in detail for signal in _STATE_MISMATCH):
        return _Verdict(
            "generic",
            retryable=False,
            message="The conversation could not be continued: its stored state and the "
            "provider's do not match.",
            detail="continuation_state_mismatch",
        )
    if any(signal in text for signal in _EARLY_CLOSE):
        message = "The provider closed the stream unexpectedly."
        return _Verdict("timeout", retryable=True, message=message)
    if "previous response with id" in text and "not found" in text:
        return _Verdict("generic", retryable=True, is_chain_broken=True)
    return _judge_by_signal(text, status)


def _judge_by_signal(text: str, status: int | None) -> _Verdict:
    def says(signals: tuple[str, ...]) -> bool:
        return any(signal in text for signal in signals)

    config = has_config_signal(text)
    if status == 529 or "overloaded" in text:
        return _Verdict("overloaded", retryable=True)
    if says(_USAGE_LIMIT):
        return _Verdict("usage_limit", retryable=False)
    if status == 401 or says(_AUTH):
        return _Verdict("auth", retryable=False)
    if (status == 403 or "forbidden" in text) and not config:
        return _Verdict("auth", retryable=False)
    if (status == 429 or says(_RATE)) and not config:
        return _Verdict("rate_limit", retryable=True)
    if _GATEWAY_DISABLED in text:
        return _Verdict("provider_disabled", retryable=False)
    if has_timeout_signal(text, status) and not config:
        return _Verdict("timeout", retryable=_DEADLINE not in text)
    if config:
        return _Verdict("config", retryable=False)
    if status == 500 or says(_SERVER):
        return _Verdict("generic", retryable=True)
    return _Verdict("generic", retryable=False)


def _implied(verdict: _Verdict) -> str | None:
    return "openai" if verdict.is_chain_broken else None


def _cut(detail: str) -> str:
    detail = detail.strip()
    if len(detail) <= _DETAIL_LIMIT:
        return detail
    return detail[: _DETAIL_LIMIT - 1] + "…"


def provider_disabled() -> ChatError:
    """The error of a run whose provider an administrator disabled: nothing was asked.

    The real server calls it generic and names neither provider nor status.
    """
    message = gist("generic", None, retryable=False, status_code=None)
    return ChatError(message=message, kind="generic", retryable=False)


def silent(*, provider_type: str | None = None) -> Classified:
    """The failure of a call that did not say anything for too long."""
    message = gist("startup_timeout", provider_type, retryable=True, status_code=None)
    error = ChatError(
        message=message,
        kind="startup_timeout",
        provider=provider_type or "",
        retryable=True,
    )
    return Classified(error, retryable=True)
