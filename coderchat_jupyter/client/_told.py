"""What a refused call says, read with care: it may be anything, and hostile.

Texts of the server end up in errors, and errors in cells and issues: they are short,
hold nothing that a terminal would obey, and never the token.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from pydantic import SecretStr, TypeAdapter

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire._tolerant import decode, parse_json
from coderchat_jupyter.wire.failures import UsageLimitBody

__all__ = ["Told", "clean", "read_told", "read_usage_limit", "seconds_to_wait"]

# What the official clients keep of a body that does not say what went wrong.
_MAX_RAW: Final = 1024
_MAX_FOREIGN: Final = 2048
_MAX_MESSAGE: Final = 500
_MAX_DETAIL: Final = 2048
_MAX_VALIDATIONS: Final = 32

# Control characters, and those that turn the direction of what follows.
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_SPACE: Final = re.compile(r"\s+")

_LIMIT: Final = TypeAdapter(UsageLimitBody)

# Shorter ones are of tests, and would be found in any word.
_SECRET: Final = 8

_FAR: Final = 10 * 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class Told:
    """What went wrong, in the server's own words.

    Attributes:
        message: One sentence; empty if the server said none.
        detail: More, for a log. May be empty.
        validations: What was wrong with which field.
        is_json: The server named JSON, so it may well be Coder.
    """

    message: str = ""
    detail: str = ""
    validations: tuple[tuple[str, str], ...] = ()
    is_json: bool = False


def read_told(body: bytes, content_type: str, *, hide: SecretStr | None = None) -> Told:
    """Read the body of an answer that is no success. Never raises.

    Args:
        body: As it came.
        content_type: As the answer named it.
        hide: Cut out wherever it stands: a hostile server may repeat the token.
    """

    def safe(value: Any, limit: int) -> str:
        return clean(value, limit, hide=hide) if isinstance(value, str) else ""

    # A body that is not ours to quote could be a page of somebody else.
    if "json" not in content_type.lower():
        return Told(detail=safe(body.decode("utf-8", "replace"), _MAX_FOREIGN))
    try:
        found = parse_json(body)
    except ProtocolError:
        found = None
    if not isinstance(found, dict):
        raw = safe(body.decode("utf-8", "replace"), _MAX_RAW)
        return Told(detail=raw, is_json=True)
    message = safe(found.get("message"), _MAX_MESSAGE)
    detail = safe(found.get("detail"), _MAX_DETAIL)
    if not message and not detail:
        detail = safe(body.decode("utf-8", "replace"), _MAX_RAW)
    wrong = found.get("validations")
    items = wrong[:_MAX_VALIDATIONS] if isinstance(wrong, list) else []
    validations = tuple(
        (safe(item.get("field"), 200), safe(item.get("detail"), _MAX_MESSAGE))
        for item in items
        if isinstance(item, dict)
    )
    return Told(message, detail, validations, is_json=True)


def read_usage_limit(body: bytes) -> UsageLimitBody | None:
    """The body of a 409 if it tells a spent budget; None for any other conflict."""
    try:
        limit = decode(_LIMIT, body, what="limit")
    except ProtocolError:
        return None
    # Go sends the year 1 for a time that nobody set.
    return limit if limit.message.strip() and limit.resets_at.year > 1 else None


def clean(text: str, limit: int, *, hide: SecretStr | None = None) -> str:
    """One line without control characters and the hidden value, at most `limit` long.

    White space becomes single spaces.
    """
    # Cut before the slow part: a server may send megabytes.
    spaced = _SPACE.sub(" ", _without(hide, text)[: 4 * limit])
    plain = "".join(c for c in spaced if unicodedata.category(c) not in _UNSAFE).strip()
    # Again, as it may have had some of those characters in it.
    plain = _without(hide, plain)
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"


def _without(hide: SecretStr | None, text: str) -> str:
    secret = hide.get_secret_value() if hide is not None else ""
    if len(secret) < _SECRET:
        return text
    # Names of hosts lose their capitals.
    return re.sub(re.escape(secret), "[token]", text, flags=re.IGNORECASE)


def seconds_to_wait(text: str, now: Callable[[], datetime]) -> float | None:
    """Read a `Retry-After`: seconds or an HTTP date; None if it is neither.

    Args:
        text: The header's value.
        now: The present time, aware.
    """
    text = text.strip()
    if re.fullmatch(r"\d{1,100}(\.\d{1,9})?", text, re.ASCII):
        return min(float(text), _FAR)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(0.0, (until - now()).total_seconds()), _FAR)
