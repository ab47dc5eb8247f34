"""A server on a loopback port and a SQLite file, with people who talk to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
import uvicorn
import websockets

from coderchat_jupyter.server.accounts import Account
from coderchat_jupyter.server.app import create_app
from coderchat_jupyter.server.run import configure, listen
from coderchat_jupyter.server.service import Service
from coderchat_jupyter.server.settings import ServerSettings
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from tests.fakes.puppet import Puppet
from tests.server.furniture import CHATS, Copy, Furniture, calling, furnish

__all__ = [
    "CHATS",
    "Feed",
    "Person",
    "World",
    "eventually",
    "open_world",
    "serving",
    "text",
]

_PATIENCE: Final = 30.0
_TITLE: Final = "propose_title"

Event = dict[str, Any]


def text(words: str) -> dict[str, Any]:
    """The content of a message, as it is sent."""
    return {"content": [{"type": "text", "text": words}]}


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds; it is asked again and again."""
    async with asyncio.timeout(_PATIENCE):
        while not await holds():  # noqa: ASYNC110  a server has no event for it
            await asyncio.sleep(0.01)


class Feed:
    """Everything one stream said, in order."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.events: list[Event] = []
        self.frames: list[list[Event]] = []
        self._news = asyncio.Condition()
        self.closed: tuple[int, str] | None = None

    async def read(self) -> None:
        try:
            async for frame in self.socket:
                async with self._news:
                    found = json.loads(frame)
                    # A watch tells one event a frame.
                    self.frames.append(found if isinstance(found, list) else [found])
                    self.events += self.frames[-1]
                    self._news.notify_all()
        except websockets.ConnectionClosed:
            pass
        async with self._news:
            self.closed = (self.socket.close_code or 0, self.socket.close_reason or "")
            self._news.notify_all()

    async def until(self, wanted: Callable[[Feed], bool]) -> None:
        """Wait until something holds of what was said."""
        async with asyncio.timeout(_PATIENCE), self._news:
            await self._news.wait_for(lambda: wanted(self))

    async def status(self, wanted: str, *, after: int = 0) -> int:
        """Wait for a status after that many events; how many there were by then."""

        def place(feed: Feed) -> int:
            for index, event in enumerate(feed.events[after:], after):
                if event["type"] == "status" and event["status"]["status"] == wanted:
                    return index + 1
            return 0

        await self.until(lambda feed: place(feed) > 0)
        return place(self)

    @property
    def said(self) -> str:
        """The text previewed so far."""
        return "".join(
            event["message_part"]["part"]["text"]
            for event in self.events
            if event["type"] == "message_part"
        )

    @property
    def story(self) -> list[str]:
        """The events in one word each: parts and repetitions folded."""
        words: list[str] = []
        for event in self.events:
            kind = event["type"]
            if kind == "status":
                kind = event["status"]["status"]
            elif kind == "message":
                kind = event["message"]["role"]
            if kind != "message_part" or words[-1:] != [kind]:
                words.append(kind)
        return words


@dataclass
class Person:
    """Somebody signed in."""

    world: World
    account: Account
    http: httpx.AsyncClient

    @property
    def id(self) -> str:
        return self.account.user.id

    @property
    def organization(self) -> str:
        return self.account.user.organization_ids[0]

    async def call(
        self, method: str, path: str, body: object = None, **params: Any
    ) -> httpx.Response:
        """Call; a path under /chats is one of the experimental tree."""
        if path.startswith("/chats"):
            path = CHATS.removesuffix("/chats") + path
        return await self.http.request(method, path, json=body, params=params or None)

    async def create(self, words: str = "hello", **more: Any) -> dict[str, Any]:
        """A new chat."""
        body = {"organization_id": self.organization, **text(words), **more}
        answer = await self.call("POST", "/chats", body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def answered(
        self, words: str = "hello", reply: str = "Hi."
    ) -> dict[str, Any]:
        """A new chat whose first turn is over, and which was to be named."""
        puppet = self.world.puppet
        calls, names = len(puppet.calls), puppet.asides_for(_TITLE)
        chat = await self.create(words)
        await puppet.asked(calls + 1)
        # Or it would be named by what a test has it say later.
        await puppet.asked_for(_TITLE, names + 1)
        puppet.answer(reply)
        return await self.settled(chat["id"])

    async def settled(self, chat_id: str, *statuses: str) -> dict[str, Any]:
        """Wait until a chat rests."""
        wanted = statuses or ("waiting", "error")
        async with asyncio.timeout(_PATIENCE):
            while True:
                chat = (await self.call("GET", f"/chats/{chat_id}")).json()
                if chat["status"] in wanted:
                    return dict(chat)
                await asyncio.sleep(0.01)

    async def send(self, chat_id: str, words: str, **more: Any) -> dict[str, Any]:
        """Send a message."""
        answer = await self.call(
            "POST", f"/chats/{chat_id}/messages", {**text(words), **more}
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def history(self, chat_id: str) -> list[tuple[str, str]]:
        """Roles and texts of a chat, oldest first."""
        page = (await self.call("GET", f"/chats/{chat_id}/messages")).json()
        return [
            (m["role"], "".join(p["text"] for p in m.get("content", [])))
            for m in reversed(page["messages"])
        ]

    @asynccontextmanager
    async def stream(self, chat_id: str, **params: Any) -> AsyncIterator[Feed]:
        """Listen to a chat."""
        path = f"{chat_id}/stream?{httpx.QueryParams(params)}"
        async with self._listening(path) as feed:
            yield feed

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[Feed]:
        """Hear what becomes of all chats of one's own."""
        async with self._listening("watch") as feed:
            yield feed

    @asynccontextmanager
    async def _listening(self, path: str) -> AsyncIterator[Feed]:
        url = f"{self.world.url.replace('http', 'ws', 1)}{CHATS}/{path}"
        async with websockets.connect(
            url,
            additional_headers={
                "Coder-Session-Token": self.account.token.get_secret_value()
            },
            max_size=2**22,
            compression=None,
        ) as socket:
            feed = Feed(socket)
            reading = asyncio.create_task(feed.read())
            try:
                yield feed
            finally:
                await socket.close()
                await reading


