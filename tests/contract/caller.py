"""A client of the API made of httpx and websockets alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, TypeAlias

import httpx
import websockets

__all__ = ["API", "Caller", "Event", "Reader", "plot", "words"]

Event: TypeAlias = dict[str, Any]

API: Final = "/api/experimental"
_PATIENCE: Final = 60.0
_RESTING: Final = ("status waiting", "status error", "status requires_action")


def words(text: str) -> dict[str, Any]:
    """The content of a message."""
    return {"content": [{"type": "text", "text": text}]}


def plot(events: list[Event]) -> list[str]:
    """Events in a word or two each; parts of one kind in a row count once."""
    return [name for name, _ in groupby(_name(event) for event in events)]


def _name(event: Event) -> str:
    match event["type"]:
        case "status":
            return f"status {event['status']['status']}"
        case "message":
            return f"message {event['message']['role']}"
        case "message_part":
            return f"part {event['message_part']['part']['type']}"
        case "queue_update":
            return f"queue {len(event.get('queued_messages', []))}"
    return str(event["type"])


@dataclass
class Reader:
    """What a socket said so far: its frames as they came, and their events."""

    connection: websockets.ClientConnection
    frames: list[str | bytes] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    _seen: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def read(self) -> None:
        """Read until the server ends."""
        try:
            async for frame in self.connection:
                async with self._news:
                    self.frames.append(frame)
                    told = json.loads(frame)
                    self.events += told if isinstance(told, list) else [told]
                    self._news.notify_all()
        except websockets.ConnectionClosed:
            pass

    async def until(self, *wanted: str) -> list[Event]:
        """Wait for events of these names in this order; all since the last wait."""
        begin = self._seen

        def end() -> int:
            names = list(wanted)
            for place, event in enumerate(self.events[begin:], begin + 1):
                if _name(event) == names[0]:
                    names.pop(0)
                    if not names:
                        return place
            return 0

        await self.when(lambda: end() > 0)
        self._seen = end()
        return self.events[begin : self._seen]

    async def first(self) -> list[Event]:
        """Wait for the snapshot, which is one frame."""
        await self.when(lambda: bool(self.frames))
        self._seen = len(json.loads(self.frames[0]))
        return self.events[: self._seen]

    async def when(self, ready: Callable[[], bool]) -> None:
        """Wait until what was said is enough."""
        try:
            async with asyncio.timeout(_PATIENCE), self._news:
                await self._news.wait_for(ready)
        except TimeoutError:
            message = f"only {plot(self.events)}"
            raise AssertionError(message) from None


@dataclass(frozen=True)
class Caller:
    """A user of the server."""

    http: httpx.AsyncClient
    token: str
    organization: str
    model: str

    async def call(
        self, method: str, path: str, body: object = None, **more: Any
    ) -> httpx.Response:
        """Call an endpoint of the experimental tree."""
        return await self.http.request(method, API + path, json=body, **more)

    async def get(self, path: str, **params: Any) -> Any:
        """Read what must be there."""
        answer = await self.http.get(API + path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def create(self, text: str, **more: Any) -> str:
        """Create a chat; its id."""
        body = {"organization_id": self.organization, **words(text), **more}
        answer = await self.call("POST", "/chats", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def send(self, chat: str, text: str, **more: Any) -> Any:
        """Send a message; the whole answer."""
        path = f"/chats/{chat}/messages"
        answer = await self.call("POST", path, {**words(text), **more})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def messages(self, chat: str) -> list[Event]:
        """The visible messages, oldest first."""
        page = await self.get(f"/chats/{chat}/messages")
        return list(reversed(page["messages"]))

    async def rested(self, text: str, **more: Any) -> str:
        """Create a chat, and wait for the end of its first turn."""
        chat = await self.create(text, **more)
        await self.settled(chat)
        return chat

    async def settled(self, chat: str) -> None:
        """Wait until no turn runs."""
        async with self.stream(chat) as reader:
            await reader.when(
                lambda: any(_name(event) in _RESTING for event in reader.events)
            )

    def stream(self, chat: str, query: str = "") -> AbstractAsyncContextManager[Reader]:
        """Read a chat's events."""
        return self.listen(f"/chats/{chat}/stream{query}")

    @asynccontextmanager
    async def listen(self, path: str) -> AsyncIterator[Reader]:
        """Read a socket until the end of the block."""
        url = str(self.http.base_url).replace("http", "ws", 1).rstrip("/")
        async with websockets.connect(
            f"{url}{API}{path}",
            additional_headers={"Coder-Session-Token": self.token},
            compression=None,
        ) as connection:
            reader = Reader(connection)
            reading = asyncio.create_task(reader.read())
            try:
                yield reader
            finally:
                await connection.close()
                await reading
