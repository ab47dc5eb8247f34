"""What nobody foresaw: answered with 500, and logged, while the connection lives on."""

from __future__ import annotations

import logging
import sqlite3

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coderchat_jupyter.server.failures import RequestError
from coderchat_jupyter.server.routes._endpoint import refused

__all__ = ["Unexpected", "internal_error"]

_log = logging.getLogger(__name__)


def internal_error(error: BaseException) -> RequestError:
    """500, with what broke as far as that quotes nothing: no key, nothing stored."""
    return RequestError(
        500, "An internal server error occurred.", detail=_reason(error)
    )


def _reason(error: BaseException) -> str:
    # SQLAlchemy wraps what the driver said in words that may hold a statement.
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    if isinstance(cause, sqlite3.OperationalError):
        return str(cause)
    return f"unexpected {type(cause).__name__}"


class Unexpected:
    """Answers where the application failed, so that its connection need not close."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, and see whether it fails before it answers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def seen(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, seen)
        except Exception as error:
            if has_begun:
                raise
            _log.exception("a request failed")
            await refused(internal_error(error))(scope, receive, send)
