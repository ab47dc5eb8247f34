"""What a stream begins with, and what `after_id` leaves out of it."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
import websockets

from tests.contract.caller import Caller, plot

_PARTS = ("part text", "part text", "part text")


async def _snapshot(me: Caller, chat: str, query: str = "") -> list[str]:
    async with me.stream(chat, query) as reader:
        return plot(await reader.first())


async def test_a_resting_chat_is_its_status_and_its_messages(me: Caller) -> None:
    chat = await me.rested("hi")

    found = await _snapshot(me, chat)

    assert found == ["status waiting", "message user", "message assistant"]


async def test_a_running_chat_has_its_parts_before_its_messages(me: Caller) -> None:
    chat = await me.create("#hang")
    async with me.stream(chat) as reader:
        live = await reader.until(*_PARTS)
        await me.send(chat, "next")
        await reader.until("queue 1")
        async with me.stream(chat) as late:
            events = await late.first()
        await me.call("POST", f"/chats/{chat}/interrupt")

    parts = [event for event in live if event["type"] == "message_part"]
    assert plot(events) == ["status running", "part text", "message user", "queue 1"]
    assert [e for e in events if e["type"] == "message_part"] == parts[:3]


async def test_who_joins_late_is_told_of_the_retry(me: Caller) -> None:
    chat = await me.create("#late")
    async with me.stream(chat) as reader:
        told = (await reader.until("retry"))[-1]
        async with me.stream(chat) as late:
            events = await late.first()
        await me.call("POST", f"/chats/{chat}/interrupt")

    assert plot(events) == ["status running", "retry", "message user"]
    assert events[1] == told
    assert told["retry"]["delay_ms"] == 600_000


async def test_a_failed_chat_tells_its_error_again(me: Caller) -> None:
    """The reference tells only the status; who joins then must not miss why."""
    chat = await me.rested("#fail")

    found = await _snapshot(me, chat)

    assert found == ["status error", "error", "message user"]


async def test_after_id_leaves_out_what_is_known(me: Caller) -> None:
    chat = await me.rested("hi")
    first, last = (message["id"] for message in await me.messages(chat))

    found = [
        await _snapshot(me, chat, f"?after_id={after}")
        for after in (-5, "&after_id=x", f"{first}&after_id=x", last, 2**63 - 1)
    ]

    whole = ["status waiting", "message user", "message assistant"]
    rest = ["status waiting", "message assistant"]
    assert found == [whole, whole, rest, ["status waiting"], ["status waiting"]]


async def test_what_follows_is_told_whatever_was_known(me: Caller) -> None:
    chat = await me.rested("hi")
    newest = (await me.messages(chat))[-1]["id"]
    async with me.stream(chat, f"?after_id={newest}") as reader:
        await reader.first()
        await me.send(chat, "again")
        told = await reader.until("status waiting")

    ids = [event["message"]["id"] for event in told if event["type"] == "message"]
    assert len(ids) == 2
    assert newest < ids[0] < ids[1]


async def test_an_after_id_that_is_no_integer_is_refused(me: Caller) -> None:
    chat = await me.rested("hi")
    for after in ("x", "1.5", "1 ", str(2**63), "9" * 5000):
        path = f"/chats/{chat}/stream?after_id={quote(after)}"
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with me.listen(path):
                pass

        answer = refused.value.response
        assert answer.status_code == 400
        assert set(json.loads(answer.body)) == {"message", "detail"}


async def test_an_archived_chat_streams_like_any_other(me: Caller) -> None:
    chat = await me.rested("hi")
    await me.call("PATCH", f"/chats/{chat}", {"archived": True})

    found = await _snapshot(me, chat)

    assert found == ["status waiting", "message user", "message assistant"]
