"""A real socket server that answers as a deployment was seen to answer.

It has no state: each method and path has one answer, from the record of a release or
set by the test, and whatever is asked is kept. Nothing else is there ("Route not
found."), as in the release itself.
"""

from __future__ import annotations

import asyncio
import json
import pathlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from tests.fakes.server import TOKEN, listen

__all__ = ["BODIES", "RELEASES", "TOKEN", "USER", "Asked", "RecordedServer", "recorded"]

BODIES: Final = pathlib.Path(__file__).parent.parent / "fixtures" / "bodies"
RELEASES: Final = ("v2.33.9", "v2.34.0", "v2.36.0")

EXPERIMENTAL: Final = "/api/experimental"
USER: Final = {
    "id": "00000000-0000-4000-8000-00000000000a",
    "username": "admin",
    "organization_ids": ["00000000-0000-4000-8000-00000000000b"],
}
_ALL: Final = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_UUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_HOLES: Final = {"{id}": _UUID, "{n}": r"\d+", "{}": "[^/]+"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `path` is below the tree it came through, which is `base`."""

    method: str
    path: str
    base: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def call(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(slots=True)
class Answer:
    """What one call is answered with; `path` is a pattern."""

    method: str
    path: str
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    is_once: bool = False

    def matches(self, method: str, path: str) -> bool:
        return method == self.method and _pattern(self.path).fullmatch(path) is not None

    def response(self, version: str) -> Response:
        given = {"X-Coder-Build-Version": version} if version else {}
        if isinstance(self.body, bytes):
            content, kind = self.body, "application/octet-stream"
        elif self.status == 204:
            content, kind = b"", None
        else:
            content, kind = json.dumps(self.body).encode() + b"\n", "application/json"
        headers = {**given, **self.headers}
        return Response(content, self.status, headers=headers, media_type=kind)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{(?:id|n)?\})", path)
    return re.compile("".join(_HOLES.get(part) or re.escape(part) for part in parts))


@cache
def _record(release: str) -> tuple[Answer, ...]:
    """The answers of a release, the successes first."""
    seen = json.loads((BODIES / f"{release}.json").read_text())
    seen.sort(key=lambda one: (one["status"], one["path"].count("{")))
    return tuple(
        Answer(one["method"], one["path"], one["status"], one["bodies"][0])
        for one in seen
    )


class RecordedServer:
    """Answers from the record; what a test sets comes first.

    Attributes:
        version: What it calls itself; empty to hide it, also from `buildinfo`.
        bases: Where it has the chat tree.
        asked: Every request, in order, `buildinfo` included.
    """

    def __init__(
        self,
        release: str = "v2.34.0",
        *,
        version: str | None = None,
        bases: Sequence[str] = (EXPERIMENTAL,),
    ) -> None:
        self.version = f"{release}+1a2b3c4" if version is None else version
        self.bases = tuple(bases)
        self.asked: list[Asked] = []
        self.port = 0
        self._answers = list(_record(release)) if release in RELEASES else []
        self._messages: dict[str, tuple[Any, ...]] = {}
        self._gate = asyncio.Event()
        self._gate.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def calls(self) -> list[str]:
        """What was asked, without `buildinfo`, as method and path."""
        return [one.call for one in self.asked if one.path != "/api/v2/buildinfo"]

    def answer(
        self,
        method: str,
        path: str,
        status: int = 200,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer a call like this from now on.

        Args:
            method: The HTTP method.
            path: Below the tree, or whole from `/api/` on; `{id}` is any UUID, `{n}`
                any number, `{}` anything without a slash.
            status: What to answer with.
            body: Sent as JSON; bytes as they are.
            headers: More headers.
        """
        self._answers.insert(0, Answer(method, path, status, body, headers or {}))

    def answer_once(
        self, method: str, path: str, status: int, body: Any = None
    ) -> None:
        """Answer the next call like this, and later ones as before."""
        self._answers.insert(0, Answer(method, path, status, body, is_once=True))

    def serve_messages(self, path: str, messages: Sequence[Any]) -> None:
        """Page through messages as a server does that knows no `after_id`.

        Args:
            path: Of the messages of a chat.
            messages: In the order of their ids.
        """
        self._messages[path] = tuple(reversed(messages))

    def hold(self) -> None:
        """Answer nothing until `release`; requests are taken in."""
        self._gate.clear()

    def release(self) -> None:
        """Answer again."""
        self._gate.set()

    def app(self) -> Starlette:
        everything = "/{rest:path}"
        return Starlette(
            routes=[
                Route(everything, self._http, methods=_ALL),
                WebSocketRoute(everything, self._socket),
            ]
        )

    def _take(self, method: str, scope: Request | WebSocket, body: bytes) -> Asked:
        path = scope.url.path
        base = next((b for b in self.bases if path.startswith(f"{b}/chats")), "")
        base = base or next(
            (b for b in self.bases if path.startswith(f"{b}/users") and "/ai-" in path),
            "",
        )
        asked = Asked(
            method,
            path.removeprefix(base),
            base,
            parse_qsl(scope.url.query, keep_blank_values=True),
            dict(scope.headers),
            body,
        )
        self.asked.append(asked)
        return asked

    def _find(self, asked: Asked) -> Answer:
        own = (a for a in self._answers if a.matches(asked.method, asked.path))
        if (found := next(own, None)) is not None:
            if found.is_once:
                self._answers.remove(found)
            return found
        if asked.path in self._messages:
            return self._page(asked)
        if asked.path == "/api/v2/buildinfo" and self.version:
            return Answer("GET", asked.path, 200, {"version": self.version})
        if asked.call == "GET /api/v2/users/me":
            return Answer("GET", asked.path, 200, USER)
        return Answer(asked.method, asked.path, 404, {"message": "Route not found."})

    def _page(self, asked: Asked) -> Answer:
        query = dict(asked.query)
        before, limit = int(query.get("before_id", 2**62)), int(query.get("limit", 50))
        # Small pages, so that a client has to go on.
        size = min(limit, 4)
        found = [m for m in self._messages[asked.path] if m["id"] < before]
        page = {
            "messages": found[:size],
            "queued_messages": [],
            "has_more": len(found) > size,
        }
        return Answer("GET", asked.path, 200, page)

    async def _http(self, request: Request) -> Response:
        asked = self._take(request.method, request, await request.body())
        await self._gate.wait()
        return self._find(asked).response(self.version)

    async def _socket(self, websocket: WebSocket) -> None:
        asked = self._take("GET", websocket, b"")
        answer = self._find(asked)
        if answer.status >= 400:
            await websocket.send_denial_response(answer.response(self.version))
            return
        await websocket.accept()
        for frame in answer.body or ():
            await websocket.send_text(json.dumps(frame))
        await websocket.close(1000)


@asynccontextmanager
async def recorded(
    release: str = "v2.34.0",
    *,
    version: str | None = None,
    bases: Sequence[str] = (EXPERIMENTAL,),
) -> AsyncIterator[RecordedServer]:
    """Serve a record until the context is left.

    Args:
        release: One of `RELEASES`, or any name for a server without a record.
        version: What it calls itself; the release if None, nothing if empty.
        bases: Where it has the chat tree.
    """
    made = RecordedServer(release, version=version, bases=bases)
    listener = listen()
    made.port = listener.getsockname()[1]
    config = uvicorn.Config(
        made.app(),
        ws="websockets-sansio",
        log_config=None,
        lifespan="off",
        access_log=False,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    try:
        yield made
    finally:
        made.release()
        server.should_exit = True
        await task
        listener.close()
