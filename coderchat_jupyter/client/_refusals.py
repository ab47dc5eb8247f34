"""Turn an answer that is no success into one of our own errors.

Messages name the address and the call (never a query, a header or a body), and what
the server said in its own words, cleaned.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr
from websockets.exceptions import InvalidStatus

from coderchat_jupyter.client._failures import refused_by_proxy
from coderchat_jupyter.client._release import lacks, unsupported
from coderchat_jupyter.client._told import (
    Told,
    clean,
    read_told,
    read_usage_limit,
    seconds_to_wait,
)
from coderchat_jupyter.errors import (
    ApiError,
    BusyError,
    CoderChatError,
    ConnectionLostError,
    NotCoderError,
    ProtocolError,
    ServerUnreachableError,
    UsageLimitError,
    api_error,
)

__all__ = ["from_refusal", "from_response", "not_readable", "too_large"]

_GATEWAY: Final = frozenset({502, 503, 504})

# Whoever answers these without JSON means them all the same: a proxy that wants a
# login, a limiter, a cap on bodies.
_PLAIN: Final = frozenset({401, 403, 407, 409, 410, 413, 429})


def from_response(
    status: int,
    body: bytes,
    *,
    call: str,
    address: str,
    content_type: str = "",
    location: str = "",
    version: str = "",
    retry_after: str = "",
    hide: SecretStr | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> CoderChatError:
    """Translate an answer that is no success.

    Args:
        status: Its HTTP status.
        body: As it came; of what it says only cleaned texts are kept.
        call: Method and path, without a query.
        address: Who answered.
        content_type: As the answer named it.
        location: Where a redirect points.
        version: The release, if this server ever named one: then it is Coder.
        retry_after: As the answer named it.
        hide: Cut out of every text that the server sent.
        now: The present time.
    """
    if 300 <= status < 400:
        return NotCoderError(_moved(address, location, hide))
    told = read_told(body, content_type, hide=hide)
    if status == 407:
        return ServerUnreachableError(refused_by_proxy(address))
    if not told.message and status in _GATEWAY:
        lost = ConnectionLostError(
            f"The gateway in front of {address} answered {status}: the server "
            "behind it is not there at the moment."
        )
        lost.retry_after = seconds_to_wait(retry_after, now)
        return lost
    if not told.is_json and not version and status not in _PLAIN:
        return NotCoderError(_not_coder(address, status, content_type, hide))
    if status == 409 and (limit := _usage_limit(body, told, call)) is not None:
        return limit
    if lacks(status, told.message, call=call):
        return unsupported(call, status=status, version=version, message=told.message)
    error = api_error(
        told.message or _unsaid(status, told),
        status=status,
        call=call,
        detail=told.detail,
        validations=told.validations,
    )
    if isinstance(error, BusyError):
        error.retry_after = seconds_to_wait(retry_after, now)
    return error


def from_refusal(
    error: InvalidStatus,
    *,
    call: str,
    address: str,
    version: str = "",
    hide: SecretStr | None = None,
) -> CoderChatError:
    """Translate the refusal of a WebSocket upgrade; see `from_response`."""
    answer = error.response
    return from_response(
        answer.status_code,
        bytes(answer.body or b""),
        call=call,
        address=address,
        content_type=answer.headers.get("Content-Type", ""),
        location=answer.headers.get("Location", ""),
        version=version,
        retry_after=answer.headers.get("Retry-After", ""),
        hide=hide,
    )


def not_readable(
    error: ProtocolError,
    *,
    address: str,
    status: int,
    content_type: str,
    hide: SecretStr | None = None,
) -> CoderChatError:
    """A success whose body is not what the call promises."""
    if "json" in content_type.lower():
        return error
    return NotCoderError(_not_coder(address, status, content_type, hide))


def too_large(size: int, limit: int, *, call: str) -> ApiError:
    """A body that the server is known to refuse; it was not sent."""
    return api_error(
        f"{size / 1e6:,.1f} MB is too much: the server takes {limit // 1024} KB at "
        "a time. Nothing was sent.",
        status=413,
        call=call,
    )


def _unsaid(status: int, told: Told) -> str:
    """In place of a message that the server did not send."""
    if told.detail:
        return f"The server answered {status} without saying why."
    return f"The server answered {status} with an empty body."


def _usage_limit(body: bytes, told: Told, call: str) -> UsageLimitError | None:
    limit = read_usage_limit(body) if told.is_json else None
    if limit is None:
        return None
    return UsageLimitError(
        told.message,
        status=409,
        call=call,
        spent_micros=limit.spent_micros,
        limit_micros=limit.limit_micros,
        resets_at=limit.resets_at,
    )


def _moved(address: str, location: str, hide: SecretStr | None) -> str:
    try:
        target = urlsplit(location)
    except ValueError:
        target = urlsplit("")
    # Only where to, never what was asked: a query may hold anything.
    where = clean(f"{target.scheme}://{target.hostname or ''}", 200, hide=hide)
    if not target.hostname:
        return f"{address} sends every call elsewhere. Check the address."
    return f"{address} sends calls on to {where}. Use that address if you trust it."


def _not_coder(
    address: str, status: int, content_type: str, hide: SecretStr | None
) -> str:
    named = clean(content_type.split(";", maxsplit=1)[0], 60, hide=hide)
    kind = named or "no content type"
    return (
        f"{address} answers, but not like a Coder server ({status}, {kind}). "
        "Check the address."
    )
