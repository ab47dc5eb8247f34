"""The advisor: who has it, what it is asked, what it says, and what it costs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coderchat_jupyter.server.engine.advisor import GUIDANCE, asked_of_advisor
from coderchat_jupyter.server.providers._protocol import (
    ModelCall,
    ModelMessage,
    ProviderError,
    TextContent,
    ToolCall,
    ToolCallContent,
    ToolResultContent,
)
from tests.server.world import Person, World

_ADVISOR = "/chats/config/advisor"


async def _enable(admin: Person, **more: Any) -> None:
    answer = await admin.call("PUT", _ADVISOR, {"enabled": True, **more})
    assert answer.status_code == 204, answer.text


async def _consult(world: World, person: Person, *said: Any) -> dict[str, Any]:
    """A chat whose model asks for advice; its id, with the stored result."""
    asked = len(world.puppet.calls)
    chat = await person.create("Build a boat.")
    await world.puppet.asked(asked + 1)
    world.puppet.call("advisor", '{"question": " Wood or steel? "}')
    await world.puppet.asked(asked + 2)
    world.puppet.say(*said)
    if not isinstance(said[-1], ProviderError):
        world.puppet.finish()
    await world.puppet.asked(asked + 3)
    world.puppet.answer("Wood, then.")
    await person.settled(chat["id"])
    (result,) = await _results(person, chat["id"])
    return {"id": chat["id"], **result}


async def _results(person: Person, chat_id: str) -> list[dict[str, Any]]:
    page = (await person.call("GET", f"/chats/{chat_id}/messages")).json()
    return [
        part
        for message in reversed(page["messages"])
        for part in message["content"]
        if part["type"] == "tool-result"
    ]


async def test_advice_comes_back_as_the_result(world: World, admin: Person) -> None:
    await _enable(admin, max_uses_per_run=3)

    result = await _consult(world, admin, "Wood, ", "as it floats.\n")

    assert result["result"] == {
        "type": "advice",
        "advice": "Wood, as it floats.",
        "advisor_model": "openai-compat/puppet-1",
        "remaining_uses": 2,
    }
    assert "is_error" not in result
    (read,) = world.puppet.calls[2].messages[-1].parts
    assert isinstance(read, ToolResultContent)
    assert json.loads(read.text) == result["result"]


async def test_the_adviser_sees_the_conversation_and_last_the_question(
    world: World, admin: Person
) -> None:
    await _enable(admin)

    await _consult(world, admin, "Wood.")

    asker, adviser, _ = world.puppet.calls
    assert adviser.messages == (
        *asker.messages,
        ModelMessage("user", (TextContent("Wood or steel?"),)),
    )
    assert adviser.tools == ()
    assert not adviser.vendor_tools
    assert GUIDANCE in asker.system
    assert GUIDANCE not in adviser.system
    assert adviser.system[:-1] == tuple(t for t in asker.system if t != GUIDANCE)
    assert adviser.settings is not None
    assert adviser.settings.max_output_tokens == 16_384


async def test_the_advice_is_streamed_as_it_grows(world: World, admin: Person) -> None:
    await _enable(admin)
    chat = await admin.create("Build a boat.")
    async with admin.stream(chat["id"]) as feed:
        await world.puppet.asked()
        world.puppet.call("advisor", '{"question": "Wood?"}', call_id="call_7")
        await world.puppet.asked(2)
        world.puppet.say("Wo", ProviderError("overloaded", status_code=503))
        await world.puppet.asked(3)
        world.puppet.answer("Wood.")
        await world.puppet.asked(4)
        world.puppet.answer("Done.")
        await feed.status("waiting")

    parts = [
        (event["message_part"]["role"], event["message_part"]["part"])
        for event in feed.events
        if event["type"] == "message_part"
    ]
    told = [(role, part) for role, part in parts if part["type"] == "tool-result"]
    assert {role for role, _ in told} == {"tool"}
    assert {(p["tool_call_id"], p["tool_name"]) for _, p in told} == {
        ("call_7", "advisor")
    }
    assert [
        part.get("result_delta") or part.get("result_reset") or part["result"]["advice"]
        for _, part in told
    ] == ["Wo", True, "Wood.", "Wood."]


async def test_only_so_many_questions_are_answered_in_a_turn(
    world: World, admin: Person
) -> None:
    """A new turn may ask as often again."""
    await _enable(admin, max_uses_per_run=1)
    chat = await admin.create("Build a boat.")
    for turn in range(2):
        if turn:
            await admin.send(chat["id"], "And a mast.")
        begun = 4 * turn
        await world.puppet.asked(begun + 1)
        world.puppet.call("advisor", '{"question": "Wood?"}', f"a{turn}")
        await world.puppet.asked(begun + 2)
        world.puppet.answer("Wood.")
        await world.puppet.asked(begun + 3)
        world.puppet.call("advisor", '{"question": "Sure?"}', f"b{turn}")
        await world.puppet.asked(begun + 4)
        world.puppet.answer("Done.")
        await admin.settled(chat["id"])

    results = [part["result"] for part in await _results(admin, chat["id"])]
    assert [result["type"] for result in results] == ["advice", "limit_reached"] * 2
    assert results[1] == {"type": "limit_reached", "remaining_uses": 0}


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ([ProviderError("Bad Request: no", status_code=400)], None),
        ([" \n"], "the advisor said nothing"),
    ],
)
async def test_a_failure_is_a_result_and_costs_no_use(
    world: World, admin: Person, said: list[Any], error: str | None
) -> None:
    await _enable(admin, max_uses_per_run=5)

    result = await _consult(world, admin, *said)

    told = result["result"]
    assert (told["type"], told["remaining_uses"]) == ("error", 5)
    assert told["error"] == error if error else told["error"]
    assert "is_error" not in result


async def test_a_call_beside_the_advisors_voids_the_step(
    world: World, admin: Person
) -> None:
    """Also the advisor's own; a dynamic tool does not park the chat then."""
    await _enable(admin)
    declared = [{"name": "lookup", "input_schema": {"type": "object"}}]
    chat = await admin.create("Build a boat.", unsafe_dynamic_tools=declared)
    await world.puppet.asked()
    world.puppet.say(
        ToolCall("a", "advisor", '{"question": "Wood?"}'),
        ToolCall("b", "list_templates", "{}"),
        ToolCall("c", "lookup", "{}"),
    )
    world.puppet.finish("tool_calls")
    await world.puppet.asked(2)
    world.puppet.answer("Done.")
    rested = await admin.settled(chat["id"], "waiting", "error", "requires_action")

    results = await _results(admin, chat["id"])
    assert rested["status"] == "waiting"
    assert [part["tool_call_id"] for part in results] == ["a", "b", "c"]
    assert all(part["is_error"] for part in results)
    assert all("advisor" in part["result"]["error"] for part in results)
    assert len(world.puppet.calls) == 2


