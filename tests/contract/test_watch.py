"""What the owner of chats is told of all of them."""

from __future__ import annotations

import json

from tests.contract.caller import Caller, Event, Reader
from tests.contract.scripts import LOOKUP, TITLE
from tests.contract.shapes import CHAT


async def _until(watch: Reader, chat: str, kind: str, *, times: int = 1) -> list[Event]:
    """What is told of a chat, up to an event of a kind."""

    def told() -> list[Event]:
        return [event for event in watch.events if event["chat"]["id"] == chat]

    await watch.when(lambda: [e["kind"] for e in told()].count(kind) >= times)
    return told()


async def test_a_first_turn_is_told_from_its_creation_to_its_label(
    me: Caller,
) -> None:
    async with me.listen("/chats/watch") as watch:
        chat = await me.create("hi there")
        events = await _until(watch, chat, "summary_change")

    kinds = ["created", "title_change", "status_change", "summary_change"]
    created, title, status, summary = (event["chat"] for event in events)
    assert [event["kind"] for event in events] == kinds
    assert (created["status"], created["title"]) == ("pending", "hi there")
    assert (title["status"], title["title"]) == ("running", TITLE)
    assert (status["status"], status["last_turn_summary"]) == ("waiting", None)
    assert summary["last_turn_summary"] == "Said hello"


async def test_each_event_is_an_object_with_a_partial_chat(me: Caller) -> None:
    async with me.listen("/chats/watch") as watch:
        chat = await me.create("hi there")
        await _until(watch, chat, "summary_change")

    for frame in watch.frames:
        event = json.loads(frame)
        assert set(event) == {"kind", "chat"}
        assert set(event["chat"]) == CHAT
        assert event["chat"]["children"] == []
        assert event["chat"]["has_unread"] is False


async def test_a_parked_chat_tells_the_calls_it_waits_for(me: Caller) -> None:
    async with me.listen("/chats/watch") as watch:
        chat = await me.create("#lookup", unsafe_dynamic_tools=[LOOKUP])
        events = await _until(watch, chat, "summary_change")

    status, action = (e for e in events if e["kind"].endswith(("s_change", "required")))
    assert [status["kind"], action["kind"]] == ["status_change", "action_required"]
    assert action["chat"]["status"] == "requires_action"
    (call,) = action["tool_calls"]
    assert (call["tool_call_id"], call["tool_name"]) == ("call_1", "lookup")
    assert json.loads(call["args"]) == {"city": "Paris"}


async def test_posted_results_are_told_at_the_end_of_the_run_alone(
    me: Caller,
) -> None:
    chat = await me.rested("#lookup", unsafe_dynamic_tools=[LOOKUP])
    result = {"tool_call_id": "call_1", "output": 1}
    async with me.listen("/chats/watch") as watch:
        await _labelled(me, chat)
        await me.call("POST", f"/chats/{chat}/tool-results", {"results": [result]})
        events = await _until(watch, chat, "summary_change")

    states = [e["chat"]["status"] for e in events if e["kind"] == "status_change"]
    assert states == ["waiting"]


async def test_an_archive_deletes_and_an_unarchive_creates(me: Caller) -> None:
    chat = await me.rested("hi")
    await _labelled(me, chat)
    async with me.listen("/chats/watch") as watch:
        await me.call("PATCH", f"/chats/{chat}", {"archived": True})
        await me.call("PATCH", f"/chats/{chat}", {"archived": False})
        events = await _until(watch, chat, "created")

    told = [(event["kind"], event["chat"]["archived"]) for event in events]
    assert told == [("deleted", True), ("created", False)]


async def test_a_rename_is_told(me: Caller) -> None:
    chat = await me.rested("hi")
    await _labelled(me, chat)
    async with me.listen("/chats/watch") as watch:
        await me.call("PATCH", f"/chats/{chat}", {"title": "Another"})
        events = await _until(watch, chat, "title_change")

    assert [event["chat"]["title"] for event in events] == ["Another"]


async def test_commands_tell_the_status_they_make(me: Caller) -> None:
    chat = await me.rested("hi")
    await _labelled(me, chat)
    async with me.listen("/chats/watch") as watch:
        await me.send(chat, "again")
        events = await _until(watch, chat, "status_change", times=2)

    states = [e["chat"]["status"] for e in events if e["kind"] == "status_change"]
    assert states == ["pending", "waiting"]


async def test_nobody_is_told_of_the_chats_of_others(me: Caller, other: Caller) -> None:
    async with other.listen("/chats/watch") as watch:
        await me.rested("not yours")
        chat = await other.create("mine")
        await _until(watch, chat, "summary_change")

    assert {event["chat"]["id"] for event in watch.events} == {chat}


async def _labelled(me: Caller, chat: str) -> None:
    """Wait until what is made beside a turn is there, and told."""
    async with me.listen("/chats/watch") as watch:
        found = await me.get(f"/chats/{chat}")
        if found["title"] != TITLE or found["last_turn_summary"] is None:
            await _until(watch, chat, "summary_change")
