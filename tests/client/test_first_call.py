"""The very first call to a server whose release nobody knows yet."""

from __future__ import annotations

from typing import Any, Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import NotFoundError, UnsupportedError
from coderchat_jupyter.wire.ids import ChatId
from tests.client.test_release import probes
from tests.fakes.recorded_server import TOKEN, RecordedServer, recorded
from tests.wire.contract import contract

CHAT: Final = ChatId("4a4f3cf4-6c3c-4c0c-9b53-0f3d4d0f7a10")
STREAM: Final = f"/chats/{CHAT}/stream"
GONE: Final = {"message": "Gone."}


def message(number: int) -> dict[str, Any]:
    return {**contract("g1").sample("ChatMessage", "full"), "id": number}


def hide_version_in_answers(server: RecordedServer) -> None:
    """A proxy on the way may cut headers off; `buildinfo` tells all the same."""
    body = {"version": server.version}
    server.answer("GET", "/api/v2/buildinfo", 200, body)
    server.version = ""


async def test_archived_chats_are_asked_for_as_the_release_wants_it() -> None:
    """A query that it does not read would give the wrong chats."""
    async with (
        recorded("early", version="v2.31.0") as server,
        Client(server.url, TOKEN) as client,
    ):
        server.answer("GET", "/chats", 200, [])
        await client.chats.list(archived=True)

    assert server.asked[-1].query == [("archived", "true")]
    assert len(server.calls()) == 1


async def test_a_list_whose_shape_never_changed_asks_nothing_before() -> None:
    """One call, and not two."""
    async with recorded("v2.34.0") as server, Client(server.url, TOKEN) as client:
        await client.chats.list(query="title:x", limit=5)

    assert probes(server) == 0


async def test_newer_messages_are_found_on_a_server_that_cannot_look_for_them() -> None:
    """It would pass over `after_id` and give the newest ones, as if they were those."""
    path = f"/chats/{CHAT}/messages"
    async with (
        recorded("v2.32.4", version="v2.32.4") as server,
        Client(server.url, TOKEN) as client,
    ):
        hide_version_in_answers(server)
        server.serve_messages(path, [message(n) for n in range(1, 11)])
        page = await client.messages.list(CHAT, after_id=2)

    assert [one.id for one in page.messages] == [3, 4, 5, 6, 7, 8, 9, 10]


async def test_the_messages_of_the_earliest_servers_come_with_the_chat() -> None:
    """They have no messages of their own, and say what they are when asked for them."""
    chat = contract("g0").sample("ChatWithMessages", "full")
    chat["messages"] = [message(1), message(2)]
    async with (
        recorded("early", version="v2.31.0") as server,
        Client(server.url, TOKEN) as client,
    ):
        server.answer("GET", f"/chats/{CHAT}", 200, chat)
        page = await client.messages.list(CHAT)

    assert [one.id for one in page.messages] == [2, 1]


async def test_messages_that_are_missing_stay_missing() -> None:
    """The other way is only tried at a server that is known to want it."""
    path = f"/chats/{CHAT}/messages"
    async with recorded("v2.34.0") as server, Client(server.url, TOKEN) as client:
        server.answer("GET", path, 404, {"message": "Chat not found."})
        with pytest.raises(NotFoundError):
            await client.messages.list(CHAT)

    assert server.calls() == [f"GET {path}"]


async def test_a_refused_stream_names_the_release_that_was_learned() -> None:
    """Though this answer alone does not say it."""
    async with recorded("v2.34.0") as server, Client(server.url, TOKEN) as client:
        await client.chats.list()
        server.version = ""
        server.answer("GET", STREAM, 410, GONE)
        with pytest.raises(UnsupportedError) as refused:
            async with client.chats.stream(CHAT):
                pass

    assert refused.value.server_version == "v2.34.0+1a2b3c4"
    assert probes(server) == 0


@pytest.mark.parametrize("status", [404, 410])
async def test_a_stream_refused_at_first_asks_which_release_it_was(status: int) -> None:
    """And so does a call that every release is thought to have."""
    async with recorded("v2.99.0", version="v2.99.0") as server:
        hide_version_in_answers(server)
        gone = {"message": "Route not found."} if status == 404 else GONE
        server.answer("GET", STREAM, status, gone)
        server.answer("GET", f"/chats/{CHAT}", status, gone)
        async with Client(server.url, TOKEN) as client:
            with pytest.raises(UnsupportedError) as stream:
                async with client.chats.stream(CHAT):
                    pass
        async with Client(server.url, TOKEN) as client:
            with pytest.raises(UnsupportedError) as call:
                await client.chats.get(CHAT)

    assert stream.value.server_version == "v2.99.0"
    assert call.value.server_version == "v2.99.0"
    assert "v2.99.0" in str(stream.value)


async def test_a_server_that_refuses_even_to_say_what_it_is_is_no_riddle() -> None:
    """The refusal is told without a release, and nothing hangs."""
    async with recorded("nameless", version="") as server:
        server.answer("GET", "/api/v2/buildinfo", 410, GONE)
        server.answer("GET", "/chats", 410, GONE)
        async with Client(server.url, TOKEN) as client:
            with pytest.raises(UnsupportedError) as refused:
                await client.chats.list()

    assert refused.value.server_version == ""
