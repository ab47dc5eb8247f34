"""One turn, from a message to an answer."""

from __future__ import annotations

from coderchat_jupyter.server.providers._protocol import (
    ReasoningDelta,
    ToolInputDelta,
)
from tests.fakes.puppet import Puppet
from tests.server.world import Person


async def test_an_answer_is_shown_while_it_grows_and_stored_when_it_ends(
    admin: Person, puppet: Puppet
) -> None:
    """Parts of a step come before its message, and the message before the status."""
    chat = await admin.create("hello")
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:
        puppet.answer("Hel", "lo.")
        await feed.status("waiting")

    assert feed.said == "Hello."
    assert feed.story == ["running", "user", "message_part", "assistant", "waiting"]
    assert await admin.history(chat["id"]) == [
        ("user", "hello"),
        ("assistant", "Hello."),
    ]


async def test_the_next_turn_is_shown_the_whole_conversation(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.answered("one", "First. ")
    await admin.send(chat["id"], "two")
    call = await puppet.asked(2)
    puppet.answer("Second.")
    await admin.settled(chat["id"])

    asked = [
        (m.role, [p.text for p in m.parts if hasattr(p, "text")]) for m in call.messages
    ]
    assert asked == [("user", ["one"]), ("assistant", ["First. "]), ("user", ["two"])]


async def test_a_tool_nobody_offered_is_answered_and_the_model_asked_again(
    admin: Person, puppet: Puppet
) -> None:
    """A call without a result would make the next request invalid."""
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:
        puppet.say(ToolInputDelta("call_1", "dig", '{"x":1}'))
        puppet.call("dig", '{"x":1}')
        call = await puppet.asked(2)
        puppet.answer("No spade.")
        await feed.status("waiting")

    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    result = page["messages"][1]["content"][0]
    assert call.messages[-1].parts[0].text == "Tool not active in this turn: dig"  # type: ignore[union-attr]
    assert result["result"] == {"error": "Tool not active in this turn: dig"}
    assert result["is_error"] is True
    assert [m["role"] for m in reversed(page["messages"])] == [
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    assert page["messages"][2]["content"][0]["args"] == {"x": 1}


async def test_a_call_with_broken_arguments_ends_the_turn(
    admin: Person, puppet: Puppet
) -> None:
    """Its pieces were shown, but nothing of it is stored."""
    chat = await admin.create()
    await puppet.asked()
    puppet.call("dig", '{"x":')

    settled = await admin.settled(chat["id"])

    assert settled["status"] == "waiting"
    assert await admin.history(chat["id"]) == [("user", "hello")]


async def test_an_empty_answer_leaves_no_message(admin: Person, puppet: Puppet) -> None:
    chat = await admin.create()
    await puppet.asked()
    puppet.finish()

    assert (await admin.settled(chat["id"]))["status"] == "waiting"
    assert await admin.history(chat["id"]) == [("user", "hello")]


async def test_reasoning_is_stored_apart_with_its_times(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.create()
    await puppet.asked()
    puppet.say(ReasoningDelta("Let me "), ReasoningDelta("think."))
    puppet.answer("42")
    await admin.settled(chat["id"])

    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    reasoning, text = page["messages"][0]["content"]
    assert (reasoning["type"], reasoning["text"]) == ("reasoning", "Let me think.")
    assert reasoning["created_at"] <= reasoning["completed_at"]
    assert (text["type"], text["text"]) == ("text", "42")


async def test_an_answer_tells_its_usage_and_other_messages_none(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.answered()

    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()

    assert page["messages"][0]["usage"] == {
        "input_tokens": 1000,
        "output_tokens": 500,
        "total_tokens": 1500,
        "context_limit": 100_000,
    }
    assert "usage" not in page["messages"][1]


async def test_a_disabled_model_fails_the_run_without_asking_it(
    admin: Person, puppet: Puppet
) -> None:
    """Only the run finds out: the chat is made all the same."""
    model = admin.world.model
    await admin.call("PATCH", f"/chats/model-configs/{model}", {"enabled": False})
    chat = await admin.create()

    settled = await admin.settled(chat["id"])

    assert puppet.calls == []
    assert settled["last_error"] == {
        "message": "The chat request failed unexpectedly.",
        "kind": "generic",
        "retryable": False,
    }
