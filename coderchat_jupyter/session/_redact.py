"""What a recording never holds: the session's token, and secrets in addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

__all__ = ["redacted"]

_GONE: Final = "[redacted]"

_USER: Final = re.compile(r"(?<=://)[^/\s?#@]+@")

# Names of query fields that open a door.
_FIELDS: Final = (
    "access_token|api[-_]?key|apikey|auth|authorization|code|credential|key|passwd|"
    "password|secret|session_token|sig|signature|token|x-amz-credential|"
    "x-amz-security-token|x-amz-signature|x-goog-credential|x-goog-signature"
)
# Fields of JSON that hold nothing else.
_SECRET_FIELDS: Final = frozenset(
    {
        "access_token",
        "api_key",
        "apikey",
        "authorization",
        "coder-session-token",
        "cookie",
        "password",
        "secret",
        "session_token",
        "set-cookie",
        "token",
        "x-api-key",
    }
)

_QUERY: Final = re.compile(
    rf"([?&](?:[\w-]*[_-])?(?:{_FIELDS})=)[^&#\s\"')>]+", re.IGNORECASE
)

_HEADER: Final = re.compile(
    r"((?:authorization|cookie|coder-session-token|x-api-key)[\"']?\s*[:=]\s*[\"']?)"
    r"(?:bearer\s+|basic\s+)?[^\s\"',;]+",
    re.IGNORECASE,
)


def redacted(value: Any, *, scrub: Callable[[str], str] = str) -> Any:
    """JSON values without secrets; the same values if there are none.

    Args:
        value: Anything that JSON can say.
        scrub: Takes the rest of what must not be written out of a text.
    """
    if isinstance(value, str):
        return _text(value, scrub)
    if isinstance(value, list):
        return [redacted(item, scrub=scrub) for item in value]
    if isinstance(value, dict):
        return {
            _text(name, scrub): _field(name, item, scrub)
            for name, item in value.items()
        }
    return value


def _field(name: str, item: Any, scrub: Callable[[str], str]) -> Any:
    if name.lower() in _SECRET_FIELDS and isinstance(item, str) and item:
        return _GONE
    return redacted(item, scrub=scrub)


def _text(text: str, scrub: Callable[[str], str]) -> str:
    text = scrub(text)
    if "://" in text:
        text = _USER.sub(f"{_GONE}@", text)
    if "=" in text:
        text = _QUERY.sub(rf"\1{_GONE}", text)
    if ":" in text or "=" in text:
        text = _HEADER.sub(rf"\1{_GONE}", text)
    return text
