"""What a stream tells in which order: every situation of the protocol's table.

Each status comes once, and the messages of a turn before its last status: there the
server differs from the reference on purpose.
"""

from __future__ import annotations

from tests.contract.caller import Caller, Reader, plot, words
from tests.contract.scripts import LOOKUP

_ANSWERED = ["status running", "part text", "message assistant", "status waiting"]


async def _queued(me: Caller, chat: str, reader: Reader) -> int:
    """Queue a message behind what runs; its id."""
    sent = await me.send(chat, "next")
    await reader.until("queue 1")
    return int(sent["queued_message"]["id"])


async def _parked(me: Caller, text: str = "#lookup it") -> str:
    """A chat that goes on when its client says so: see `_go_on`."""
    return await me.rested(text, unsafe_dynamic_tools=[LOOKUP])


async def _go_on(me: Caller, chat: str) -> int:
    """Give a parked chat what it waits for; the status of the answer."""
    result = {"tool_call_id": "call_1", "output": {"sky": "blue"}, "is_error": False}
    path = f"/chats/{chat}/tool-results"
    return (await me.call("POST", path, {"results": [result]})).status_code


async def test_a_sent_message_comes_before_pending(me: Caller) -> None:
    chat = await me.rested("hi")
    async with me.stream(chat) as reader:
        await reader.first()
        sent = await me.send(chat, "again")
        told = await reader.until("status pending")

    assert plot(told) == ["message user", "status pending"]
    assert told[0]["message"] == sent["message"]


async def test_a_worker_says_running_before_its_parts(me: Caller) -> None:
    chat = await me.rested("hi")
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, "again")
        await reader.until("status pending")
        told = await reader.until("part text")

    assert plot(told) == ["status running", "part text"]


async def test_a_step_is_one_message_and_one_for_each_result(me: Caller) -> None:
    chat = await me.rested("hi")
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, "#tools")
        await reader.until("status running")
        told = await reader.until("status waiting")

    parts = ["part text", "part tool-call", "part tool-result"]
    after = ["part text", "message assistant", "status waiting"]
    roles = [e["message"]["role"] for e in told if e["type"] == "message"]
    assert plot(told) == [*parts, "message assistant", "message tool", *after]
    assert roles == ["assistant", "tool", "tool", "assistant"]


async def test_a_step_without_content_is_no_message(me: Caller) -> None:
    chat = await me.rested("hi")
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, "#empty")
        await reader.until("status pending")
        told = await reader.until("status waiting")

    assert plot(told) == ["status running", "status waiting"]


async def test_a_run_with_an_empty_queue_ends_in_waiting(me: Caller) -> None:
    chat = await me.rested("hi")
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, "again")
        await reader.until("status pending")
        told = await reader.until("status waiting")

    assert plot(told) == _ANSWERED


async def test_a_run_with_a_queue_goes_on_with_its_head(me: Caller) -> None:
    chat = await _parked(me)
    async with me.stream(chat) as reader:
        await reader.first()
        await _queued(me, chat, reader)
        await _go_on(me, chat)
        await reader.until("part text")
        told = await reader.until("status waiting")

    promoted = ["message assistant", "message user", "queue 0", "status pending"]
    emptied = next(event for event in told if event["type"] == "queue_update")
    assert plot(told) == [*promoted, *_ANSWERED]
    assert "queued_messages" not in emptied


async def test_a_message_to_a_busy_chat_is_told_as_a_queue(me: Caller) -> None:
    chat = await me.create("#hang")
    async with me.stream(chat) as reader:
        await reader.until("part text", "part text", "part text")
        sent = await me.send(chat, "next")
        told = await reader.until("queue 1")

    assert plot(told) == ["queue 1"]
    assert told[0]["queued_messages"] == [sent["queued_message"]]


async def test_a_message_that_interrupts_is_queued_and_then_promoted(
    me: Caller,
) -> None:
    chat = await me.create("#hangtool")
    async with me.stream(chat) as reader:
        await reader.until("part tool-call", "part tool-call")
        await me.send(chat, "next", busy_behavior="interrupt")
        told = await reader.until("status running")

    cut = ["queue 1", "message assistant", "message tool", "status waiting"]
    promoted = ["message user", "queue 0", "status pending", "status running"]
    assert plot(told) == [*cut, *promoted]
    assert told[2]["message"]["content"][0]["is_error"] is True


async def test_an_interrupt_leaves_the_partial_answer(me: Caller) -> None:
    chat = await me.create("#hang")
    async with me.stream(chat) as reader:
        await reader.until("part text", "part text", "part text")
        await me.call("POST", f"/chats/{chat}/interrupt")
        told = await reader.until("status waiting")

    assert plot(told) == ["message assistant", "status waiting"]
    assert told[0]["message"]["content"][0]["text"] == "Working. "
    assert "usage" not in told[0]["message"]