@dataclass
class World:
    """A server that runs in this process, on real sockets."""

    url: str
    path: Path
    service: Service
    puppet: Puppet
    admin: Person = field(init=False)
    other: Person = field(init=False)
    model: str = ""
    provider: str = ""


@asynccontextmanager
async def open_world(
    folder: Path,
    *,
    database: DatabaseAddress | None = None,
    puppet: Puppet | None = None,
    **settings: Any,
) -> AsyncIterator[World]:
    """Run a server with an administrator, another user and a priced model.

    Args:
        folder: For its database, if that is a file.
        database: Another one.
        puppet: What answers; one of its own if None.
        settings: Those of `ServerSettings` that are not as they always are.
    """
    path = folder / "server.db"
    database, puppet = database or path, puppet or Puppet()
    speak = settings.get("speak", "g1")
    furniture: Furniture | None = None
    if isinstance(database, Path) and not database.exists():
        furniture = (await _furnished(speak)).write(database)
    async with serving(database, puppet, **settings) as (url, service):
        furniture = furniture or await furnish(url, database, speak=speak)
        async with (
            calling(url, furniture.admin) as one,
            calling(url, furniture.other) as two,
        ):
            world = World(url, path, service, puppet)
            world.provider, world.model = furniture.provider, furniture.model
            world.admin = Person(world, furniture.admin, one)
            world.other = Person(world, furniture.other, two)
            yield world


_COPIES: Final[dict[str, Copy]] = {}


async def _furnished(speak: str) -> Copy:
    """A furnished database of a server with that API, made for the first who asks."""
    if speak not in _COPIES:
        with TemporaryDirectory() as name:
            path = Path(name) / "server.db"
            async with serving(path, Puppet(), speak=speak) as (url, _):
                furniture = await furnish(url, path, speak=speak)
            _COPIES[speak] = Copy.of(path, furniture)
    return _COPIES[speak]


@asynccontextmanager
async def serving(
    database: DatabaseAddress, puppet: Puppet, **settings: Any
) -> AsyncIterator[tuple[str, Service]]:
    """Run a server in this process; its address and its parts."""
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    told = ServerSettings(database=database, external_url=url, **settings)
    app = create_app(told, puppet.build)
    server = uvicorn.Server(configure(app))
    running = asyncio.create_task(server._serve(sockets=[listener]))
    while not server.started:
        assert not running.done(), running
        await asyncio.sleep(0.005)
    try:
        yield url, app.state.service
    finally:
        server.should_exit = True
        await running
        listener.close()
