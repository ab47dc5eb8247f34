"""What users hear of their chats over one socket."""

from __future__ import annotations

from typing import Any

import pytest
import websockets

from coderchat_jupyter.server.streaming import backlog
from coderchat_jupyter.server.streaming.watchers import Watcher
from tests.fakes.puppet import Puppet
from tests.server.world import CHATS, Feed, Person, World, eventually

_TOOLS = [{"name": "lookup", "description": "", "input_schema": {"type": "object"}}]


def _story(feed: Feed) -> list[str]:
    """Kinds and statuses, in order."""
    return [f"{event['kind']} {event['chat']['status']}" for event in feed.events]


async def _heard(feed: Feed, *kinds: str) -> None:
    """Wait until each kind was told."""
    await feed.until(lambda f: {*kinds} <= {event["kind"] for event in f.events})


async def test_the_life_of_a_chat_is_told_once_each(
    admin: Person, puppet: Puppet
) -> None:
    """A worker that takes a chat is no news; nothing is told twice."""
    async with admin.watch() as feed:
        chat = await admin.answered()
        await admin.call("PATCH", f"/chats/{chat['id']}", {"title": "Renamed"})
        await admin.call("PATCH", f"/chats/{chat['id']}", {"archived": True})
        await admin.call("PATCH", f"/chats/{chat['id']}", {"archived": False})
        await feed.until(lambda f: [e["kind"] for e in f.events].count("created") == 2)

    told = [line for line in _story(feed) if not line.startswith("summary_change")]
    assert told == [
        "created pending",
        "status_change waiting",
        "title_change waiting",
        "deleted waiting",
        "created waiting",
    ]
    assert all(len(frame) == 1 for frame in feed.frames)
    assert feed.events[-1]["chat"]["title"] == "Renamed"


async def test_a_chat_is_told_in_part(admin: Person) -> None:
    """Who reads it merges it: what the list knows more of it is not here."""
    async with admin.watch() as feed:
        await admin.create()
        await _heard(feed, "created")

    event = feed.events[0]
    assert set(event) == {"kind", "chat"}
    assert event["chat"]["children"] == []
    assert event["chat"]["has_unread"] is False
    assert not {"files", "diff_status"} & set(event["chat"])


async def test_a_parked_chat_is_told_with_its_calls(
    admin: Person, puppet: Puppet
) -> None:
    """Results are no news; what comes of them is."""
    async with admin.watch() as feed:
        chat = await admin.create(unsafe_dynamic_tools=_TOOLS)
        await puppet.asked()
        puppet.call("lookup", '{"city":"Paris"}')
        await _heard(feed, "action_required")
        results = {"results": [{"tool_call_id": "call_1", "output": 1}]}
        await admin.call("POST", f"/chats/{chat['id']}/tool-results", results)
        await puppet.asked(2)
        puppet.answer("Fine.")
        await feed.until(lambda f: "status_change waiting" in _story(f))

    told = [line for line in _story(feed) if not line.startswith("summary_change")]
    assert told == [
        "created pending",
        "status_change requires_action",
        "action_required requires_action",
        "status_change waiting",
    ]
    (event,) = [e for e in feed.events if e["kind"] == "action_required"]
    assert event["tool_calls"] == [
        {
            "tool_call_id": "call_1",
            "tool_name": "lookup",
            "args": '{"city":"Paris"}',
        }
    ]


async def test_nobody_hears_of_the_chats_of_others(
    admin: Person, other: Person
) -> None:
    """Not even an administrator, who could read them."""
    async with admin.watch() as mine, other.watch() as theirs:
        chat = await other.create()
        own = await admin.create()
        await _heard(mine, "created")
        await _heard(theirs, "created")

    assert {event["chat"]["id"] for event in mine.events} == {own["id"]}
    assert {event["chat"]["id"] for event in theirs.events} == {chat["id"]}


async def test_all_sockets_of_a_user_hear_the_same(admin: Person) -> None:
    async with admin.watch() as one, admin.watch() as two:
        await admin.create()
        await _heard(one, "created")
        await _heard(two, "created")

    assert one.events == two.events


async def test_who_speaks_is_thrown_out(world: World, admin: Person) -> None:
    """As on the stream of a chat."""
    async with admin.watch() as feed:
        await feed.socket.send("hello")
        await feed.until(lambda f: f.closed is not None)

    async def nobody_watches() -> bool:
        return len(world.service.moves.watchers) == 0

    assert feed.closed == (1008, "unexpected data message")
    await eventually(nobody_watches)


async def test_who_is_not_signed_in_is_refused(world: World) -> None:
    url = f"{world.url.replace('http', 'ws', 1)}{CHATS}/watch"

    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(url)

    assert refused.value.response.status_code == 401


async def test_a_reader_that_is_too_slow_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it was told before is still sent; then it is to come back."""
    monkeypatch.setattr(backlog, "_TEXTS", 2)
    watcher = Watcher()
    for text in ("one", "two", "three"):
        watcher.put(text)

    taken: list[Any] = [await watcher.take() for _ in range(3)]

    assert taken == ["one", "two", ""]
    assert watcher.overflowed
