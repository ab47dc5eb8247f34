"""Failures: the body of a refused call, and the error that ended a run."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._values import Moment

__all__ = ["ChatError", "ErrorBody", "LastError", "UsageLimitBody", "Validation"]


class Validation(WireModel):
    """What is wrong with one field of a request."""

    field: str = ""
    detail: str = ""


class ErrorBody(WireModel):
    """The JSON body of every answer that is not a success."""

    message: str = ""
    detail: Annotated[str, OMIT] = ""
    validations: Annotated[tuple[Validation, ...], OMIT] = ()


class UsageLimitBody(WireModel):
    """The body of the 409 that means: the budget is spent."""

    message: str = ""
    spent_micros: int = 0
    limit_micros: int = 0
    resets_at: Moment


class ChatError(WireModel):
    """Why a run failed (upstream `ChatError`).

    `kind` is open: generic, overloaded, rate_limit, timeout, auth, config,
    usage_limit, missing_key, provider_disabled, startup_timeout and newer ones.
    """

    message: str = ""
    detail: Annotated[str, OMIT] = ""
    kind: Annotated[str, OMIT] = ""
    provider: Annotated[str, OMIT] = ""
    retryable: bool = False
    status_code: Annotated[int, OMIT] = 0


def _from_text(value: Any) -> Any:
    """Servers before v2.34 stored a plain text."""
    if not isinstance(value, str):
        return value
    return {"message": value, "kind": "generic"} if value else None


LastError = Annotated[ChatError | None, BeforeValidator(_from_text)]