async def test_two_questions_at_once_are_none(world: World, admin: Person) -> None:
    await _enable(admin)
    chat = await admin.create("Build a boat.")
    await world.puppet.asked()
    world.puppet.say(*(ToolCall(name, "advisor", '{"question": "?"}') for name in "ab"))
    world.puppet.finish("tool_calls")
    await world.puppet.asked(2)
    world.puppet.answer("Done.")
    await admin.settled(chat["id"])

    results = await _results(admin, chat["id"])
    assert [part.get("is_error") for part in results] == [True, True]


async def test_no_question_gets_no_answer(world: World, admin: Person) -> None:
    await _enable(admin)
    chat = await admin.create("Build a boat.")
    asked = ["{}", '{"question": " \\n"}', "null", '{"question": 7}', "[]"]
    for number, args in enumerate(asked):
        await world.puppet.asked(number + 1)
        world.puppet.call("advisor", args, f"call_{number}")
    await world.puppet.asked(len(asked) + 1)
    world.puppet.answer("Done.")
    await admin.settled(chat["id"])

    results = await _results(admin, chat["id"])
    assert all(part["is_error"] for part in results)
    assert [part["result"]["error"] for part in results] == [
        *["question is required"] * 3,
        "invalid parameters: question must be of type string",
        "invalid parameters: the arguments must be of type object",
    ]


