"""Turn what went wrong on the way into one of our own errors.

Messages name the address (never a query, a header or a body) and what to do. Errors
of the libraries are not kept as causes: their frames hold the token.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeVar
from urllib.parse import urlsplit

import anyio
import httpx
from pydantic import SecretStr
from websockets.exceptions import (
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
)

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
    ConfigurationError,
    ConnectionLostError,
    NotCoderError,
    ProtocolError,
    ServerUnreachableError,
    UsageLimitError,
    api_error,
)

__all__ = [
    "LIBRARY",
    "OF_HTTPX",
    "bare",
    "from_exception",
    "from_refusal",
    "from_response",
    "is_unsent",
    "not_readable",
    "too_large",
    "unreadable_proxy",
]

# All that a library may raise while a call is under way. Not `Exception`: a defect of
# ours is not to be taken for a lost connection.
OF_HTTPX: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.CookieConflict,
    httpx.StreamError,
)
LIBRARY: Final = (
    *OF_HTTPX,
    CoderChatError,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    ImportError,
    OSError,
    UnicodeError,
)

E = TypeVar("E", bound=BaseException)

# Names of hosts that cannot be written in DNS raise the last one.
_NO_ADDRESS: Final = (
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
    InvalidURI,
    UnicodeError,
)

_GATEWAY: Final = frozenset({502, 503, 504})

# Whoever answers these without JSON means them all the same: a proxy that wants a
# login, a limiter, a cap on bodies.
_PLAIN: Final = frozenset({401, 403, 407, 409, 410, 413, 429})


def bare(error: E) -> E:
    """The error without what led to it: frames and causes that hold secrets."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def is_unsent(error: BaseException) -> bool:
    """The server cannot have seen the request, so making it again may help."""
    never_sent = httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout
    return isinstance(error, never_sent) and _tls_error(error) is None


def from_exception(
    error: BaseException, *, address: str, hide: SecretStr | None = None
) -> CoderChatError:
    """Translate an error of httpx, websockets or the system.

    Args:
        error: Whatever came while a request or a connection was under way.
        address: Scheme, host and port of the server.
        hide: Cut out of what is told of an answer.
    """
    if isinstance(error, ProtocolError):
        # It names the place in the body, and so words of the body.
        return type(error)(clean(str(error), 300, hide=hide))
    if isinstance(error, CoderChatError):
        return error
    return _of_tls(error, address) or _of_the_way(error, address)


def _of_tls(error: BaseException, address: str) -> CoderChatError | None:
    tls = _tls_error(error)
    if isinstance(tls, ssl.SSLCertVerificationError):
        certificate = clean(tls.verify_message, 100)
        return ServerUnreachableError(
            f"The certificate of {address}, or of an https proxy on the way, is not "
            f"trusted ({certificate}). If your deployment has its own authority, name "
            "its file in SSL_CERT_FILE."
        )
    if tls is not None and isinstance(error, httpx.ConnectError | ssl.SSLError):
        return ServerUnreachableError(
            f"{address} does not answer in TLS. Check the port, and whether the "
            "address should begin with http:// instead."
        )
    return None


def _of_the_way(error: BaseException, address: str) -> CoderChatError:
    if isinstance(error, httpx.ProxyError | ProxyError | InvalidProxy):
        return ServerUnreachableError(_refused_by_proxy(address))
    if isinstance(error, ImportError):
        return ConfigurationError(
            "The environment names a SOCKS proxy, which needs two more packages: "
            "pip install 'httpx[socks]' python-socks."
        )
    if isinstance(error, _NO_ADDRESS) and not isinstance(error, UnicodeDecodeError):
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


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    """What TLS complained of, if that is what is at the bottom of it."""
    for _ in range(8):
        if error is None or isinstance(error, ssl.SSLError):
            return error
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
        return ServerUnreachableError(_refused_by_proxy(address))
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


def _refused_by_proxy(address: str) -> str:
    return (
        f"The proxy on the way to {address} refused. Check HTTPS_PROXY, HTTP_PROXY "
        "and NO_PROXY."
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


def unreadable_proxy() -> ConfigurationError:
    """The address of a proxy cannot be read; not quoted, it may hold a password."""
    return ConfigurationError(
        "The environment names a proxy in a way that cannot be read. It must look "
        "like HTTPS_PROXY=http://proxy.example.com:3128."
    )
