"""Tools of the server: what is offered, and what becomes of calls."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coderchat_jupyter.server.engine.schemas import (
    BOOLEAN,
    INTEGER,
    STRING,
    listed,
    structured,
    type_fault,
)
from coderchat_jupyter.server.engine.workspace_tools import (
    NO_WORKSPACE,
    WORKSPACE_TOOLS,
)
from coderchat_jupyter.server.providers._protocol import (
    ToolCall,
    ToolResultContent,
)
from tests.server.world import Person, World

FILES = ["read_file", "write_file", "edit_files", "attach_file"]
TEMPLATES = [
    "list_templates",
    "read_template",
    "create_workspace",
    "start_workspace",
    "stop_workspace",
]
ROOT = [
    *FILES,
    "execute",
    "process_output",
    "process_list",
    "process_signal",
    *TEMPLATES,
    "spawn_agent",
    "wait_agent",
    "message_agent",
    "close_agent",
]
PLANNING = [
    *FILES,
    "execute",
    "process_output",
    "ask_user_question",
    *TEMPLATES,
    "propose_plan",
    "spawn_agent",
    "wait_agent",
]
QUESTION = {
    "header": "Colour",
    "question": "Which colour?",
    "options": [
        {"label": "Red", "description": "warm"},
        {"label": "Blue", "description": "cold"},
    ],
}


async def _offered(world: World, person: Person, **more: Any) -> list[str]:
    asked = len(world.puppet.calls)
    chat = await person.create("hello", **more)
    call = await world.puppet.asked(asked + 1)
    world.puppet.answer("Hi.")
    await person.settled(chat["id"])
    return [tool.name for tool in call.tools]


async def _results(person: Person, chat_id: str) -> list[dict[str, Any]]:
    page = (await person.call("GET", f"/chats/{chat_id}/messages")).json()
    return [
        part
        for message in reversed(page["messages"])
        for part in message["content"]
        if part["type"] == "tool-result"
    ]


async def test_a_chat_offers_its_tools_in_order(world: World, admin: Person) -> None:
    assert await _offered(world, admin) == ROOT


async def test_dynamic_tools_come_last_and_hide_nothing(
    world: World, admin: Person
) -> None:
    """One that is named like a tool of the server is not offered."""
    declared = [
        {"name": name, "description": "", "input_schema": {"type": "object"}}
        for name in ("lookup", "read_file")
    ]

    offered = await _offered(world, admin, unsafe_dynamic_tools=declared)

    assert offered == [*ROOT, "lookup"]


async def test_plan_mode_offers_less(world: World, admin: Person) -> None:
    declared = [{"name": "lookup", "input_schema": {"type": "object"}}]

    offered = await _offered(
        world, admin, plan_mode="plan", unsafe_dynamic_tools=declared
    )

    assert offered == PLANNING


async def test_plan_mode_tells_the_model_and_bars_the_vendors_tools(
    world: World, admin: Person
) -> None:
    await admin.create("hello", plan_mode="plan")
    call = await world.puppet.asked()

    assert not call.vendor_tools
    assert any("plan mode" in text for text in call.system)
    world.puppet.answer("Hi.")


async def test_every_schema_is_a_plain_object(world: World) -> None:
    for tool in WORKSPACE_TOOLS.values():
        schema = tool.spec.parameters
        assert schema["type"] == "object"
        assert schema.get("required") != []
        assert not {"additionalProperties", "enum"} & schema.keys()
        assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize(
    ("name", "args", "error"),
    [
        ("read_file", {"path": "/etc/hostname"}, NO_WORKSPACE),
        ("attach_file", {"path": "/etc/hostname"}, NO_WORKSPACE),
        ("process_list", {}, NO_WORKSPACE),
        (
            "start_workspace",
            {},
            "chat has no workspace; use create_workspace first",
        ),
        ("read_template", {"template_id": "x"}, "template not found"),
        (
            "list_templates",
            {"page": "one"},
            "invalid parameters: page must be of type integer",
        ),
        ("no_such_tool", {"x": 1}, "Tool not active in this turn: no_such_tool"),
        (
            "ask_user_question",
            {"questions": [QUESTION]},
            "Tool not active in this turn: ask_user_question",
        ),
    ],
)
async def test_a_call_that_cannot_be_done_is_an_error_the_model_reads(
    world: World, admin: Person, name: str, args: dict[str, Any], error: str
) -> None:
    """And the turn goes on."""
    world.puppet.call(name, json.dumps(args))
    chat = await admin.create("go")
    second = await world.puppet.asked(2)
    world.puppet.answer("I see.")
    await admin.settled(chat["id"])

    (read,) = second.messages[-1].parts
    assert read == ToolResultContent("call_1", name, error, is_error=True)
    (stored,) = await _results(admin, chat["id"])
    assert stored["result"] == {"error": error}
    assert stored["is_error"] is True
    assert "created_at" in stored


async def test_no_templates_is_an_answer(world: World, admin: Person) -> None:
    world.puppet.call("list_templates")
    chat = await admin.create("go")
    await world.puppet.asked(2)
    world.puppet.answer("I see.")
    await admin.settled(chat["id"])

    (stored,) = await _results(admin, chat["id"])
    assert stored["result"] == {
        "count": 0,
        "page": 1,
        "templates": [],
        "total_count": 0,
        "total_pages": 1,
    }
    assert "is_error" not in stored


async def test_questions_for_the_user_end_the_turn(world: World, admin: Person) -> None:
    """The model is not asked again; the answer is an ordinary message."""
    world.puppet.call("ask_user_question", json.dumps({"questions": [QUESTION]}))
    chat = await admin.create("go", plan_mode="plan")
    rested = await admin.settled(chat["id"])

    assert rested["plan_mode"] == "plan"
    assert len(world.puppet.calls) == 1
    (stored,) = await _results(admin, chat["id"])
    assert stored["result"] == {"questions": [QUESTION]}
    world.puppet.answer("Blue it is.")
    await admin.send(chat["id"], "Blue")
    call = await world.puppet.asked(2)
    assert [message.role for message in call.messages] == [
        "user",
        "assistant",
        "tool",
        "user",
    ]
    assert [tool.name for tool in call.tools] == PLANNING
    await admin.settled(chat["id"])


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({}, "questions is required"),
        ({"questions": []}, "questions is required"),
        (
            {"questions": [{**QUESTION, "options": QUESTION["options"][:1]}]},
            "questions[0].options must have 2 to 4 entries",
        ),
        (
            {"questions": [{**QUESTION, "header": " "}]},
            "questions[0].header is required",
        ),
        ({"questions": [None]}, "questions[0].header is required"),
        (
            {"questions": "which?"},
            "invalid parameters: questions must be of type array",
        ),
    ],
)
async def test_questions_that_cannot_be_asked_do_not_end_the_turn(
    world: World, admin: Person, args: dict[str, Any], error: str
) -> None:
    world.puppet.call("ask_user_question", json.dumps(args))
    chat = await admin.create("go", plan_mode="plan")
    await world.puppet.asked(2)
    world.puppet.answer("Then not.")
    await admin.settled(chat["id"])

    (stored,) = await _results(admin, chat["id"])
    assert stored["result"] == {"error": error}


async def test_a_plan_without_a_workspace_does_not_end_the_turn(
    world: World, admin: Person
) -> None:
    world.puppet.call("propose_plan", '{"path": "/plan.md"}')
    chat = await admin.create("go", plan_mode="plan")
    await world.puppet.asked(2)
    world.puppet.answer("No plan.")
    await admin.settled(chat["id"])

    (stored,) = await _results(admin, chat["id"])
    error = f"resolve chat-specific plan path: {NO_WORKSPACE}"
    assert stored["result"] == {"error": error}


async def test_a_client_leaves_plan_mode(world: World, admin: Person) -> None:
    """By a message or by a change of the chat; a message without a mode stays."""
    chat = await admin.create("go", plan_mode="plan")
    world.puppet.answer("Hi.")
    await admin.settled(chat["id"])
    world.puppet.answer("Hi.")
    await admin.send(chat["id"], "still planning")
    assert (await admin.settled(chat["id"]))["plan_mode"] == "plan"

    world.puppet.answer("Hi.")
    await admin.send(chat["id"], "now do it", plan_mode="")
    assert "plan_mode" not in await admin.settled(chat["id"])

    await admin.call("PATCH", f"/chats/{chat['id']}", {"plan_mode": "plan"})
    assert (await admin.settled(chat["id"]))["plan_mode"] == "plan"


async def test_a_turn_has_as_many_steps_as_the_model_needs(
    world: World, admin: Person
) -> None:
    """The calls of a step get their results in the order of the calls."""
    for step in range(3):
        for name in ("read_file", "list_templates"):
            world.puppet.say(ToolCall(f"{name}_{step}", name, "{}"))
        world.puppet.finish("tool_calls")
    world.puppet.answer("Done.")
    chat = await admin.create("go")
    await admin.settled(chat["id"])

    assert len(world.puppet.calls) == 4
    assert [part["tool_call_id"] for part in await _results(admin, chat["id"])] == [
        f"{name}_{step}"
        for step in range(3)
        for name in ("read_file", "list_templates")
    ]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (None, None),
        ({}, None),
        ({"a": "x", "b": [{"c": 1}], "unknown": object()}, None),
        ([], "the arguments must be of type object"),
        ({"a": 1}, "a must be of type string"),
        ({"b": [{"c": True}]}, "b[0].c must be of type integer"),
        ({"b": [{"c": 1}, {"d": "yes"}]}, "b[1].d must be of type boolean"),
    ],
)
def test_arguments_are_read_as_a_decoder_reads_them(
    value: Any, fault: str | None
) -> None:
    inner = structured(c=INTEGER, d=BOOLEAN)

    assert type_fault(value, structured("a", a=STRING, b=listed(inner))) == fault
