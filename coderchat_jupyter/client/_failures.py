"""Turn what libraries raise on the way into one of our own errors.

Messages name the address (never a query, a header or a body) and what to do. Errors
of the libraries are not kept as causes: their frames hold the token.
"""

from __future__ import annotations

import ssl
from typing import Final, TypeVar

import anyio
import httpx
from pydantic import SecretStr
from websockets.exceptions import InvalidProxy, InvalidURI, ProxyError

from coderchat_jupyter.client._told import clean
from coderchat_jupyter.errors import (
    CoderChatError,
    ConfigurationError,
    ConnectionLostError,
    ProtocolError,
    ServerUnreachableError,
)

__all__ = [
    "LIBRARY",
    "OF_HTTPX",
    "bare",
    "from_exception",
    "is_unsent",
    "refused_by_proxy",
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
        return ServerUnreachableError(refused_by_proxy(address))
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


def refused_by_proxy(address: str) -> str:
    """Somebody on the way does not let calls pass."""
    return (
        f"The proxy on the way to {address} refused. Check HTTPS_PROXY, HTTP_PROXY "
        "and NO_PROXY."
    )


def unreadable_proxy() -> ConfigurationError:
    """The address of a proxy cannot be read; not quoted, it may hold a password."""
    return ConfigurationError(
        "The environment names a proxy in a way that cannot be read. It must look "
        "like HTTPS_PROXY=http://proxy.example.com:3128."
    )
