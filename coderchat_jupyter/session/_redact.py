"""What a recording never holds: the session's token, and what else opens a door.

Secrets are told by where they stand: in an address, behind the name of a header, in a
field of JSON. A secret that somebody only talks about cannot be told.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

__all__ = ["is_unfinished", "redacted", "redacted_text"]

_GONE: Final = "[redacted]"

# Names of query fields that open a door.
_QUERY_FIELDS: Final = (
    "access_token|api[-_]?key|apikey|auth|authorization|code|credential|key|passwd|"
    "password|secret|session_token|sig|signature|token|x-amz-credential|"
    "x-amz-security-token|x-amz-signature|x-goog-credential|x-goog-signature"
)
# Names of JSON fields that hold nothing else.
_JSON_FIELDS: Final = (
    r"(?:(?:access|auth|bearer|client|coder[-_]?session|id|private|refresh|secret|"
    r"session|x[-_]?auth)[-_]?)?(?:token|secret)|"
    r"(?:x[-_]?)?(?:goog[-_]?)?api[-_]?key|"
    r"(?:aws[-_]?)?(?:secret[-_]?)?access[-_]?key|(?:private|secret)[-_]?key|"
    r"passw(?:or)?d|(?:proxy[-_]?)?authorization|(?:set[-_]?)?cookie"
)
_HEADERS: Final = (
    "authorization|cookie|coder-session-token|api-key|x-auth-token|"
    "x-amz-security-token|private-token"
)
_SCHEMES: Final = r"(?:apikey|basic|bearer|digest|negotiate|token)\s+"
_COOKIE: Final = r"[^\s;=,\"']+=[^\s;,\"']*"

_USER: Final = re.compile(r"(?<=://)[^/\s?#@]+@")
_QUERY: Final = re.compile(
    rf"([?&](?:[\w-]*[_-])?(?:{_QUERY_FIELDS})=)[^&#\s\"')>]+", re.IGNORECASE
)
_HEADER: Final = re.compile(
    rf"((?:{_HEADERS})[\"']?\s*[:=]\s*[\"']?)"
    rf"(?:{_COOKIE}(?:;\s*{_COOKIE})*|(?:{_SCHEMES})?[^\s\"',;]+)",
    re.IGNORECASE,
)
# A header whose name and value stand apart. Prose has no digits there.
_BEARER: Final = re.compile(r"(bearer\s+)(?=\S*\d)[\w.~+/=-]{16,}", re.IGNORECASE)
_FIELD: Final = re.compile(_JSON_FIELDS, re.IGNORECASE)
_QUOTED: Final = re.compile(
    rf"(\\*[\"'](?:{_JSON_FIELDS})\\*[\"']\s*:\s*\\*[\"'])[^\"'\\\n]+", re.IGNORECASE
)

# What a text that is being streamed ends with while one of these may be on its way.
_OPEN: Final = (
    re.compile(r":/?$|://[^\s\"'<>]*$"),
    re.compile(r"[?&][\w-]*(?:=[^&#\s\"')>]*)?$"),
    re.compile(
        rf"(?:{_HEADERS})[\"']?\s*(?:[:=]\s*[\"']?"
        rf"(?:{_COOKIE};\s*)*(?:{_SCHEMES})?[^\s\"',;]*)?$",
        re.IGNORECASE,
    ),
    re.compile(r"bearer\s+\S*$", re.IGNORECASE),
    re.compile(r"[\"'][\w-]{0,40}$"),
    re.compile(
        rf"[\"'](?:{_JSON_FIELDS})\\*[\"']?\s*(?::\s*(?:\\*[\"'][^\"'\\\n]*)?)?\\*$",
        re.IGNORECASE,
    ),
)
_BEGINNINGS: Final = tuple(
    name[:size]
    for name in (*_HEADERS.split("|"), "bearer")
    for size in range(1, len(name) + 1)
)


def redacted(value: Any, *, scrub: Callable[[str], str] = str) -> Any:
    """JSON values without secrets; the same values if there are none.

    Args:
        value: Anything that JSON can say.
        scrub: Takes the rest of what must not be written out of a text.
    """
    if isinstance(value, str):
        return redacted_text(value, scrub)
    if isinstance(value, list):
        return [redacted(item, scrub=scrub) for item in value]
    if isinstance(value, dict):
        return {
            redacted_text(name, scrub): _field(name, item, scrub)
            for name, item in value.items()
        }
    return value


def redacted_text(text: str, scrub: Callable[[str], str] = str) -> str:
    """A text without secrets; see `redacted`."""
    text = scrub(text)
    if "://" in text:
        text = _USER.sub(f"{_GONE}@", text)
    if "=" in text:
        text = _QUERY.sub(rf"\1{_GONE}", text)
    if ":" in text or "=" in text:
        text = _HEADER.sub(rf"\1{_GONE}", text)
        text = _QUOTED.sub(rf"\1{_GONE}", text)
    return _BEARER.sub(rf"\1{_GONE}", text)


def is_unfinished(text: str) -> bool:
    """Whether what follows a text may be, or belong to, a secret."""
    if text.lower().endswith(_BEGINNINGS):
        return True
    return any(pattern.search(text) is not None for pattern in _OPEN)


def _field(name: str, item: Any, scrub: Callable[[str], str]) -> Any:
    if _FIELD.fullmatch(name) is None:
        return redacted(item, scrub=scrub)
    if isinstance(item, list):
        return [_field(name, each, scrub) for each in item]
    return _GONE if isinstance(item, str) and item else redacted(item, scrub=scrub)
