"""What the text of a failure says, by searching it. All texts are lower case."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["has_config_signal", "has_timeout_signal", "provider_in", "status_in"]

_NAMED_STATUS: Final = re.compile(r"\b(?:status(?: code)?|http)\s*[:=]?\s*(\d{3})\b")

_BARE_STATUS: Final = re.compile(r"\b(401|403|408|429|500|502|503|504|529)\b")

_PROVIDERS: Final = (
    ("openai-compat", ("openai-compat", "openai compatible")),
    ("azure", ("azure openai", "azure-openai")),
    ("openrouter", ("openrouter",)),
    ("bedrock", ("aws bedrock", "bedrock")),
    ("vercel", ("vercel",)),
    ("anthropic", ("anthropic", "claude")),
    ("google", ("google", "gemini", "vertex")),
    ("openai", ("openai",)),
)

_CONFIG: Final = (
    "invalid model",
    "model not found",
    "model_not_found",
    "unsupported model",
    "context length exceeded",
    "context_exceeded",
    "maximum context length",
    "malformed config",
    "malformed configuration",
)

_TIMEOUT_STATUS: Final = frozenset({408, 502, 503, 504})

_TIMEOUT: Final = (
    "deadline exceeded",
    "timeout",
    "timed out",
    "service unavailable",
    "unavailable",
    "connection reset",
    "connection refused",
    "eof",
    "broken pipe",
    "bad gateway",
    "gateway timeout",
    "client conn",
    "goaway",
    "http2: stream closed",
    "use of closed network connection",
)

_STREAM_RESET: Final = re.compile(
    r"stream error: stream id \d+; (\w+)(; received from peer)?"
)

_RETRYABLE_RESETS: Final = frozenset(
    {"no_error", "internal_error", "refused_stream", "cancel", "enhance_your_calm"}
)


def status_in(text: str) -> int | None:
    """Find an HTTP status in a text that came without one."""
    if named := _NAMED_STATUS.search(text):
        return int(named[1])
    for bare in _BARE_STATUS.finditer(text):
        before = text[: bare.start()]
        # A port, or the number of an HTTP/2 stream.
        if not (before.endswith(":") or before.rstrip().endswith("stream id")):
            return int(bare[1])
    return None


def provider_in(text: str) -> str | None:
    """Find the vendor that a text speaks of."""
    for provider, names in _PROVIDERS:
        if any(name in text for name in names):
            return provider
    return None


def has_config_signal(text: str) -> bool:
    """Whether the text blames the model or its settings."""
    return any(signal in text for signal in _CONFIG)


def has_timeout_signal(text: str, status: int | None) -> bool:
    """Whether the vendor could not be reached, or went away."""
    if status in _TIMEOUT_STATUS:
        return True
    if reset := _STREAM_RESET.search(text):
        return reset[1] in _RETRYABLE_RESETS and reset[2] is not None
    return any(signal in text for signal in _TIMEOUT)
