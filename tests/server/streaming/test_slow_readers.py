"""Sockets whose other end does not read: let go, and in nobody's way."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from coderchat_jupyter.server import keepalive
from coderchat_jupyter.server.routes import _socket
from coderchat_jupyter.server.streaming import backlog
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.parts import TextPart
from tests.server.world import CHATS, Feed, Person, World, eventually, open_world

_HUGE: Final = "x" * 100_000
_MANY: Final = 120
"""More than a connection on loopback holds by itself."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_socket, "_LAST_SECONDS", 0.05)
    monkeypatch.setattr(keepalive, "_LINGER_SECONDS", 0.05)


@asynccontextmanager
async def _deaf(person: Person, chat_id: str) -> AsyncIterator[socket.socket]:
    """Open a stream and never read from it."""
    url = urlsplit(person.world.url)
    loop = asyncio.get_running_loop()
    with socket.socket() as raw:
        raw.setblocking(False)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await loop.sock_connect(raw, (url.hostname, url.port))
        head = (
            f"GET {CHATS}/{chat_id}/stream HTTP/1.1\r\nHost: {url.netloc}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
            f"Coder-Session-Token: {person.account.token.get_secret_value()}\r\n\r\n"
        )
        await loop.sock_sendall(raw, head.encode())
        yield raw


async def _is_cut(raw: socket.socket) -> bool:
    """Read until the end; whether the other end is gone, and not just silent."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(10):
            while await loop.sock_recv(raw, 2**20):
                pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    return True


def _part(chat_id: str, text: str) -> tuple[ChatId, str, TextPart]:
    return ChatId(chat_id), "assistant", TextPart(text=text)


def _has_heard(parts: int, feed: Feed) -> bool:
    return len(feed.said) == parts * len(_HUGE)


async def _listeners(world: World, count: int) -> None:
    async def are_there() -> bool:
        return world.service.hub.listeners == count

    await eventually(are_there)


async def test_who_never_reads_is_let_go_and_holds_nobody_up(
    admin: Person, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing waits for it for ever: no events, no task and no connection."""
    monkeypatch.setattr(backlog, "_CHARACTERS", 10 * len(_HUGE))
    chat = await admin.answered()
    async with _deaf(admin, chat["id"]) as raw, admin.stream(chat["id"]) as feed:
        await _listeners(world, 2)
        for count in range(1, _MANY + 1):
            world.service.hub.part(*_part(chat["id"], _HUGE))
            await feed.until(partial(_has_heard, count))
        await _listeners(world, 1)
        cut = await _is_cut(raw)

    assert cut
    assert feed.closed is not None
    assert feed.closed[0] == 1000


async def test_who_never_reads_is_let_go_with_its_pings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it is not told too much, and there is room for no goodbye."""
    monkeypatch.setattr("coderchat_jupyter.server.run._PING_SECONDS", 0.3)
    async with open_world(tmp_path) as world:
        chat = await world.admin.answered()
        async with _deaf(world.admin, chat["id"]) as raw:
            await _listeners(world, 1)
            for _ in range(_MANY):
                world.service.hub.part(*_part(chat["id"], _HUGE))
            await _listeners(world, 0)
            cut = await _is_cut(raw)

    assert cut


async def test_a_snapshot_is_told_whole_however_long_it_is(
    admin: Person, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a long answer could not be joined: it would be too much each time."""
    monkeypatch.setattr(backlog, "_TEXTS", 50)
    chat = await admin.answered()
    for _ in range(300):
        world.service.hub.part(*_part(chat["id"], "x"))

    async with admin.stream(chat["id"]) as feed:
        await feed.until(lambda f: len(f.said) == 300 and "assistant" in f.story)
        still_open = feed.closed is None

    assert still_open


async def test_a_server_that_stops_goes_away(tmp_path: Path) -> None:
    """With the code that clients of this API take for a clean end."""
    async with open_world(tmp_path) as world:
        chat = await world.admin.answered()
        stream = world.admin.stream(chat["id"])
        feed = await stream.__aenter__()
        await feed.until(lambda f: bool(f.frames))
    await feed.until(lambda f: f.closed is not None)
    await stream.__aexit__(None, None, None)

    assert feed.closed is not None
    assert feed.closed[0] == 1001