async def test_root_chats_have_it_last_before_dynamic_tools(
    world: World, admin: Person
) -> None:
    declared = [
        {"name": name, "input_schema": {"type": "object"}}
        for name in ("advisor", "lookup")
    ]
    made: tuple[tuple[bool, dict[str, Any]], ...] = (
        (False, {}),
        (True, {}),
        (True, {"unsafe_dynamic_tools": declared}),
        (True, {"plan_mode": "plan"}),
    )
    seen = []
    for enabled, more in made:
        await admin.call("PUT", _ADVISOR, {"enabled": enabled})
        begun = len(world.puppet.calls)
        chat = await admin.create("Build a boat.", **more)
        call = await world.puppet.asked(begun + 1)
        world.puppet.answer("Done.")
        await admin.settled(chat["id"])
        seen.append([tool.name for tool in call.tools])

    assert "advisor" not in seen[0]
    assert seen[1] == [*seen[0], "advisor"]
    # What the client declares under the same name is hidden.
    assert seen[2] == [*seen[1], "lookup"]
    assert "advisor" not in seen[3]


async def test_children_have_no_adviser(world: World, admin: Person) -> None:
    await _enable(admin)
    for word in ("hello", "dig"):
        world.puppet.listen(word)
    chat = await admin.create("hello")
    await world.puppet.asked()
    world.puppet.call("spawn_agent", '{"type": "general", "prompt": "dig"}', to="hello")
    await world.puppet.asked(3)
    world.puppet.answer("Found.", to="dig")
    world.puppet.answer("Done.", to="hello")
    await admin.settled(chat["id"])

    first = [
        getattr(call.messages[0].parts[0], "text", "") for call in world.puppet.calls
    ]
    child = world.puppet.calls[first.index("dig")]
    assert "advisor" not in [tool.name for tool in child.tools]


async def test_another_model_advises_if_it_can(world: World, admin: Person) -> None:
    """One that is off does not count, and the chat's own advises."""
    made = await admin.call(
        "POST",
        "/chats/model-configs",
        {
            "ai_provider_id": world.provider,
            "model": "sage-1",
            "context_limit": 100_000,
            "model_config": {"max_output_tokens": 99},
        },
    )
    sage = made.json()["id"]
    await _enable(admin, model_config_id=sage, max_output_tokens=123)

    on = await _consult(world, admin, "Wood.")
    by_sage = world.puppet.calls[1]
    await admin.call("PATCH", f"/chats/model-configs/{sage}", {"enabled": False})
    off = await _consult(world, admin, "Steel.")

    assert on["result"]["advisor_model"] == "openai-compat/sage-1"
    assert by_sage.model == "sage-1"
    assert by_sage.settings is not None
    assert by_sage.settings.max_output_tokens == 123
    assert off["result"]["advisor_model"] == "openai-compat/puppet-1"


async def test_advice_is_not_charged(world: World, admin: Person) -> None:
    """1000 tokens in at 3, 500 out at 15 a million: 10,500 micros for each step."""
    await _enable(admin)

    await _consult(world, admin, "Wood.")

    summary = (await admin.call("GET", "/chats/cost/me/summary")).json()
    assert summary["total_cost_micros"] == 2 * 10_500


def test_what_the_adviser_sees_is_short_and_whole() -> None:
    def said(text: str) -> ModelMessage:
        return ModelMessage("user", (TextContent(text),))

    used = [
        ModelMessage("assistant", (ToolCallContent("c", "t", "x" * 9_000),)),
        ModelMessage("tool", (ToolResultContent("c", "t", "y"),)),
    ]
    many = tuple(said(str(number)) for number in range(30))
    large = (said("a"), said("b" * 12_001), said("c"))
    cut = (*used, said("z" * 4_000))

    seen = [
        [
            part.text
            for message in asked_of_advisor(ModelCall("m", messages), "why?")
            for part in message.parts
            if isinstance(part, TextContent | ToolResultContent)
        ]
        for messages in (many, large, cut, tuple(used))
    ]

    assert seen[0] == [*map(str, range(10, 30)), "why?"]
    assert seen[1] == ["c", "why?"]
    # A result without its call is left out with it.
    assert seen[2] == ["z" * 4_000, "why?"]
    assert seen[3] == ["y", "why?"]
