"""Every error this package raises on purpose.

CoderChatError
├── ConfigurationError            what we were told to connect to makes no sense
├── ApiError                      the server answered with a failure
│   ├── AuthenticationError       401
│   ├── ForbiddenError            403
│   ├── NotFoundError             404, also "not shared with you"
│   ├── InvalidRequestError       400, 413: the server refused what was sent
│   ├── ConflictError             409: not in the state that the call needs
│   │   └── UsageLimitError       409 with a spending limit in the body
│   ├── UnsupportedError          404, 410 of a call that this release lacks
│   └── BusyError                 429, 503: not now; `retry_after` may say when
├── ConnectionLostError           no answer, or the stream broke off
│   ├── ServerUnreachableError    nobody listens there, or the name is unknown
│   └── StreamClosedError         a stream ended otherwise than properly
├── ProtocolError                 an answer that could not be read
│   └── NotCoderError             something answers there, but it is no Coder server
├── RecordingError                a file is no recording of a chat, or cannot be kept
├── EmbeddedServerError           the server of our own could not be started
└── AnswerError                   the agent ended its turn in an error
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

__all__ = [
    "AnswerError",
    "ApiError",
    "AuthenticationError",
    "BusyError",
    "CloseReason",
    "CoderChatError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionLostError",
    "EmbeddedServerError",
    "ForbiddenError",
    "InvalidRequestError",
    "NotCoderError",
    "NotFoundError",
    "ProtocolError",
    "RecordingError",
    "ServerUnreachableError",
    "StreamClosedError",
    "UnsupportedError",
    "UsageLimitError",
    "api_error",
]


class CoderChatError(Exception):
    """Base of every error this package raises on purpose."""


class ConfigurationError(CoderChatError):
    """The settings name no server that could be talked to; the text says why."""


class ApiError(CoderChatError):
    """The server answered, and the answer was a failure.

    Attributes:
        message: What went wrong, fit to show to a user.
        status: The HTTP status.
        call: Method and path; never the query, a header or a body.
        detail: More, for a log. May be empty.
        validations: What was wrong with which field: pairs of field and detail.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        call: str,
        detail: str = "",
        validations: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.call = call
        self.detail = detail
        self.validations = validations

    def __str__(self) -> str:
        return f"{self.call} failed ({self.status}): {self.message}"


class AuthenticationError(ApiError):
    """The token is missing, expired or wrong."""

    def __str__(self) -> str:
        told = super().__str__().rstrip()
        end = "" if told.endswith((".", "!", "?", "…")) else "."
        return (
            f"{told}{end} Log in again: run `coder login`, or set "
            "CODER_SESSION_TOKEN to a fresh token (`coder tokens create`)."
        )


class ForbiddenError(ApiError):
    """You may see it, but not do this to it."""


class NotFoundError(ApiError):
    """It does not exist, or is not shared with you: the server says the same."""


class InvalidRequestError(ApiError):
    """The server refused what was sent; nothing was changed."""


class ConflictError(ApiError):
    """It is not in the state that the call needs."""


class UsageLimitError(ConflictError):
    """The budget of this period is spent.

    Attributes:
        spent_micros: Spent so far, in millionths of a US dollar.
        limit_micros: The limit, in millionths of a US dollar.
        resets_at: When the period ends.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        call: str,
        spent_micros: int,
        limit_micros: int,
        resets_at: datetime,
    ) -> None:
        super().__init__(message, status=status, call=call)
        self.spent_micros = spent_micros
        self.limit_micros = limit_micros
        self.resets_at = resets_at

    def __str__(self) -> str:
        spent, limit = self.spent_micros / 1e6, self.limit_micros / 1e6
        return (
            f"{self.message} Spent ${spent:,.2f} of ${limit:,.2f}; "
            f"resets {self.resets_at:%Y-%m-%d %H:%M %Z}."
        )


class UnsupportedError(ApiError):
    """This release of the server does not have the call.

    Attributes:
        server_version: The release, such as `v2.34.0+1a2b3c`; empty if unknown.
        replacement: The call to make instead; empty if there is none.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        call: str,
        detail: str = "",
        validations: tuple[tuple[str, str], ...] = (),
        server_version: str = "",
        replacement: str = "",
    ) -> None:
        super().__init__(
            message, status=status, call=call, detail=detail, validations=validations
        )
        self.server_version = server_version
        self.replacement = replacement


class BusyError(ApiError):
    """Not now: a full queue, a rate limit, or a service that is not ready.

    Attributes:
        retry_after: Seconds to wait, when the server said so.
    """

    retry_after: float | None = None


class ConnectionLostError(CoderChatError):
    """No answer came, or the stream broke off.

    Attributes:
        retry_after: Seconds to wait, when a gateway on the way said so.
    """

    retry_after: float | None = None


class ServerUnreachableError(ConnectionLostError):
    """Nobody listens at that address, or its name is unknown."""


class CloseReason(StrEnum):
    """Why a stream ended: a close code in a word, or what there was instead of one."""

    NORMAL = "normal"
    GOING_AWAY = "going_away"
    DROPPED = "dropped"
    SILENT = "silent"
    PROTOCOL = "protocol"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    TOO_BIG = "too_big"
    SERVER_ERROR = "server_error"
    TRY_LATER = "try_later"
    OTHER = "other"


class StreamClosedError(ConnectionLostError):
    """A stream ended otherwise than by a proper close.

    Attributes:
        reason: What happened; `DROPPED` is a connection that broke off without a
            word, `SILENT` one that did not answer pings any more.
        code: The close code that the server sent, or that was sent to it; None if
            there was none.
        detail: What the server said to its code, shortened. May be empty.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: CloseReason,
        code: int | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.code = code
        self.detail = detail


class ProtocolError(CoderChatError):
    """An answer came that could not be read."""


class NotCoderError(ProtocolError):
    """Something answers at that address, but it is no Coder server."""


class RecordingError(CoderChatError):
    """A file is no recording of a chat, or none can be written there."""


class EmbeddedServerError(CoderChatError):
    """The chat server of this machine could not be started; the text says why."""


class AnswerError(CoderChatError):
    """The agent ended its turn in an error; the text is the server's."""


_BY_STATUS: Final[dict[int, type[ApiError]]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    410: UnsupportedError,
    412: InvalidRequestError,
    413: InvalidRequestError,
    429: BusyError,
    503: BusyError,
}


def api_error(
    message: str,
    *,
    status: int,
    call: str,
    detail: str = "",
    validations: tuple[tuple[str, str], ...] = (),
) -> ApiError:
    """Build the most precise error for a status."""
    kind = _BY_STATUS.get(status, ApiError)
    return kind(
        message, status=status, call=call, detail=detail, validations=validations
    )
