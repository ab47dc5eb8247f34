"""What a server logs: text or JSON lines, with nothing in them that was said.

Of an exception the type and the places are told, never its text: that may quote a
message, an address with a query or a key.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Any, Final, Literal, TypeAlias, cast
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coderchat_jupyter.server.routes._go_json import normal_uuid

__all__ = ["JsonLines", "LogFormat", "RequestLog", "TextLines", "set_up"]

LogFormat: TypeAlias = Literal["json", "text"]

_OWN: Final = __name__.partition(".")[0]
_FACTS: Final = ("method", "path", "status", "duration_ms", "user_id", "chat_id")
_MAX_PATH: Final = 300
_MAX_CAUSES: Final = 10

_requests = logging.getLogger(__name__.replace(".logs", ".requests"))


def set_up(log_format: LogFormat) -> None:
    """Log to standard error, for a process that does nothing but serve."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)


class TextLines(logging.Formatter):
    """Lines to read; exceptions by type and places."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line, with the message as far as it may be told."""
        record.message = _message(record)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Types and places, the first cause last."""
        return "\n".join(
            f"{name}\n{''.join(traceback.format_list(frames))}".rstrip()
            for name, frames in _causes(ei[1])
        )


class JsonLines(logging.Formatter):
    """One object a line: `time`, `level`, `logger`, `message`, and what is known.

    `method`, `path`, `status`, `duration_ms`, `user_id` and `chat_id` where they
    apply; `errors`, a list of `type` and `places`, of an exception and its causes.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, ASCII only: whatever a path holds, it stays one line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        known = ((name, getattr(record, name, None)) for name in _FACTS)
        line |= {name: value for name, value in known if value is not None}
        if record.exc_info and record.exc_info[1] is not None:
            line["errors"] = [
                {
                    "type": name,
                    "places": [f"{f.filename}:{f.lineno} {f.name}" for f in frames],
                }
                for name, frames in _causes(record.exc_info[1])
            ]
        return json.dumps(line)


class RequestLog:
    """Logs every request when it is over: whose, what, how it ended, how long."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on and see what is answered."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        # A failure before any answer; a socket that is let in is 101.
        status = 500

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"].endswith("response.start"):
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        start = time.monotonic()
        try:
            await self._app(scope, receive, seen)
        finally:
            took = round((time.monotonic() - start) * 1000, 1)
            _requests.info(
                "request",
                extra={
                    "method": scope.get("method", "GET"),
                    "path": _path(scope),
                    "status": status,
                    "duration_ms": took,
                    "user_id": scope.get("state", {}).get("user_id"),
                    "chat_id": _chat(scope),
                },
            )


def _path(scope: Scope) -> str:
    """As it was sent, percent signs and all, without the query."""
    raw = cast("bytes", scope.get("raw_path") or quote(scope["path"]).encode())
    return raw.partition(b"?")[0].decode("latin-1")[:_MAX_PATH]


def _chat(scope: Scope) -> str | None:
    try:
        return str(normal_uuid(scope.get("path_params", {}).get("chat", "")))
    except ValueError:
        return None


def _message(record: logging.LogRecord) -> str:
    """The message; of libraries its first line, as more may show their values."""
    text = record.getMessage()
    if record.name.partition(".")[0] == _OWN:
        return text
    return text.strip().partition("\n")[0]


def _causes(
    error: BaseException | None,
) -> list[tuple[str, list[traceback.FrameSummary]]]:
    """An exception and what led to it, as types and places."""

    def chain(error: BaseException | None) -> Any:
        while error is not None:
            yield type(error).__name__, _frames(error.__traceback__)
            hidden = None if error.__suppress_context__ else error.__context__
            error = error.__cause__ or hidden

    return list(islice(chain(error), _MAX_CAUSES))


def _frames(found: TracebackType | None) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(found))