async def test_an_interrupt_of_a_parked_chat_answers_its_calls(me: Caller) -> None:
    chat = await _parked(me)
    async with me.stream(chat) as reader:
        await reader.first()
        await me.call("POST", f"/chats/{chat}/interrupt")
        told = await reader.until("status waiting")

    part = told[0]["message"]["content"][0]
    assert plot(told) == ["message tool", "status waiting"]
    assert part["result"] == "Tool execution interrupted by user"
    assert part["is_error"] is True
    assert "created_at" not in part
    assert "created_by" not in told[0]["message"]


async def test_an_interrupt_of_a_parked_chat_lets_its_queue_go_on(me: Caller) -> None:
    """v2.34 leaves it behind for minutes: here we differ."""
    chat = await _parked(me)
    async with me.stream(chat) as reader:
        await reader.first()
        await _queued(me, chat, reader)
        await me.call("POST", f"/chats/{chat}/interrupt")
        told = await reader.until("status running")

    promoted = ["message user", "queue 0", "status pending", "status running"]
    assert plot(told) == ["message tool", "status waiting", *promoted]


async def test_a_message_that_interrupts_a_parked_chat_answers_its_calls(
    me: Caller,
) -> None:
    chat = await _parked(me)
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, "next", busy_behavior="interrupt")
        told = await reader.until("status running")

    promoted = ["message user", "queue 0", "status pending", "status running"]
    assert plot(told) == ["queue 1", "message tool", "status waiting", *promoted]
    assert told[1]["message"]["content"][0]["is_error"] is True


async def test_a_message_behind_a_queue_lets_its_head_run(me: Caller) -> None:
    """After a failure the queue is kept; v2.34 only lengthens it."""
    chat = await _parked(me, "#lookupfail")
    async with me.stream(chat) as reader:
        await reader.first()
        await _queued(me, chat, reader)
        await _go_on(me, chat)
        await reader.until("status error")
        sent = await me.send(chat, "last")
        told = await reader.until("status pending")

    assert sent["queued"] is True
    assert plot(told) == ["queue 2", "message user", "queue 1", "status pending"]
    assert told[1]["message"]["content"][0]["text"] == "next"


async def test_an_edit_tells_what_survives_and_then_the_new_message(
    me: Caller,
) -> None:
    chat = await me.rested("one")
    await me.send(chat, "two")
    await me.settled(chat)
    before = await me.messages(chat)
    path = f"/chats/{chat}/messages/{before[2]['id']}"
    async with me.stream(chat, f"?after_id={before[-1]['id']}") as reader:
        await reader.first()
        answer = (await me.call("PATCH", path, words("three"))).json()
        told = await reader.until("status pending")

    retold = ["message user", "message assistant", "message user"]
    assert plot(told) == [*retold, "queue 0", "status pending"]
    assert [event["message"] for event in told[:3]] == [*before[:2], answer["message"]]
    assert "queued_messages" not in told[3]
    assert set(answer) == {"message"}


async def test_an_edit_of_the_first_message_tells_nothing_known(me: Caller) -> None:
    chat = await me.rested("one")
    first = (await me.messages(chat))[0]["id"]
    async with me.stream(chat) as reader:
        await reader.first()
        await me.call("PATCH", f"/chats/{chat}/messages/{first}", words("two"))
        told = await reader.until("status pending")

    assert plot(told) == ["message user", "queue 0", "status pending"]
    assert told[0]["message"]["id"] > first


async def test_an_edit_of_a_running_chat_drops_what_it_said(me: Caller) -> None:
    chat = await me.create("#hang")
    async with me.stream(chat) as reader:
        await reader.until("part text", "part text", "part text")
        first = (await me.messages(chat))[0]["id"]
        await _queued(me, chat, reader)
        await me.call("PATCH", f"/chats/{chat}/messages/{first}", words("two"))
        told = await reader.until("status waiting")

    edited = ["message user", "queue 0", "status pending"]
    assert plot(told) == [*edited, *_ANSWERED]


async def test_a_deleted_entry_is_told_as_a_queue(me: Caller) -> None:
    chat = await me.create("#hang")
    async with me.stream(chat) as reader:
        await reader.until("part text", "part text", "part text")
        entry = await _queued(me, chat, reader)
        answers = [
            await me.call("DELETE", f"/chats/{chat}/queue/{entry}") for _ in range(2)
        ]
        told = await reader.until("queue 0", "queue 0")

    assert [event["type"] for event in told] == ["queue_update"] * 2
    assert [answer.status_code for answer in answers] == [204, 204]


