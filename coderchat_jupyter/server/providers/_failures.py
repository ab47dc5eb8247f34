"""Any exception of the library, its SDKs or the transport → `ProviderError`.

The text is what classification searches, so what the transport knows only as
a class of exception is put in words here. What fails before anything is sent is told
in a sentence of ours: the words of such a failure may quote a header, and with it
the key. From all other words the key is taken out, however it is written there.
"""

from __future__ import annotations

import html
import http
import json
import re
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote

from pydantic import SecretStr

from coderchat_jupyter.server.providers._protocol import ProviderError

__all__ = [
    "cause_of",
    "is_nonsense",
    "retry_after_ms",
    "retry_after_now",
    "sentence_of",
    "title_of",
    "translated",
    "unreadable",
    "unsendable",
]

_MAX_BODY: Final = 64 * 1024
"""Larger error bodies are ignored, as the real server does."""

_TITLE: Final = re.compile(r"<title[^>]*>([^<]*)</title", re.IGNORECASE)

_REDACTED: Final = "[REDACTED]"

_MIN_PART: Final = 6

_UNSENDABLE: Final = (
    "The request could not be written: the key or the address of the provider holds "
    "characters that cannot be sent."
)

_UNREADABLE: Final = (
    "The answer of the provider could not be read: it is not of the form that its API "
    "has. Check that the base URL leads to an API of this type."
)

_STUMBLES: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What code raises that meets a value of another kind than it thought."""

_MISREAD: Final = frozenset(
    {"APIResponseValidationError", "ModelAPIError", "UnexpectedModelBehavior"}
)
"""What libraries raise that notice it."""

_HTTP: Final = frozenset(
    {"aiohttp", "h11", "httpcore", "httpcore2", "httpx", "httpx2", "requests"}
)

_LOCAL: Final = frozenset(
    {"InvalidHeader", "InvalidURL", "LocalProtocolError", "UnsupportedProtocol"}
)

_TRANSPORT: Final = (
    ("Timeout", "timeout: the connection timed out"),
    ("RemoteProtocolError", "unexpected EOF: the answer was cut off"),
    ("ReadError", "connection reset: the answer was cut off"),
    ("WriteError", "broken pipe: the request was cut off"),
    ("CloseError", "connection reset: the answer was cut off"),
)


def translated(
    error: BaseException,
    *,
    key: SecretStr | None = None,
    now: datetime | None = None,
) -> ProviderError:
    """Translate what a model call raised.

    Args:
        error: What it raised.
        key: With which it was made. A vendor may quote it; nobody is to read it.
        now: The time, for dates that a vendor names.
    """
    found = _translated(error, now)
    spellings = _spellings(key)
    found.message = _without(spellings, found.message)
    found.detail = _without(spellings, found.detail)
    found.args = (found.message,)
    return found


def unsendable() -> ProviderError:
    """A request cannot be written, so none is sent."""
    return ProviderError(_UNSENDABLE, detail=_UNSENDABLE, kind_hint="config")


def unreadable() -> ProviderError:
    """An answer came that is not of the form of its API."""
    return ProviderError(_UNREADABLE, detail=_UNREADABLE)


def is_nonsense(error: BaseException) -> bool:
    """Whether an SDK stumbled over an answer, rather than being told of a failure.

    What it says then quotes the answer, or its own insides.
    """
    is_told = isinstance(error, ProviderError) or any(
        getattr(error, name, None) for name in ("status_code", "body")
    )
    if is_told or any(_transport_text(one) is not None for one in _chain(error)):
        return False
    return isinstance(error, _STUMBLES) or type(error).__name__ in _MISREAD


def cause_of(error: BaseException, key: SecretStr | None) -> BaseException | None:
    """What a translation may name as its cause: nothing that quotes the key."""
    spellings = _spellings(key)
    told = " ".join(f"{one} {one!r}" for one in _chain(error))
    return None if any(text in told for text in spellings) else error


def _spellings(key: SecretStr | None) -> list[str]:
    """How a key may be written in somebody's words, the longest first."""
    secret = key.get_secret_value() if key else ""
    # Half of a key of two lines is a key too.
    parts = {part for part in secret.split() if len(part) >= _MIN_PART}
    found: set[str] = set()
    for text in {secret} | parts:
        raw = text.encode("utf-8", "surrogatepass")
        found |= {
            text,
            repr(text)[1:-1],
            ascii(text)[1:-1],
            repr(raw)[2:-1],
            json.dumps(text)[1:-1],
            quote(raw, safe=""),
            quote(raw),
            html.escape(text),
        }
    return sorted(found - {""}, key=len, reverse=True)


def _without(spellings: list[str], text: str) -> str:
    for spelling in spellings:
        text = text.replace(spelling, _REDACTED)
    return text


