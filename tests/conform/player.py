"""Plays conversations against a server and writes down every exchange."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import websockets

__all__ = ["SCENARIOS", "Player", "Socket"]

_API: Final = "/api/experimental"
_PATIENCE: Final = 60.0
_SETTLED: Final = ("waiting", "error", "requires_action")


def _text(words: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": words}]}


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
                    self.events += json.loads(frame)
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
    vendor: str
    exchanges: list[dict[str, Any]] = field(default_factory=list)

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        params: dict[str, Any] | None = None,
    ) -> Any:
        answer = await self.http.request(method, _API + path, json=body, params=params)
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

    async def create(self, words: str) -> str:
        body = {
            "organization_id": self.organization,
            "model_config_id": self.model,
            **_text(words),
        }
        return str((await self.call("POST", "/chats", body))["id"])

    async def send(self, chat: str, words: str) -> Any:
        return await self.call("POST", f"/chats/{chat}/messages", _text(words))

    async def rest(self, chat: str) -> None:
        """Wait until nothing runs and nothing waits."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                page = await self._peek(f"/chats/{chat}/messages")
                status = (await self._peek(f"/chats/{chat}"))["status"]
                if not page["queued_messages"] and status in _SETTLED:
                    return
                await asyncio.sleep(0.05)

    async def look(self, chat: str) -> None:
        """The chat, its messages, and what the model was asked so far."""
        await self.call("GET", f"/chats/{chat}")
        await self.call("GET", f"/chats/{chat}/messages")
        calls = [
            [_turn(m) for m in body["messages"] if m["role"] != "system"]
            for body in (await self.http.get(f"{self.vendor}/log")).json()
            if body.get("stream")
        ]
        self.exchanges.append({"kind": "asked", "note": "so far", "calls": calls})

    @asynccontextmanager
    async def stream(self, chat: str, query: str = "") -> AsyncIterator[Socket]:
        path = f"/chats/{chat}/stream{query}"
        url = str(self.http.base_url).replace("http", "ws", 1).rstrip("/")
        async with websockets.connect(
            f"{url}{_API}{path}",
            additional_headers={"Coder-Session-Token": self.token},
            compression=None,
        ) as connection:
            socket = Socket(connection)
            reading = asyncio.create_task(socket.read())
            try:
                yield socket
                # Whatever comes late belongs to the record, too.
                await asyncio.sleep(0.3)
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

    async def _peek(self, path: str) -> Any:
        return (await self.http.get(_API + path)).json()


def _turn(message: dict[str, Any]) -> dict[str, Any]:
    """A message to a model as plain facts: its role and its text."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [{"text": content or ""}]
    words = " ".join(part["text"] for part in parts if part.get("text"))
    return {"role": message["role"], **({"text": words} if words else {})}


async def _hello(player: Player) -> None:
    chat = await player.create("#hello say hello to the whole wide world please")
    async with player.stream(chat) as socket:
        await socket.status("waiting")
    await player.look(chat)
    newest = max(m["id"] for m in player.exchanges[-2]["response"]["messages"])
    for query in ("", f"?after_id={newest}", f"?after_id={newest - 1}"):
        async with player.stream(chat, query):
            pass
    async with player.stream(chat, f"?after_id={2**63 - 1}"):
        pass


async def _second_turn(player: Player) -> None:
    chat = await player.create("#hello one")
    await player.rest(chat)
    async with player.stream(chat) as socket:
        idle = await socket.status("waiting")
        await player.send(chat, "#think two")
        await socket.status("running", after=idle)
        await socket.status("waiting", after=idle + 1)
    await player.look(chat)
    await player.call("GET", f"/chats/{chat}/prompts")
    await player.call("GET", f"/chats/{chat}/prompts", params={"limit": 1})


async def _queue(player: Player) -> None:
    chat = await player.create("#slow first")
    async with player.stream(chat) as socket:
        await socket.part()
        queued = [
            (await player.send(chat, words))["queued_message"]["id"]
            for words in ("#hello second", "#hello third", "#hello fourth")
        ]
        await player.call("GET", f"/chats/{chat}/messages")
        for which in (queued[1], queued[1], "x"):
            await player.call("DELETE", f"/chats/{chat}/queue/{which}")
        await player.rest(chat)
    await player.look(chat)


async def _interrupt(player: Player) -> None:
    chat = await player.create("#slower go on")
    async with player.stream(chat) as socket:
        await socket.part()
        seen = len(socket.events)
        await socket.until(lambda: len(socket.events) > seen + 5)
        await player.call("POST", f"/chats/{chat}/interrupt")
        await socket.status("waiting")
    await player.look(chat)
    await player.call("POST", f"/chats/{chat}/interrupt")


async def _provider_err401(player: Player) -> None:
    chat = await player.create("#err401 SALT please")
    async with player.stream(chat) as socket:
        await socket.status("waiting", "error")
    await player.look(chat)


SCENARIOS: Final[dict[str, Callable[[Player], Awaitable[None]]]] = {
    "hello": _hello,
    "second_turn": _second_turn,
    "queue": _queue,
    "interrupt": _interrupt,
    "provider_err401": _provider_err401,
}