async def test_promotion_in_a_resting_chat_tells_the_queue_first(me: Caller) -> None:
    chat = await me.create("#late")
    async with me.stream(chat) as reader:
        await reader.until("retry")
        entry = await _queued(me, chat, reader)
        await me.call("PATCH", f"/chats/{chat}", {"archived": True})
        await reader.until("status waiting")
        await me.call("PATCH", f"/chats/{chat}", {"archived": False})
        answer = await me.call("POST", f"/chats/{chat}/queue/{entry}/promote")
        told = await reader.until("status pending")

    assert plot(told) == ["queue 0", "message user", "status pending"]
    assert answer.status_code == 202


async def test_promotion_in_a_parked_chat_answers_its_calls(me: Caller) -> None:
    chat = await _parked(me)
    async with me.stream(chat) as reader:
        await reader.first()
        entry = await _queued(me, chat, reader)
        await me.call("POST", f"/chats/{chat}/queue/{entry}/promote")
        told = await reader.until("status pending")

    text = "Tool execution interrupted by queued message promotion"
    assert plot(told) == ["queue 0", "message tool", "message user", "status pending"]
    assert told[1]["message"]["content"][0]["result"] == text


async def test_promotion_in_a_running_chat_cuts_its_run(me: Caller) -> None:
    chat = await me.create("#hang")
    async with me.stream(chat) as reader:
        await reader.until("part text", "part text", "part text")
        await _queued(me, chat, reader)
        entry = (await me.send(chat, "first"))["queued_message"]["id"]
        await reader.until("queue 2")
        await me.call("POST", f"/chats/{chat}/queue/{entry}/promote")
        told = await reader.until("status running")

    cut = ["queue 2", "message assistant", "status waiting"]
    promoted = ["message user", "queue 1", "status pending", "status running"]
    assert plot(told) == [*cut, *promoted]
    assert told[0]["queued_messages"][0]["id"] == entry
    assert told[3]["message"]["content"][0]["text"] == "first"


async def test_a_call_of_the_clients_tool_parks_the_chat(me: Caller) -> None:
    chat = await me.rested("hi", unsafe_dynamic_tools=[LOOKUP])
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, "#mixed")
        await reader.until("status running")
        told = await reader.until("action_required")

    stored = ["message assistant", "message tool", "status requires_action"]
    assert plot(told)[-4:] == [*stored, "action_required"]


async def test_posted_results_are_told_and_the_run_goes_on(me: Caller) -> None:
    chat = await _parked(me)
    async with me.stream(chat) as reader:
        await reader.first()
        status = await _go_on(me, chat)
        told = await reader.until("status waiting")

    ids = [event["message"]["id"] for event in told if event["type"] == "message"]
    assert status == 204
    assert plot(told) == ["message tool", *_ANSWERED]
    assert ids == sorted(ids)


async def test_each_failed_attempt_is_told(me: Caller) -> None:
    chat = await me.rested("hi")
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, "#flaky")
        await reader.until("status running")
        told = await reader.until("status waiting")

    assert plot(told) == ["part text", "retry", *_ANSWERED[1:]]
    assert told[-2]["message"]["content"][0]["text"] == "Back."


async def test_a_failure_is_told_once_and_before_its_status(me: Caller) -> None:
    chat = await me.rested("hi")
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, "#fail")
        await reader.until("status running")
        told = await reader.until("status error")

    assert plot(told) == ["error", "status error"]


async def test_archiving_an_active_chat_keeps_the_stream_open(me: Caller) -> None:
    chat = await me.create("#hang")
    async with me.stream(chat) as reader:
        await reader.until("part text", "part text", "part text")
        await me.call("PATCH", f"/chats/{chat}", {"archived": True})
        told = await reader.until("status waiting")
        await me.call("PATCH", f"/chats/{chat}", {"archived": False})
        await me.send(chat, "again")
        later = await reader.until("status waiting")

    assert plot(told) == ["message assistant", "status waiting"]
    assert plot(later) == ["message user", "status pending", *_ANSWERED]


async def test_a_compaction_is_told_before_the_answer_after_it(me: Caller) -> None:
    chat = await me.rested("#full")
    async with me.stream(chat) as reader:
        await reader.first()
        await me.send(chat, "go on")
        await reader.until("status running")
        told = await reader.until("status waiting")

    messages = [event["message"] for event in told if event["type"] == "message"]
    call, result = (message["content"][0] for message in messages[:2])
    parts = ["part tool-call", "part tool-result"]
    stored = ["message assistant", "message tool"]
    assert plot(told) == [*parts, *stored, *_ANSWERED[1:]]
    assert call["tool_name"] == result["tool_name"] == "chat_summarized"
    assert call["tool_call_id"].startswith("chat_summarized_")
    assert set(call["args"]) == {"source", "threshold_percent"}
    assert result["result"]["summary"] == "A summary."
    assert "args" not in told[0]["message_part"]["part"]
    assert not {"usage", "created_by"} & (set(messages[0]) | set(messages[1]))
