"""How a request is refused: the status and the body, as v2.34 words them."""

from __future__ import annotations

from collections.abc import Iterable

from coderchat_jupyter.wire._base import WireModel
from coderchat_jupyter.wire.failures import ErrorBody, Validation

__all__ = [
    "RequestError",
    "bad_parameters",
    "bad_request",
    "forbidden",
    "invalid_json",
    "not_found",
    "route_not_found",
    "signed_out",
    "upgrade_required",
]


class RequestError(Exception):
    """A request is refused; raised anywhere, answered in one place."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        detail: str = "",
        validations: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: WireModel = ErrorBody(
            message=message,
            detail=detail,
            validations=tuple(
                Validation(field=field, detail=text) for field, text in validations
            ),
        )


def bad_request(message: str, *, detail: str = "") -> RequestError:
    """400."""
    return RequestError(400, message, detail=detail)


def invalid_json(reason: str) -> RequestError:
    """400: the body cannot be decoded; too long a body is refused alike."""
    return RequestError(400, "Request body must be valid JSON.", detail=reason)


def bad_parameters(validations: Iterable[tuple[str, str]]) -> RequestError:
    """400: query parameters cannot be read."""
    return RequestError(
        400, "Query parameters have invalid values.", validations=validations
    )


def signed_out(detail: str) -> RequestError:
    """401: one message for all; the detail says which case it is."""
    return RequestError(
        401,
        "You are signed out or your session has expired. "
        "Please sign in again to continue.",
        detail=detail,
    )


def upgrade_required() -> RequestError:
    """426: only a WebSocket is served here."""
    return RequestError(426, "This endpoint must be opened as a WebSocket.")


def forbidden() -> RequestError:
    """403."""
    return RequestError(
        403,
        "Forbidden.",
        detail="You don't have permission to view this content. "
        "If you believe this is a mistake, please contact your administrator "
        "or try signing in with different credentials.",
    )


def not_found() -> RequestError:
    """404: it does not exist, or it is not yours; the body does not tell which."""
    return RequestError(
        404, "Resource not found or you do not have access to this resource"
    )


def route_not_found() -> RequestError:
    """404: this server has no such endpoint."""
    return RequestError(404, "Route not found.")
