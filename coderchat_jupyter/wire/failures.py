"""Failures: the body of a refused call, and the error that ended a run."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire._words import Words

__all__ = [
    "ChatError",
    "ErrorBody",
    "ErrorKind",
    "LastError",
    "TextError",
    "UsageLimitBody",
    "Validation",
]


ErrorKind: TypeAlias = Annotated[
    str,
    Words(
        "generic",
        "overloaded",
        "rate_limit",
        "timeout",
        "startup_timeout",
        "stream_silence_timeout",
        "auth",
        "config",
        "usage_limit",
        "missing_key",
        "provider_disabled",
        "content_filter",
        "hook_dispatch_failed",
        "hook_denied",
    ),
]
"""Why a run failed, in one word."""


class Validation(WireModel):
    """What is wrong with one field of a request."""

    field: str = ""
    detail: str = ""


class ErrorBody(WireModel):
    """The JSON body of every answer that is not a success."""

    message: str = ""
    detail: Annotated[str, OMIT] = ""
    validations: Annotated[Items[Validation], OMIT] = ()


class UsageLimitBody(ErrorBody):
    """The body of the 409 that means: the budget is spent."""

    spent_micros: int = 0
    limit_micros: int = 0
    resets_at: Moment


class ChatError(WireModel):
    """Why a run failed (upstream `ChatError`)."""

    message: str = ""
    detail: Annotated[str, OMIT] = ""
    kind: Annotated[ErrorKind, OMIT] = ""
    provider: Annotated[str, OMIT] = ""
    retryable: bool = False
    status_code: Annotated[int, OMIT] = 0


class TextError(ChatError):
    """An error from when it was a plain text (before v2.34); written as a text."""

    def __eq__(self, other: object) -> bool:
        """An old error is the same as a new one that says no more."""
        return isinstance(other, ChatError) and dict(self) == dict(other)

    __hash__ = ChatError.__hash__

    def rewritten(self, fields: dict[str, Any], *, only_set: bool) -> Any:
        """The text alone, unless it has been changed to say more."""
        if only_set and self.model_fields_set <= {"message", "kind"}:
            return self.message
        return super().rewritten(fields, only_set=only_set)


def _from_text(value: Any) -> Any:
    if isinstance(value, str):
        return TextError(message=value, kind="generic")
    return value


LastError: TypeAlias = Annotated[ChatError | None, BeforeValidator(_from_text)]
"""Why the last run failed: an object, a text before v2.34, or null.

An empty text means no error: the class that has the field reads it as None, and
remembers how it was spelled.
"""
