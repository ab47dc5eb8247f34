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
    "access_token|api[-_]?key|apikey|auth|authorization|code|credential|jwt|key|"
    "passwd|password|sas|secret|session_token|sig|signature|token|x-amz-credential|"
    "x-amz-security-token|x-amz-signature|x-goog-credential|x-goog-signature"
)
# How the names of JSON fields end that hold nothing else, `GITHUB_TOKEN` among them.
_JSON_FIELDS: Final = (
    r"[\w-]{0,60}(?:token|secret|api[-_]?key|access[-_]?key|private[-_]?key|"
    r"secret[-_]?key|passw(?:or)?d|passphrase|authorization)|(?:set[-_]?)?cookie"
)
# Variables of an environment, as a shell or a file sets them.
_VARIABLES: Final = (
    r"(?:TOKEN|SECRET|API_?KEY|ACCESS_KEY|PRIVATE_KEY|SECRET_KEY|PASSWORD|PASSWD)="
    r"[\"']?(?![$<{])"
)
_HEADERS: Final = (
    "authorization|cookie|coder-session-token|api-key|x-auth-token|"
    "x-amz-security-token|private-token"
)
_SCHEMES: Final = r"(?:apikey|basic|bearer|digest|negotiate|token)\s+"
_COOKIE: Final = r"[^\s;=,\"']+=[^\s;,\"']*"

_USER: Final = re.compile(r"(?<=://)[^/\s?#@]+@")
_QUERY: Final = re.compile(
    rf"([?&#](?:[\w-]*[_-])?(?:{_QUERY_FIELDS})=)[^&#\s\"')>]+", re.IGNORECASE
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
_VARIABLE: Final = re.compile(rf"({_VARIABLES})[^\s\"']+")
_NAMES: Final = re.compile(rf"{_HEADERS}|{_JSON_FIELDS}", re.IGNORECASE)

# What a text that is being streamed ends with while one of these may be on its way.
_OPEN: Final = (
    re.compile(r":/?$|://[^\s\"'<>]*$"),
    re.compile(r"[?&#][\w-]*(?:=[^&#\s\"')>]*)?$"),
    re.compile(
        rf"(?:{_HEADERS})[\"']?\s*(?:[:=]\s*[\"']?"
        rf"(?:{_COOKIE};\s*)*(?:{_SCHEMES})?[^\s\"',;]*)?$",
        re.IGNORECASE,
    ),
    re.compile(r"bearer\s+\S*$", re.IGNORECASE),
    re.compile(rf"[A-Z_]$|{_VARIABLES}[^\s\"']*$"),
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
        if _names_secret(value):
            value = {**value, "value": _GONE}
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
        text = _VARIABLE.sub(rf"\1{_GONE}", text)
    if ":" in text or "=" in text:
        text = _HEADER.sub(rf"\1{_GONE}", text)
        text = _QUOTED.sub(rf"\1{_GONE}", text)
    return _BEARER.sub(rf"\1{_GONE}", text)


def is_unfinished(text: str) -> bool:
    """Whether what follows a text may be, or belong to, a secret."""
    if text.lower().endswith(_BEGINNINGS):
        return True
    return any(pattern.search(text) is not None for pattern in _OPEN)


def _names_secret(entry: dict[str, Any]) -> bool:
    """Name and value of a header or a variable, each in a field of its own."""
    name, value = entry.get("name"), entry.get("value")
    is_pair = isinstance(name, str) and isinstance(value, str) and value != ""
    return is_pair and _NAMES.fullmatch(str(name)) is not None


def _field(name: str, item: Any, scrub: Callable[[str], str]) -> Any:
    if _FIELD.fullmatch(name) is None:
        return redacted(item, scrub=scrub)
    if isinstance(item, list):
        return [_field(name, each, scrub) for each in item]
    return _GONE if isinstance(item, str) and item else redacted(item, scrub=scrub)
