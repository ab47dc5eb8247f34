"""Turn what went wrong on the way into one of our own errors.

Messages name the address (never a query, a header or a body) and what to do.
"""

from __future__ import annotations

import ssl
from typing import Final
from urllib.parse import urlsplit

import httpx
from pydantic import TypeAdapter, ValidationError
from websockets.exceptions import (
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
)

from coderchat_jupyter.errors import (
    ApiError,
    BusyError,
    CoderChatError,
    ConfigurationError,
    ConnectionLostError,
    NotCoderError,
    ProtocolError,
    ServerUnreachableError,
    UnsupportedError,
    UsageLimitError,
    api_error,
)
from coderchat_jupyter.wire.failures import ErrorBody, UsageLimitBody
from coderchat_jupyter.wire.generations import generation_of

__all__ = [
    "from_exception",
    "from_refusal",
    "from_response",
    "is_unsent",
    "not_readable",
    "too_large",
]

_BODY: Final = TypeAdapter(ErrorBody)
_LIMIT: Final = TypeAdapter(UsageLimitBody)

_GATEWAY: Final = frozenset({502, 503, 504})


def is_unsent(error: Exception) -> bool:
    """The server cannot have seen the request, so making it again is safe."""
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)


def from_exception(error: Exception, *, address: str) -> CoderChatError:
    """Translate an error of httpx, websockets or the system.

    Args:
        error: Whatever came while a request or a connection was under way.
        address: Scheme, host and port of the server.
    """
    if isinstance(error, CoderChatError):
        return error
    if (certificate := _certificate_error(error)) is not None:
        return ServerUnreachableError(
            f"The certificate of {address} is not trusted ({certificate}). If your "
            "deployment has its own authority, name its file in SSL_CERT_FILE."
        )
    if isinstance(error, httpx.ProxyError | ProxyError | InvalidProxy):
        return ServerUnreachableError(
            f"The proxy on the way to {address} refused. Check HTTPS_PROXY, "
            "HTTP_PROXY and NO_PROXY."
        )
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | InvalidURI):
        return ConfigurationError(
            f"{address!r} is no address of a server. It must look like "
            "https://coder.example.com."
        )
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError | OSError):
        if not isinstance(error, ConnectionResetError | BrokenPipeError):
            return ServerUnreachableError(
                f"No server answers at {address}. Check the address and whether "
                "the server runs."
            )
        return ConnectionLostError(f"The connection to {address} broke off.")
    if isinstance(error, httpx.TimeoutException):
        return ConnectionLostError(f"{address} took too long to answer.")
    if isinstance(error, httpx.DecodingError):
        return ProtocolError(f"The answer of {address} could not be decompressed.")
    if isinstance(error, httpx.LocalProtocolError):
        return ConfigurationError("The session token has characters no token has.")
    return ConnectionLostError(f"The connection to {address} broke off.")


def _certificate_error(error: BaseException | None) -> str | None:
    """Why a certificate was refused, if that is what is at the bottom of it."""
    for _ in range(8):
        if error is None:
            return None
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return None


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
) -> CoderChatError:
    """Translate an answer that is no success."""
    if 300 <= status < 400:
        return NotCoderError(_moved(address, location))
    told = _read(body) if "json" in content_type else None
    if told is None:
        if status in _GATEWAY:
            return ConnectionLostError(
                f"The gateway in front of {address} answered {status}: the server "
                "behind it is not there at the moment."
            )
        return NotCoderError(_not_coder(address, status, content_type))
    if status == 409 and (limit := _usage_limit(body, call)) is not None:
        return limit
    if status == 410 or (status == 404 and _is_route_missing(told)):
        return _unsupported(told, status=status, call=call, version=version)
    error = api_error(
        told.message or f"The server answered {status}.",
        status=status,
        call=call,
        detail=told.detail,
        validations=tuple((v.field, v.detail) for v in told.validations),
    )
    if isinstance(error, BusyError):
        error.retry_after = _seconds(retry_after)
    return error


def from_refusal(error: InvalidStatus, *, call: str, address: str) -> CoderChatError:
    """Translate the refusal of a WebSocket upgrade."""
    answer = error.response
    return from_response(
        answer.status_code,
        bytes(answer.body or b""),
        call=call,
        address=address,
        content_type=answer.headers.get("Content-Type", ""),
        location=answer.headers.get("Location", ""),
        version=answer.headers.get("X-Coder-Build-Version", ""),
    )


def _read(body: bytes) -> ErrorBody | None:
    try:
        return _BODY.validate_json(body)
    except ValidationError:
        return None


def _usage_limit(body: bytes, call: str) -> UsageLimitError | None:
    try:
        limit = _LIMIT.validate_json(body)
    except ValidationError:
        return None
    return UsageLimitError(
        limit.message,
        status=409,
        call=call,
        spent_micros=limit.spent_micros,
        limit_micros=limit.limit_micros,
        resets_at=limit.resets_at,
    )


def _is_route_missing(told: ErrorBody) -> bool:
    return told.message.lower().startswith("route not found")


def _unsupported(
    told: ErrorBody, *, status: int, call: str, version: str
) -> UnsupportedError:
    release = version or "this release"
    instead = generation_of(version).removed.get(call, "") if version else ""
    hint = f" Use {instead} instead." if instead else ""
    return UnsupportedError(
        f"The server ({release}) does not have this call.{hint}",
        status=status,
        call=call,
        detail=told.message,
    )


def _moved(address: str, location: str) -> str:
    target = urlsplit(location)
    # Only where to, never what was asked: a query may hold anything.
    where = f"{target.scheme}://{target.hostname or ''}"
    if not target.hostname:
        return f"{address} sends every call elsewhere. Check the address."
    return f"{address} sends calls on to {where}. Use that address if you trust it."


def _not_coder(address: str, status: int, content_type: str) -> str:
    kind = content_type.split(";", maxsplit=1)[0].strip() or "no content type"
    return (
        f"{address} answers, but not like a Coder server ({status}, {kind}). "
        "Check the address."
    )


def _seconds(text: str) -> float | None:
    try:
        return max(0.0, float(text))
    except ValueError:
        return None


def not_readable(
    error: ProtocolError, *, address: str, content_type: str
) -> CoderChatError:
    """A success whose body is not what the call promises."""
    if "json" in content_type:
        return error
    return NotCoderError(_not_coder(address, 200, content_type))


def too_large(size: int, limit: int, *, call: str) -> ApiError:
    """A body that the server is known to refuse; it was not sent."""
    return api_error(
        f"{size / 1e6:,.1f} MB is too much: the server takes {limit // 1024} KB at "
        "a time. Nothing was sent.",
        status=413,
        call=call,
    )