def _translated(error: BaseException, now: datetime | None) -> ProviderError:
    for one in _chain(error):
        # Some SDKs say in words of theirs that reading an answer was refused by us.
        if isinstance(one, ProviderError):
            return one
    status = _number(getattr(error, "status_code", None)) or _status_in(error)
    if status is not None:
        return _answered(error, status, now or datetime.now(UTC))
    if any(map(_is_unsendable, _chain(error))):
        return unsendable()
    for cause in _chain(error):
        if (text := _transport_text(cause)) is not None:
            return ProviderError(text, detail=text)
    body = getattr(error, "body", None)
    text = sentence_of(body) or getattr(error, "message", "") or str(error)
    return ProviderError(text or type(error).__name__, detail=text)


def _answered(error: BaseException, status: int, now: datetime) -> ProviderError:
    body = getattr(error, "body", None)
    detail = sentence_of(body)
    headers = getattr(error, "headers", None)
    if headers is None:
        headers = getattr(getattr(error, "response", None), "headers", None)
    text = ": ".join(part for part in (title_of(status), detail) if part)
    return ProviderError(
        text or f"status {status}",
        status_code=status,
        detail=detail,
        retry_after_ms=retry_after_ms(headers or {}, now=now) or _wish_in(body),
    )


def title_of(status: int) -> str:
    """The name of a status, empty for one that has none."""
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


def sentence_of(body: Any) -> str:
    """The vendor's own sentence; SDKs hand over the body or what is in it."""
    if isinstance(body, str):
        if len(body) > _MAX_BODY:
            return ""
        text = body.strip()
        try:
            body = json.loads(text)
        except ValueError:
            return _plain(text)
    if not isinstance(body, Mapping) or len(json.dumps(body, default=str)) > _MAX_BODY:
        return ""
    inner: Any = body.get("error", body)
    if isinstance(inner, str):
        return inner
    if not isinstance(inner, Mapping):
        return ""
    message = inner.get("message") or inner.get("Message")
    return _plain(message) if isinstance(message, str) else ""


def _inner(body: Any) -> Mapping[str, Any]:
    """The error object of a body, empty if there is none."""
    inner = body.get("error", body) if isinstance(body, Mapping) else {}
    return inner if isinstance(inner, Mapping) else {}


def _status_in(error: BaseException) -> int | None:
    """The status that an error in the midst of an answer names itself."""
    return _number(_inner(getattr(error, "body", None)).get("code"))


def _wish_in(body: Any) -> int | None:
    """How long Google asks to wait: it says so in the body, in seconds."""
    details = _inner(body).get("details")
    for one in details if isinstance(details, list) else ():
        delay = one.get("retryDelay") if isinstance(one, Mapping) else None
        if isinstance(delay, str) and (seconds := _float(delay.removesuffix("s"))):
            return int(seconds * 1000) if seconds > 0 else None
    return None


def _plain(text: str) -> str:
    """What a proxy says in place of a vendor, without the page around it."""
    if not text.lstrip().startswith("<"):
        return text
    found = _TITLE.search(text)
    return " ".join(html.unescape(found[1]).split()) if found else ""


def retry_after_ms(headers: Mapping[str, str], *, now: datetime) -> int | None:
    """Read how long the vendor asks to wait: milliseconds before seconds."""
    lower = {name.lower(): value for name, value in headers.items()}
    milliseconds = _float(lower.get("retry-after-ms"))
    if milliseconds is not None and milliseconds > 0:
        return int(milliseconds)
    text = lower.get("retry-after")
    seconds = _float(text)
    if seconds is None and text:
        seconds = _until(text, now)
    return int(seconds * 1000) if seconds is not None and seconds > 0 else None


def retry_after_now(headers: Mapping[str, str]) -> int | None:
    """The same, as of now."""
    return retry_after_ms(headers, now=datetime.now(UTC))


def _until(text: str, now: datetime) -> float | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return (at - now).total_seconds()


def _float(text: str | None) -> float | None:
    try:
        number = float(text) if text else None
    except ValueError:
        return None
    return number if number is not None and abs(number) < 1e12 else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and 400 <= value < 600 else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, the innermost last."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending += [current.__cause__, current.__context__]
        pending += getattr(current, "exceptions", ())


def _is_unsendable(error: BaseException) -> bool:
    """Whether it says that a request cannot be written, so none was sent."""
    if isinstance(error, UnicodeEncodeError):
        return True
    package = type(error).__module__.split(".")[0]
    return package in _HTTP and type(error).__name__ in _LOCAL


def _transport_text(error: BaseException) -> str | None:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused: nothing answers at the address of the provider"
    if isinstance(error, ConnectionResetError):
        return "connection reset by the provider"
    if isinstance(error, BrokenPipeError):
        return "broken pipe: the provider closed the connection"
    if isinstance(error, socket.gaierror):
        return "no such host: the address of the provider is not known"
    if type(error).__module__.split(".")[0] in _HTTP:
        name = type(error).__name__
        for ending, text in _TRANSPORT:
            if name.endswith(ending):
                return text
    return None
