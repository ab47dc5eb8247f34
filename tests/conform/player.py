"""Plays conversations against a server and writes down every exchange."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import websockets

__all__ = ["LABEL", "PHRASE", "TITLE", "Player", "Socket", "words"]

_API: Final = "/api/experimental"
_PATIENCE: Final = 60.0
_SETTLED: Final = ("waiting", "error", "requires_action")
_ALL: Final = 2**63 - 1
"""What was said up to here: of messages, a stream after it tells none."""

TITLE: Final = "Scripted title"
LABEL: Final = "Scripted label"
PHRASE: Final = "Finished latest turn"


def words(text: str) -> dict[str, Any]:
    """The content of a message."""
    return {"content": [{"type": "text", "text": text}]}


class Socket:
    """One stream; `events` is what it said so far."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self.events: list[dict[str, Any]] = []
        self._connection = connection
        self._news = asyncio.Condition()

    async def read(self) -> None:
        try:
            async for frame in self._connection:
                async with self._news:
                    told = json.loads(frame)
                    self.events += told if isinstance(told, list) else [told]
                    self._news.notify_all()
        except websockets.ConnectionClosed:
            pass

    async def until(self, wanted: Callable[[], bool]) -> None:
        async with asyncio.timeout(_PATIENCE), self._news:
            await self._news.wait_for(wanted)

    async def part(self) -> None:
        """Wait for the first piece of an answer."""
        await self.until(lambda: any(e["type"] == "message_part" for e in self.events))

    async def status(self, *wanted: str, after: int = 0) -> int:
        """Wait for a status; how many events there are up to it."""

        def last() -> int:
            places = [
                index
                for index, event in enumerate(self.events, 1)
                if index > after
                and event["type"] == "status"
                and event["status"]["status"] in wanted
            ]
            return places[-1] if places else 0

        await self.until(lambda: last() > 0)
        return last()


@dataclass
class Player:
    """Somebody who talks to a server. `exchanges` is the transcript."""

    http: httpx.AsyncClient
    token: str
    organization: str
    model: str
    other_model: str
    provider: str
    vendor: str
    exchanges: list[dict[str, Any]] = field(default_factory=list)

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        params: dict[str, Any] | None = None,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        answer = await self.http.request(
            method,
            _API + path,
            json=body,
            params=params,
            content=raw,
            headers=headers,
        )
        try:
            said = answer.json()
        except ValueError:
            said = {"__text__": answer.text[:200], "__len__": len(answer.content)}
        self.exchanges.append(
            {
                "kind": "http",
                "path": path,
                "request": body,
                "status": answer.status_code,
                "response": said,
                "content_type": answer.headers.get("content-type", "").split(";")[0],
            }
        )
        return said

    async def create(self, text: str, **more: Any) -> str:
        body = {
            "organization_id": self.organization,
            "model_config_id": self.model,
            **words(text),
            **more,
        }
        return str((await self.call("POST", "/chats", body))["id"])

    async def send(self, chat: str, text: str, **more: Any) -> Any:
        body = {**words(text), **more}
        return await self.call("POST", f"/chats/{chat}/messages", body)

    async def rest(self, chat: str, *statuses: str) -> None:
        """Wait until nothing runs and nothing waits, or for a status."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                page = await self._peek(f"/chats/{chat}/messages")
                status = (await self._peek(f"/chats/{chat}"))["status"]
                if status in statuses:
                    return
                if not statuses and not page["queued_messages"] and status in _SETTLED:
                    return
                await asyncio.sleep(0.05)

    async def quiet(self) -> None:
        """Wait until no chat of theirs runs, also of earlier conversations."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                chats = await self._peek("/chats?limit=100")
                if all(chat["status"] in _SETTLED for chat in chats):
                    return
                await asyncio.sleep(0.05)

    async def named(self, chat: str, label: str | None = LABEL) -> None:
        """Wait until the title and the label are there, which are made beside turns."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                found = await self._peek(f"/chats/{chat}")
                if found["title"] == TITLE and found["last_turn_summary"] == label:
                    return
                await asyncio.sleep(0.05)

    async def look(
        self, chat: str, label: str | None = LABEL, *, is_root: bool = True
    ) -> None:
        """The chat, its messages, and what the model was asked so far."""
        if is_root:
            await self.named(chat, label)
        await self.call("GET", f"/chats/{chat}")
        await self.call("GET", f"/chats/{chat}/messages")
        if not is_root:
            return
        calls = [
            [_turn(m) for m in body["messages"] if m["role"] != "system"]
            for body in (await self.http.get(f"{self.vendor}/log")).json()
            if body.get("stream")
        ]
        self.exchanges.append({"kind": "asked", "note": "so far", "calls": calls})

    def stream(self, chat: str, query: str = "") -> AbstractAsyncContextManager[Socket]:
        return self.listen(f"/chats/{chat}/stream{query}")

    @asynccontextmanager
    async def listen(self, path: str) -> AsyncIterator[Socket]:
        async with self._connect(path) as connection:
            socket = Socket(connection)
            reading = asyncio.create_task(socket.read())
            try:
                yield socket
                await self._hear_out(connection, socket, path)
            finally:
                await connection.close()
                await reading
        self.exchanges.append(
            {
                "kind": "ws",
                "path": path,
                "close": [connection.close_code, connection.close_reason],
                "events": socket.events,
            }
        )

    def _connect(self, path: str) -> websockets.connect:
        url = str(self.http.base_url).replace("http", "ws", 1).rstrip("/")
        return websockets.connect(
            f"{url}{_API}{path}",
            additional_headers={"Coder-Session-Token": self.token},
            compression=None,
        )

    async def _hear_out(
        self, connection: websockets.ClientConnection, socket: Socket, path: str
    ) -> None:
        """Wait until a socket was told all that was done so far.

        Who begins to listen to a chat waits until what was done there is told, and
        the answer to a ping comes behind what was sent before it.
        """
        if path.startswith("/chats/watch"):
            told = [event["chat"]["id"] for event in socket.events]
        else:
            await socket.until(lambda: bool(socket.events))
            told = [event["chat_id"] for event in socket.events]
        for chat in dict.fromkeys(told):
            async with self._connect(f"/chats/{chat}/stream?after_id={_ALL}") as other:
                await other.recv()
        async with asyncio.timeout(_PATIENCE):
            await (await connection.ping())

    async def _peek(self, path: str) -> Any:
        return (await self.http.get(_API + path)).json()


def _turn(message: dict[str, Any]) -> dict[str, Any]:
    """A message to a model as plain facts: texts, calls, what it answers."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"text": content or ""}]
    words = " ".join(part["text"] for part in parts if part.get("text"))
    calls = [
        [call["id"], function["name"], json.loads(function["arguments"])]
        for call in message.get("tool_calls", ())
        for function in [call["function"]]
    ]
    told: dict[str, Any] = {"role": message["role"]}
    if words:
        told["text"] = words
    if calls:
        told["calls"] = calls
    if message["role"] == "tool":
        told["answers"] = message["tool_call_id"]
    return told
