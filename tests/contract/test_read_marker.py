"""Who has read what: the owner's streams move the marker, at both of their ends."""

from __future__ import annotations

import asyncio

import pytest

from tests.contract.caller import API, Caller, Reader
from tests.contract.wire import Wire


async def _answered(me: Caller, name: str) -> str:
    """A chat with an answer that nobody has read; found by the label of its name."""
    async with me.listen("/chats/watch") as watch:
        chat = await me.create("hi", labels={"run": name})
        await _until_waiting(watch, chat)
    return chat


async def _until_waiting(watch: Reader, chat: str) -> None:
    """Wait for the end of a turn without listening to the chat."""
    ends = ("status_change", "waiting")
    await watch.when(
        lambda: any(
            (event["kind"], event["chat"]["status"]) == ends
            for event in watch.events
            if event["chat"]["id"] == chat
        )
    )


async def _is_unread(caller: Caller, name: str) -> bool:
    (row,) = await caller.get("/chats", label=f"run:{name}")
    return bool(row["has_unread"])


async def _until_read(caller: Caller, name: str) -> None:
    """The marker of a closed stream moves after its last frame."""
    async with asyncio.timeout(10):
        while await _is_unread(caller, name):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_an_answer_is_unread_until_its_owner_connects(me: Caller) -> None:
    chat = await _answered(me, "connect")
    before = await _is_unread(me, "connect")
    async with me.stream(chat) as reader:
        await reader.first()
        while_open = await _is_unread(me, "connect")

    assert (before, while_open) == (True, False)


async def test_what_came_while_connected_is_read_at_the_end(me: Caller) -> None:
    chat = await _answered(me, "leave")
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, "again")
        await reader.until("status waiting")
        while_open = await _is_unread(me, "leave")

    assert while_open
    await _until_read(me, "leave")


@pytest.mark.parametrize("says_so", [True, False])
async def test_who_leaves_without_waiting_has_read_it_too(
    me: Caller, says_so: bool
) -> None:
    """A page that is closed does not wait for the server's reply."""
    name = f"gone-{says_so}"
    chat = await _answered(me, name)
    wire = Wire(str(me.http.base_url), f"{API}/chats/{chat}/stream", me.token)
    try:
        async with me.listen("/chats/watch") as watch:
            await me.send(chat, "again")
            await _until_waiting(watch, chat)
        while_open = await _is_unread(me, name)
        if says_so:
            wire.leave()
    finally:
        wire.close()

    assert while_open
    await _until_read(me, name)


async def test_a_viewer_reads_for_themselves_alone(me: Caller, other: Caller) -> None:
    chat = await _answered(me, "viewer")
    viewer = (await other.http.get("/api/v2/users/me")).json()["id"]
    shared = await me.call(
        "PATCH", f"/chats/{chat}/acl", {"user_roles": {viewer: "read"}}
    )
    async with other.stream(chat) as reader:
        events = await reader.first()

    assert shared.status_code == 204
    assert events
    assert await _is_unread(me, "viewer")


async def test_a_chat_alone_is_never_unread(me: Caller) -> None:
    """Only the list knows."""
    chat = await _answered(me, "single")

    assert (await me.get(f"/chats/{chat}"))["has_unread"] is False
    assert await _is_unread(me, "single")
