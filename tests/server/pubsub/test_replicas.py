"""Two servers on one Postgres database are one to everybody who calls."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from coderchat_jupyter.server.storage.addresses import PostgresUrl
from coderchat_jupyter.server.storage.chats import change_chat
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.wire.framing import decode_frame
from coderchat_jupyter.wire.ids import ChatId
from tests.server.pubsub.replicas import Pair, second_server
from tests.server.world import Feed, eventually, open_world


def _kinds(feed: Feed) -> list[str]:
    """What a stream said but for previews, in one word each."""
    return [word for word in feed.story if word != "message_part"]


async def test_a_stream_of_one_server_tells_the_turn_that_another_runs(
    pair: Pair,
) -> None:
    chat = await pair.here.answered()
    async with pair.there.stream(chat["id"]) as feed:
        await feed.status("waiting")
        seen = len(feed.events)
        await pair.here.send(chat["id"], "again")
        await pair.one.puppet.asked(2)
        pair.one.puppet.answer("Here.")
        await feed.status("waiting", after=seen)
        told = _kinds(feed)

    assert told[-5:] == ["user", "pending", "running", "assistant", "waiting"]
    assert pair.two.puppet.calls == []


async def test_an_interrupt_at_one_server_ends_the_run_of_another(pair: Pair) -> None:
    """What there is of the answer is kept, and what waits in the queue runs."""
    chat = (await pair.here.create("first"))["id"]
    await pair.one.puppet.asked()
    async with pair.here.stream(chat) as near, pair.there.stream(chat) as far:
        pair.one.puppet.say("Half an ")
        await near.until(lambda f: f.said == "Half an ")
        await far.until(lambda f: f.said == "Half an ")
        await pair.there.send(chat, "second")
        answer = await pair.there.call("POST", f"/chats/{chat}/interrupt")
        kept = await pair.there.history(chat)
        await asyncio.wait_for(pair.one.puppet.cut.wait(), 10)
        await pair.one.puppet.asked(2)
        pair.one.puppet.answer("Two.")
        for feed in (near, far):
            await feed.until(lambda f: f.story[-2:] == ["assistant", "waiting"])
        found = await pair.there.history(chat)

    assert answer.json()["status"] == "waiting"
    assert kept == found[:3]
    assert found == [
        ("user", "first"),
        ("assistant", "Half an "),
        ("user", "second"),
        ("assistant", "Two."),
    ]
    # As it is told when one server does it all.
    told = "queue_update assistant waiting user queue_update pending running"
    assert told in " ".join(near.story)
    assert told in " ".join(far.story)


async def test_who_has_lost_its_run_says_that_nothing_comes(pair: Pair) -> None:
    """It lives, but could not store the end of its run: nobody waits for that."""
    chat = (await pair.here.create("first"))["id"]
    await pair.one.puppet.asked()
    pair.one.service.moves.runs.pop(ChatId(chat)).cancel()
    async with pair.there.stream(chat) as feed:
        await pair.there.call("POST", f"/chats/{chat}/interrupt")
        await feed.status("waiting")
        sent = await pair.there.send(chat, "second")
        await pair.two.puppet.asked()

    assert not sent["queued"]
    assert await pair.there.history(chat) == [("user", "first"), ("user", "second")]


async def test_a_second_interrupt_takes_nothing_from_the_first(pair: Pair) -> None:
    """Both come before the server that runs the chat could store its answer."""
    chat = (await pair.here.create("first"))["id"]
    await pair.one.puppet.asked()
    async with pair.there.stream(chat) as feed:
        pair.one.puppet.say("Half an ")
        await feed.until(lambda f: f.said == "Half an ")
        path = f"/chats/{chat}/interrupt"
        async with pair.one.service.moves.locked(ChatId(chat)):
            calls = [
                asyncio.create_task(pair.there.call("POST", path)) for _ in range(2)
            ]
            await eventually(lambda: _rests(pair, chat))
            sent = asyncio.create_task(pair.there.send(chat, "second"))
            await feed.until(lambda f: "queue_update" in f.story)
        answers = await asyncio.gather(*calls)
        queued = (await sent)["queued"]
        await pair.one.puppet.asked(2)
        pair.one.puppet.answer("Two.")
        await feed.until(lambda f: f.story[-2:] == ["assistant", "waiting"])
        found = await pair.there.history(chat)

    # Who is answered last may see the prompt that waited behind it already begin.
    assert {answer.status_code for answer in answers} == {200}
    assert queued
    assert [role for role, _ in found] == ["user", "assistant", "user", "assistant"]
    assert found[1] == ("assistant", "Half an ")


async def test_listeners_are_told_of_an_interrupt_though_the_run_is_lost(
    pair: Pair,
) -> None:
    """By who asked for it, when nobody else will."""
    chat = (await pair.here.answered())["id"]
    async with pair.there.stream(chat) as feed:
        await feed.status("waiting")
        seen = len(feed.events)
        async with pair.two.service.database.write() as connection:
            columns = {
                "status": "running",
                "worker_id": str(uuid4()),
                "heartbeat_at": pair.two.service.moves.clock(),
            }
            await change_chat(connection, ChatId(chat), columns)
        answer = await pair.there.call("POST", f"/chats/{chat}/interrupt")
        await feed.status("waiting", after=seen)

    assert answer.json()["status"] == "waiting"


async def _rests(pair: Pair, chat: str) -> bool:
    found = (await pair.there.call("GET", f"/chats/{chat}")).json()
    return bool(found["status"] == "waiting")


async def test_an_edit_at_one_server_discards_the_run_of_another(pair: Pair) -> None:
    chat = (await pair.here.create("first"))["id"]
    await pair.one.puppet.asked()
    (message,) = (await pair.here.call("GET", f"/chats/{chat}/messages")).json()[
        "messages"
    ]
    async with pair.here.stream(chat) as feed:
        pair.one.puppet.say("Half an ")
        await feed.until(lambda f: f.said == "Half an ")
        await pair.there.call(
            "PATCH",
            f"/chats/{chat}/messages/{message['id']}",
            {"content": [{"type": "text", "text": "better"}]},
        )
        await asyncio.wait_for(pair.one.puppet.cut.wait(), 10)
        await pair.two.puppet.asked()
        pair.two.puppet.answer("Yes.")
        await feed.status("waiting")
        found = await pair.here.history(chat)

    assert found == [("user", "better"), ("assistant", "Yes.")]


async def test_a_watch_of_one_server_tells_what_another_does(pair: Pair) -> None:
    async with pair.there.watch() as feed:
        chat = await pair.here.answered()
        await feed.until(
            lambda f: any(
                e["kind"] == "status_change" and e["chat"]["status"] == "waiting"
                for e in f.events
            )
        )

    kinds = [event["kind"] for event in feed.events]
    assert kinds[0] == "created"
    assert {event["chat"]["id"] for event in feed.events} == {chat["id"]}


async def test_a_server_that_stops_hands_its_chats_to_the_other(
    tmp_path: Path, address: PostgresUrl
) -> None:
    async with open_world(tmp_path, database=address) as one:
        async with second_server(one, address) as two:
            chat = (await two.admin.create("first"))["id"]
            await two.puppet.asked()
            two.puppet.say("Half an ")
        await one.puppet.asked()
        one.puppet.answer("Whole.")
        await one.admin.settled(chat)
        found = await one.admin.history(chat)

    assert found == [("user", "first"), ("assistant", "Whole.")]


@pytest.mark.parametrize("strict", [False, True])
async def test_a_reader_sees_nothing_twice_when_another_server_begins_anew(
    strict: bool, tmp_path: Path, address: PostgresUrl
) -> None:
    """In v2.34 one event alone makes readers drop what they saw: a retry."""
    async with (
        open_world(tmp_path, database=address, strict_g1=strict) as one,
        AsyncExitStack() as stack,
    ):
        started = second_server(one, address, strict_g1=strict)
        two = await stack.enter_async_context(started)
        chat = (await two.admin.create("first"))["id"]
        await two.puppet.asked()
        async with one.admin.stream(chat) as feed:
            two.puppet.say("Half an ")
            await feed.until(lambda f: f.said == "Half an ")
            await stack.aclose()
            await one.puppet.asked()
            one.puppet.say("Whole")
            await feed.until(lambda f: f.said == "Half an Whole")
            seen = _previews(feed)
            one.puppet.finish()
            await feed.status("waiting")

    assert seen[-1] == "Whole"
    assert not any("Half an Whole" in text for text in seen)
    assert ("preview_reset" in feed.story) != strict


def _previews(feed: Feed) -> list[str]:
    """What a client shows of an answer being written, after each frame."""
    state, seen = ChatState(), []
    for frame in feed.frames:
        state = reduce(state, decode_frame(json.dumps(frame)))
        seen.append("".join(str(getattr(b, "text", "")) for b in state.preview.blocks))
    return seen


async def test_a_starting_server_leaves_what_another_runs(
    tmp_path: Path, address: PostgresUrl
) -> None:
    async with open_world(tmp_path, database=address) as one:
        chat = (await one.admin.create("first"))["id"]
        await one.puppet.asked()
        async with second_server(one, address) as two:
            status = (await two.admin.call("GET", f"/chats/{chat}")).json()["status"]
            one.puppet.answer("Whole.")
            await two.admin.settled(chat)
            found = await two.admin.history(chat)

    assert status == "running"
    assert len(one.puppet.calls) == 1
    assert two.puppet.calls == []
    assert found == [("user", "first"), ("assistant", "Whole.")]
