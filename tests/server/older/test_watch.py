"""The older API over both databases: what becomes of chats, in envelopes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import websockets

from coderchat_jupyter.client import Client
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from coderchat_jupyter.wire.watch import WatchEvent
from tests.server.databases import BOTH
from tests.server.world import CHATS, World, eventually, open_world, text

pytestmark = BOTH


@pytest.fixture
async def older(tmp_path: Path, address: DatabaseAddress) -> AsyncIterator[World]:
    async with open_world(tmp_path, database=address, speak="g0") as world:
        yield world


def _watching(world: World) -> Any:
    token = world.admin.account.token.get_secret_value()
    return websockets.connect(
        f"{world.url.replace('http', 'ws', 1)}{CHATS}/watch",
        additional_headers={"Coder-Session-Token": token},
    )


async def _until(socket: websockets.ClientConnection, *kinds: str) -> list[Any]:
    """Read envelopes until the kinds came in this order."""
    found: list[Any] = []
    wanted = list(kinds)
    while wanted:
        envelope = json.loads(await socket.recv())
        assert set(envelope) == {"type", "data"}
        assert envelope["type"] == "data"
        found.append(envelope["data"])
        if found[-1]["kind"] == wanted[0]:
            wanted.pop(0)
    return found


async def test_what_becomes_of_a_chat_is_told_in_envelopes(older: World) -> None:
    """After a ping that says it begins; with the chat as the older API has it."""
    async with _watching(older) as socket:
        ping = await socket.recv()
        chat = (await older.admin.call("POST", "/chats", text("hello"))).json()
        await older.puppet.asked()
        older.puppet.answer("Hi.")
        lived = await _until(socket, "created", "status_change")
        await older.admin.call("POST", f"/chats/{chat['id']}/archive")
        await older.admin.call("POST", f"/chats/{chat['id']}/unarchive")
        moved = await _until(socket, "deleted", "created")

    assert ping == '{"type":"ping"}\n'
    assert lived[0] == {"kind": "created", "chat": chat}
    assert lived[-1]["chat"]["status"] == "waiting"
    assert {event["kind"] for event in lived + moved} <= {
        "created",
        "deleted",
        "status_change",
        "title_change",
    }
    for event in lived + moved:
        assert set(event) == {"kind", "chat"}
        assert set(event["chat"]) == set(chat)
    archived = {event["kind"]: event["chat"]["archived"] for event in moved}
    assert (archived["deleted"], archived["created"]) == (True, False)


async def test_our_client_watches_an_older_server(older: World) -> None:
    token = older.admin.account.token
    async with Client(older.url, token) as client:
        await client.server.generation()
        async with client.chats.watch() as happenings:
            made = await client.chats.create("Hello")
            first = await anext(aiter(happenings))

    assert isinstance(first, WatchEvent)
    assert (first.kind, first.chat.id) == ("created", made.id)


async def test_a_chat_is_held_from_its_first_word_to_its_end(older: World) -> None:
    """Sent, answered, edited, queued behind an answer, read with its messages."""
    admin, puppet = older.admin, older.puppet
    chat = (await admin.call("POST", "/chats", text("one"))).json()
    path = f"/chats/{chat['id']}"

    async def turn(calls: int, reply: str) -> None:
        await puppet.asked(calls)
        puppet.answer(reply)

    async def messages() -> list[tuple[str, str]]:
        whole = (await admin.call("GET", path)).json()
        assert set(whole) == {"chat", "messages", "queued_messages"}
        return [(m["role"], m["content"][0]["text"]) for m in whole["messages"]]

    async def status() -> str:
        return str((await admin.call("GET", path)).json()["chat"]["status"])

    await turn(1, "First.")
    await _rest(status)
    sent = (await admin.call("POST", f"{path}/messages", text("two"))).json()
    await puppet.asked(2)
    queued = (await admin.call("POST", f"{path}/messages", text("three"))).json()
    puppet.answer("Second.")
    await turn(3, "Third.")
    await _rest(status)
    all_of_them = await messages()
    edit = f"{path}/messages/{sent['message']['id']}"
    edited = (await admin.call("PATCH", edit, text("other"))).json()
    await turn(4, "Fourth.")
    await _rest(status)

    assert (sent["queued"], queued["queued"]) == (False, True)
    assert all_of_them == [
        ("user", "one"),
        ("assistant", "First."),
        ("user", "two"),
        ("assistant", "Second."),
        ("user", "three"),
        ("assistant", "Third."),
    ]
    assert edited["content"] == [{"type": "text", "text": "other"}]
    assert await messages() == [
        *all_of_them[:2],
        ("user", "other"),
        ("assistant", "Fourth."),
    ]


async def _rest(status: Any) -> None:
    async def is_over() -> bool:
        return bool(await status() == "waiting")

    await eventually(is_over)
