"""A real HTTP and WebSocket server on a loopback port, around one `FakeChat`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from coderchat_jupyter.wire.framing import encode_frame
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import MessagesPage
from tests.fakes.chat import CHAT_ID, FakeChat, wire

__all__ = ["TOKEN", "FakeCoder", "listen", "serving"]

TOKEN: Final = "abcdefghij-secretsecretsecret22"

_CHATS: Final = "/api/experimental/chats"


def listen() -> socket.socket:
    """A listening socket on a free port of this machine."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    listener.setblocking(False)
    return listener


class FakeCoder:
    """One chat behind the API; `requests` is what was asked, in order.

    Attributes:
        framing: How frames look: an array, or the envelope of v2.32.
        before: Called before each answer; may raise, wait, or answer itself.
    """

    def __init__(self) -> None:
        self.chat = FakeChat()
        self.requests: list[str] = []
        self.framing = "array"
        self.before: Callable[[str], Awaitable[Response | None]] | None = None
        self.on_ask: Callable[[], None] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def app(self) -> Starlette:
        one = f"{_CHATS}/{{chat_id}}"
        return Starlette(
            routes=[
                Route("/api/v2/buildinfo", self._build),
                Route("/api/v2/users/me", self._me),
                Route(_CHATS, self._create, methods=["POST"]),
                Route(one, self._chat, methods=["GET", "PATCH"]),
                Route(f"{one}/messages", self._messages, methods=["GET", "POST"]),
                Route(f"{one}/interrupt", self._interrupt, methods=["POST"]),
                Route(f"{one}/queue/{{id:int}}", self._unqueue, methods=["DELETE"]),
                Route(
                    f"{one}/queue/{{id:int}}/promote", self._promote, methods=["POST"]
                ),
                WebSocketRoute(f"{one}/stream", self._stream),
            ]
        )

    async def _check(self, request: Request) -> Response | None:
        line = f"{request.method} {request.url.path.removeprefix('/api/experimental')}"
        self.requests.append(line)
        if request.headers.get("Coder-Session-Token") != TOKEN:
            body = {"message": "You are signed out or your session has expired."}
            return JSONResponse(body, 401)
        if self.before is not None:
            return await self.before(line)
        return None

    async def _build(self, request: Request) -> Response:
        return JSONResponse({"version": "v2.34.0+fake"})

    async def _me(self, request: Request) -> Response:
        if (refused := await self._check(request)) is not None:
            return refused
        me = {"id": "22222222-2222-4222-8222-222222222222", "organization_ids": ["o"]}
        return JSONResponse(me)

    async def _create(self, request: Request) -> Response:
        if (refused := await self._check(request)) is not None:
            return refused
        body = await request.json()
        self.chat.ask(body["content"][0]["text"])
        if self.on_ask is not None:
            self.on_ask()
        return JSONResponse(wire(self.chat.chat), 201)

    async def _chat(self, request: Request) -> Response:
        if (refused := await self._check(request)) is not None:
            return refused
        if request.path_params["chat_id"] != CHAT_ID:
            return JSONResponse({"message": "Resource not found."}, 404)
        if request.method == "PATCH":
            self.chat.title = (await request.json())["title"]
            return Response(status_code=204)
        return JSONResponse(wire(self.chat.chat))

    async def _messages(self, request: Request) -> Response:
        if (refused := await self._check(request)) is not None:
            return refused
        if request.method == "POST":
            return await self._send(request)
        before = int(request.query_params.get("before_id", 2**62))
        limit = int(request.query_params.get("limit", 50))
        found = [m for m in reversed(self.chat.messages) if m.id < before]
        page = MessagesPage(
            messages=tuple(found[:limit]),
            queued_messages=tuple(self.chat.queue),
            has_more=len(found) > limit,
        )
        return JSONResponse(wire(page))

    async def _send(self, request: Request) -> Response:
        text = (await request.json())["content"][0]["text"]
        if not text.strip():
            return JSONResponse({"message": "Content is required."}, 400)
        made = self.chat.ask(text)
        if self.on_ask is not None:
            self.on_ask()
        key = "queued_message" if made in self.chat.queue else "message"
        return JSONResponse({key: wire(made), "queued": key == "queued_message"})

    async def _interrupt(self, request: Request) -> Response:
        if (refused := await self._check(request)) is not None:
            return refused
        if self.chat.status == "running":
            self.chat.parts = self.chat.parts or [""]
            self.chat.set_status("waiting")
            self.chat.commit()
            self.chat.set_status("waiting")
        return JSONResponse(wire(self.chat.chat))

    async def _unqueue(self, request: Request) -> Response:
        if (refused := await self._check(request)) is not None:
            return refused
        if not self.chat.unqueue(request.path_params["id"]):
            return JSONResponse({"message": "Queued message not found."}, 404)
        return Response(status_code=204)

    async def _promote(self, request: Request) -> Response:
        if (refused := await self._check(request)) is not None:
            return refused
        self.chat.promote(request.path_params["id"])
        return JSONResponse({"message": "Accepted."}, 202)

    async def _stream(self, websocket: WebSocket) -> None:
        self.requests.append(f"STREAM {websocket.query_params.get('after_id')}")
        if websocket.path_params["chat_id"] != CHAT_ID:
            await websocket.send_denial_response(
                JSONResponse({"message": "Resource not found."}, 404)
            )
            return
        follower = self.chat.follow(int(websocket.query_params.get("after_id", "0")))
        await websocket.accept()
        hears = asyncio.create_task(self._listen(websocket, follower))
        try:
            while isinstance(said := await follower.get(), str | tuple):
                text = said if isinstance(said, str) else self._frame(said)
                await websocket.send_text(text)
            await websocket.close(said)
        except WebSocketDisconnect:
            pass
        finally:
            hears.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await hears
            if follower in self.chat.followers:
                self.chat.followers.remove(follower)

    async def _listen(self, websocket: WebSocket, follower: asyncio.Queue[Any]) -> None:
        """Whoever speaks on a stream is thrown out."""
        try:
            await websocket.receive_text()
            follower.put_nowait(1008)
        except (WebSocketDisconnect, RuntimeError):
            follower.put_nowait(1000)

    def _frame(self, events: tuple[Any, ...]) -> str:
        text = encode_frame(events)
        if self.framing == "envelope":
            return json.dumps({"type": "data", "data": json.loads(text)})
        return text


@asynccontextmanager
async def serving(coder: FakeCoder, listener: socket.socket) -> AsyncIterator[None]:
    """Serve until the context is left; the listener is closed with it."""
    coder.port = listener.getsockname()[1]
    config = uvicorn.Config(
        coder.app(),
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
        yield
    finally:
        coder.chat.drop(1001)
        server.should_exit = True
        await task
        listener.close()


def other_chat() -> ChatId:
    """A chat that does not exist."""
    return ChatId("99999999-9999-4999-8999-999999999999")
