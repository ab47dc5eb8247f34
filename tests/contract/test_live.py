"""What each type of event carries: every row of the table of live events."""

from __future__ import annotations

from typing import Any

from tests.contract.caller import Caller, Event
from tests.contract.scripts import LOOKUP
from tests.contract.shapes import MESSAGE, check_moment, check_part

_FAILURE = {
    "message": "The scripted provider returned an unexpected error.",
    "detail": "no such thing",
    "kind": "generic",
    "provider": "scripted",
    "retryable": False,
    "status_code": 400,
}


async def _turn(me: Caller, text: str, end: str, **more: Any) -> list[Event]:
    """The events of a turn; each has its type, its chat and what its type names."""
    chat = await me.rested("hi", **more)
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, text)
        events = await reader.until(end)
    assert all(set(e) == {"type", "chat_id", e["type"]} for e in events)
    assert {event["chat_id"] for event in events} == {chat}
    return events


def _parts(events: list[Event]) -> list[Event]:
    return [e["message_part"]["part"] for e in events if e["type"] == "message_part"]


async def test_a_status_is_told_once(me: Caller) -> None:
    events = await _turn(me, "again", "status waiting")

    told = [event["status"] for event in events if event["type"] == "status"]
    assert told == [{"status": s} for s in ("pending", "running", "waiting")]


async def test_text_parts_are_the_deltas(me: Caller) -> None:
    events = await _turn(me, "again", "status waiting")

    whole = "Hello, <b>you</b>."
    pieces = [whole[start : start + 5] for start in range(0, len(whole), 5)]
    parts = [event for event in events if event["type"] == "message_part"]
    assert {event["message_part"]["role"] for event in parts} == {"assistant"}
    for part, piece in zip(_parts(events), pieces, strict=True):
        check_part(part, type="text", text=piece)


async def test_reasoning_and_source_parts_have_no_times(me: Caller) -> None:
    reasoning, source, text = _parts(await _turn(me, "#think", "status waiting"))

    check_part(reasoning, type="reasoning", text="Hm.")
    assert "created_at" not in reasoning
    assert source["url"] == "https://x.test/"
    assert source["type"] == "source"
    check_part(text, type="text", text="Yes.")


async def test_tool_parts_are_the_arguments_the_call_and_the_result(
    me: Caller,
) -> None:
    events = await _turn(me, "#tools", "message assistant")

    parts = [part for part in _parts(events) if part.get("tool_name") == "one"]
    delta, call, result = parts
    named = {"tool_name": "one", "tool_call_id": call["tool_call_id"]}
    check_part(delta, type="tool-call", args_delta='{"b": 1}', **named)
    check_part(call, type="tool-call", args={"b": 1}, **named)
    assert "created_at" in call
    error = result["result"]["error"]
    check_part(
        result, type="tool-result", result={"error": error}, is_error=True, **named
    )
    assert "created_at" in result


async def test_a_tools_result_is_a_part_of_role_tool(me: Caller) -> None:
    events = await _turn(me, "#tools", "message assistant")

    roles = {
        (e["message_part"]["part"]["type"], e["message_part"]["role"])
        for e in events
        if e["type"] == "message_part"
    }
    wanted = {("text", "assistant"), ("tool-call", "assistant")}
    assert roles == {*wanted, ("tool-result", "tool")}


async def test_a_message_is_told_as_it_is_stored(me: Caller) -> None:
    events = await _turn(me, "#tools", "status waiting")

    told = [event["message"] for event in events if event["type"] == "message"]
    stored = await me.messages(told[0]["chat_id"])
    assert told == stored[-len(told) :]
    more = {"user": {"created_by"}, "assistant": {"usage"}, "tool": set()}
    assert all(set(message) == MESSAGE | more[message["role"]] for message in told)


async def test_a_queue_update_holds_the_whole_queue(me: Caller) -> None:
    chat = await me.create("#hang")
    async with me.stream(chat) as reader:
        await reader.until("part text", "part text", "part text")
        queued = [(await me.send(chat, text))["queued_message"] for text in "ab"]
        events = await reader.until("queue 2")
        await me.call("POST", f"/chats/{chat}/interrupt")

    assert [event["queued_messages"] for event in events] == [queued[:1], queued]
    assert all(set(e) == {"type", "chat_id", "queued_messages"} for e in events)


async def test_a_retry_says_why_and_when(me: Caller) -> None:
    events = await _turn(me, "#flaky once", "retry")

    retry = events[-1]["retry"]
    check_moment(retry.pop("retrying_at"))
    assert retry.pop("error")
    assert retry == {
        "attempt": 1,
        "delay_ms": 1000,
        "kind": "timeout",
        "provider": "scripted",
        "status_code": 503,
    }


async def test_an_error_is_what_the_chat_keeps(me: Caller) -> None:
    events = await _turn(me, "#fail", "status error")

    error = next(event for event in events if event["type"] == "error")
    chat = await me.get(f"/chats/{error['chat_id']}")
    assert error["error"] == chat["last_error"] == _FAILURE


async def test_action_required_has_its_arguments_as_text(me: Caller) -> None:
    events = await _turn(
        me, "#lookup", "action_required", unsafe_dynamic_tools=[LOOKUP]
    )

    (call,) = events[-1]["action_required"]["tool_calls"]
    assert call == {
        "tool_call_id": "call_1",
        "tool_name": "lookup",
        "args": '{"city": "Paris"}',
    }
    assert set(events[-1]["action_required"]) == {"tool_calls"}
