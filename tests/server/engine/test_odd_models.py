"""Models that say what no model should: a chat survives it, and can go on."""

from __future__ import annotations

import json

import pytest

from coderchat_jupyter.server.providers._protocol import (
    ReasoningDelta,
    SourceFound,
    ToolCall,
    ToolCallContent,
    ToolInputDelta,
    ToolResultContent,
)
from tests.fakes.puppet import Puppet
from tests.server.world import Person

LOOKUP = {"name": "lookup", "input_schema": {"type": "object"}}


async def _goes_on(person: Person, puppet: Puppet, chat_id: str) -> None:
    asked = len(puppet.calls)
    puppet.answer("Yes.")
    await person.send(chat_id, "still there?")
    await puppet.asked(asked + 1)
    assert (await person.settled(chat_id))["status"] == "waiting"


@pytest.mark.parametrize(
    "args",
    [
        '{"x": NaN}',
        '{"x": -Infinity}',
        " ",
    ],
    ids=["nan", "infinity", "blank"],
)
async def test_arguments_that_are_not_json_drop_the_call_and_end_the_turn(
    admin: Person, puppet: Puppet, args: str
) -> None:
    puppet.call("read_file", args)
    chat = await admin.create("go")
    found = await admin.settled(chat["id"])

    assert found["status"] == "waiting"
    assert await admin.history(chat["id"]) == [("user", "go")]
    await _goes_on(admin, puppet, chat["id"])


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ("[" * 100_000, "exceeded max depth"),
        ('{"x": ' + "[" * 150 + "]" * 150 + "}", "nested more than 100 levels deep"),
        ('{"x": 1e999}', "cannot unmarshal number 1e999"),
        ('{"x": ' + "9" * 5_000 + "}", "cannot unmarshal number 9999"),
    ],
    ids=["endless", "deep", "overflow", "number"],
)
@pytest.mark.parametrize("tool", ["read_file", "lookup"])
async def test_arguments_that_nobody_could_keep_are_refused_and_the_model_is_told(
    admin: Person, puppet: Puppet, args: str, reason: str, tool: str
) -> None:
    """Also where the client would have been asked."""
    puppet.call(tool, args)
    chat = await admin.create("go", unsafe_dynamic_tools=[LOOKUP])
    call = await puppet.asked(2)
    puppet.answer("Well.")
    await admin.settled(chat["id"])

    (made,), (result,) = (message.parts for message in call.messages[1:])
    assert isinstance(made, ToolCallContent)
    assert isinstance(result, ToolResultContent)
    shown = json.loads(made.args)["unreadable"]
    assert args.startswith(shown.removesuffix("…"))
    assert result.is_error
    assert reason in result.text
    await _goes_on(admin, puppet, chat["id"])


async def test_half_a_character_in_arguments_is_replaced_and_the_chat_goes_on(
    admin: Person, puppet: Puppet
) -> None:
    """In what the same run sends back, and in what every later one does."""
    puppet.call("read_file", r'{"x": "a\ud800b"}')
    chat = await admin.create("go")
    at_once = await puppet.asked(2)
    puppet.answer("Well.")
    await admin.settled(chat["id"])
    await _goes_on(admin, puppet, chat["id"])

    for call in (at_once, puppet.calls[-1]):
        (made,) = call.messages[1].parts
        assert isinstance(made, ToolCallContent)
        assert json.loads(made.args) == {"x": "a\ufffdb"}


async def test_calls_without_or_with_the_same_id_are_told_apart(
    admin: Person, puppet: Puppet
) -> None:
    """Vendors refuse a history in which they cannot."""
    for call_id in ("", "", "one", "one"):
        puppet.say(ToolCall(call_id, "read_file", "{}"))
    puppet.finish("tool_calls")
    chat = await admin.create("go")
    call = await puppet.asked(2)
    puppet.answer("Well.")
    await admin.settled(chat["id"])

    made = [part.call_id for part in call.messages[1].parts]  # type: ignore[union-attr]
    answered = [
        part.call_id  # type: ignore[union-attr]
        for message in call.messages[2:]
        for part in message.parts
    ]
    assert made[2] == "one"
    assert len(set(made)) == 4
    assert all(made)
    assert answered == made


async def test_a_call_of_nothing_is_answered_and_can_be_read_again(
    admin: Person, puppet: Puppet
) -> None:
    """Also where the client has tools, and waits to be asked."""
    puppet.say(ToolCall("", "", "{}"), ToolCall("", "lookup", "{}"))
    puppet.finish("tool_calls")
    chat = await admin.create("go", unsafe_dynamic_tools=[LOOKUP])
    await admin.settled(chat["id"], "requires_action")
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    call_id = page["messages"][1]["content"][1]["tool_call_id"]
    given = {"results": [{"tool_call_id": call_id, "output": 1}]}
    puppet.answer("Well.")
    answer = await admin.call("POST", f"/chats/{chat['id']}/tool-results", given)
    await admin.settled(chat["id"])

    result = page["messages"][0]["content"][0]["result"]
    assert answer.status_code == 204
    assert result == {"error": "Tool not active in this turn: "}
    await _goes_on(admin, puppet, chat["id"])


async def test_half_characters_and_nuls_are_text_like_any_other(
    admin: Person, puppet: Puppet
) -> None:
    """A character may be cut between two pieces."""
    puppet.say(
        ReasoningDelta("\ud83d"),
        ReasoningDelta("\0"),
        SourceFound("http://x\ud83d", "t\0"),
        ToolInputDelta("c\ud83d", "x", "\ud83d\0"),
        "\ud83d",
        "\ude00 ok",
    )
    puppet.say(ToolCall("c\ud83d", "no\0\ud83d", '{"a": "\\ud83d"}'))
    puppet.finish("tool_calls")
    puppet.answer("Well.")
    chat = await admin.create("go")
    async with admin.stream(chat["id"]) as feed:
        await feed.status("waiting")

    said = [text for _, text in await admin.history(chat["id"])]
    assert feed.closed is None or feed.closed[0] == 1000
    assert "\U0001f600 ok" in said[1]
    await _goes_on(admin, puppet, chat["id"])
