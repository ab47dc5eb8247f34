"""The built-in tools of every kind of chat, as PROTOCOL.md 9.5 and 9.8 list them."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from coderchat_jupyter.server.providers._protocol import ModelCall, ToolCall
from tests.server.world import Person, World

# Arguments in order: `?` may be missing, a text unless another type is named.
_ARGUMENTS: Final = {
    "read_file": "path, offset? integer, limit? integer",
    "write_file": "path, content",
    "attach_file": "path, name?",
    "execute": "command, model_intent?, timeout?, run_in_background? boolean, workdir?",
    "process_output": "process_id, wait_timeout?",
    "process_list": "",
    "process_signal": "process_id, signal",
    "list_templates": "query?, page? integer",
    "read_template": "template_id",
    "stop_workspace": "",
    "spawn_agent": "type, prompt, title?",
    "wait_agent": "chat_id, timeout_seconds? integer",
    "message_agent": "chat_id, message, interrupt? boolean",
    "close_agent": "chat_id",
    "propose_plan": "path",
    "advisor": "question",
}


def _schema(arguments: str, **more: Any) -> dict[str, Any]:
    """What a line of `_ARGUMENTS` means; `more` are properties that must be given."""
    properties: dict[str, Any] = dict(more)
    required = list(more)
    for word in filter(None, arguments.split(", ")):
        name, _, kind = word.partition(" ")
        properties[name.rstrip("?")] = {"type": kind or "string"}
        if not name.endswith("?"):
            required.append(name)
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    return schema | ({"required": required} if required else {})


def _many(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


_VALUES: Final = {"type": "object", "properties": {"*": {"type": "string"}}}
_EDITS: Final = _many(_schema("old_text, new_text, replace_all? boolean"))
_OPTIONS: Final = _many(_schema("label, description"))
_SCHEMAS: Final = {
    **{name: _schema(arguments) for name, arguments in _ARGUMENTS.items()},
    "edit_files": _schema("", files=_many(_schema("path", edits=_EDITS))),
    "ask_user_question": _schema(
        "", questions=_many(_schema("header, question", options=_OPTIONS))
    ),
    "create_workspace": _schema("template_id, name?, preset_id?"),
    "start_workspace": _schema(""),
}
for _name in ("create_workspace", "start_workspace"):
    _SCHEMAS[_name]["properties"]["parameters"] = _VALUES

_FILES: Final = "read_file write_file edit_files attach_file"
_PROCESSES: Final = "process_list process_signal"
_TEMPLATES: Final = (
    "list_templates read_template create_workspace start_workspace stop_workspace"
)
_OFFERED: Final = {
    "root": f"{_FILES} execute process_output {_PROCESSES} {_TEMPLATES} "
    "spawn_agent wait_agent message_agent close_agent advisor",
    "root, planning": f"{_FILES} execute process_output ask_user_question {_TEMPLATES} "
    "propose_plan spawn_agent wait_agent",
    "general child": f"{_FILES} execute process_output {_PROCESSES}",
    "explore child": "read_file execute process_output",
    "general child, planning": "read_file execute process_output",
}
_NOWHERE: Final = (
    "no workspace is associated with this chat. "
    "Use the create_workspace tool to create one"
)
_QUESTION: Final = {
    "header": "Colour",
    "question": "Which?",
    "options": [{"label": name, "description": ""} for name in ("Red", "Blue")],
}


async def _asked(world: World, admin: Person, kind: str) -> ModelCall:
    """What the model of a new chat of a kind is first asked."""
    who, _, planning = kind.partition(", ")
    more = {"plan_mode": "plan"} if planning else {}
    for word in ("hello", "dig"):
        world.puppet.listen(word)
    chat = await admin.create("hello", **more)
    call = await world.puppet.asked()
    if who != "root":
        args = {"type": who.partition(" ")[0], "prompt": "dig"}
        world.puppet.call("spawn_agent", json.dumps(args), to="hello")
        await world.puppet.asked(3)
        world.puppet.answer("Found.", to="dig")
        words = [
            getattr(asked.messages[0].parts[0], "text", "")
            for asked in world.puppet.calls
        ]
        call = world.puppet.calls[words.index("dig")]
    world.puppet.answer("Done.", to="hello")
    await admin.settled(chat["id"])
    return call


@pytest.mark.parametrize("kind", _OFFERED)
async def test_a_chat_is_offered_its_tools_in_order_and_by_their_schemas(
    world: World, admin: Person, kind: str
) -> None:
    await admin.call("PUT", "/chats/config/advisor", {"enabled": True})

    call = await _asked(world, admin, kind)

    assert [tool.name for tool in call.tools] == _OFFERED[kind].split()
    for tool in call.tools:
        assert _sorted(tool.parameters) == _sorted(_SCHEMAS[tool.name]), tool.name


def _sorted(schema: Any) -> Any:
    """The same schema: in which order arguments are required says nothing."""
    if isinstance(schema, list):
        return sorted(schema)
    if isinstance(schema, dict):
        return {name: _sorted(inner) for name, inner in schema.items()}
    return schema


async def _errors(
    world: World, admin: Person, *calls: tuple[str, Any], **more: Any
) -> list[Any]:
    """What these calls of one step come to; the model is asked again after them."""
    chat = await admin.create("go", **more)
    await world.puppet.asked()
    for number, (name, args) in enumerate(calls):
        world.puppet.say(ToolCall(f"c{number}", name, json.dumps(args)))
    world.puppet.finish("tool_calls")
    await world.puppet.asked(2)
    world.puppet.answer("I see.")
    await admin.settled(chat["id"])
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    parts = [
        part
        for message in reversed(page["messages"])
        for part in message["content"]
        if part["type"] == "tool-result"
    ]
    assert all(part["is_error"] for part in parts)
    assert [part["tool_name"] for part in parts] == [name for name, _ in calls]
    return [part["result"] for part in parts]


async def test_without_a_workspace_its_tools_say_so(
    world: World, admin: Person
) -> None:
    in_it = {
        "read_file": {"path": "/a"},
        "write_file": {"path": "/a", "content": "b"},
        "edit_files": {"files": [{"path": "/a", "edits": []}]},
        "attach_file": {"path": "/a"},
        "execute": {"command": "ls"},
        "process_output": {"process_id": "1"},
        "process_list": {},
        "process_signal": {"process_id": "1", "signal": "kill"},
    }
    of_it: dict[str, Any] = {"start_workspace": {}, "stop_workspace": {}}

    found = await _errors(world, admin, *in_it.items(), *of_it.items())

    assert found == [
        *[{"error": _NOWHERE}] * len(in_it),
        *[{"error": "chat has no workspace; use create_workspace first"}] * len(of_it),
    ]


async def test_what_a_chat_is_not_offered_it_does_not_have(
    world: World, admin: Person
) -> None:
    names = ("ask_user_question", "propose_plan", "advisor", "chat_summarized")

    found = await _errors(world, admin, *((name, {}) for name in names))

    assert found == [{"error": f"Tool not active in this turn: {n}"} for n in names]


async def test_planning_takes_away_what_acts(world: World, admin: Person) -> None:
    names = ("process_list", "process_signal", "message_agent", "close_agent")

    found = await _errors(
        world, admin, *((name, {}) for name in names), plan_mode="plan"
    )

    assert found == [{"error": f"Tool not active in this turn: {n}"} for n in names]


@pytest.mark.parametrize("planning", [False, True])
async def test_arguments_of_the_wrong_type_are_refused_before_all_else(
    world: World, admin: Person, *, planning: bool
) -> None:
    calls: list[tuple[str, Any]] = [
        ("read_file", {"path": 1}),
        ("read_file", {"path": "/a", "offset": 1.5}),
        ("edit_files", {"files": [{"path": "/a", "edits": [{"old_text": []}]}]}),
        ("execute", {"command": "ls", "run_in_background": "yes"}),
        ("attach_file", ["/a"]),
        ("start_workspace", {"parameters": "x"}),
        ("read_template", {"template_id": {}}),
    ]
    if planning:
        calls += [
            ("propose_plan", {"path": 7}),
            ("ask_user_question", {"questions": {"header": "x"}}),
        ]

    found = await _errors(
        world, admin, *calls, **({"plan_mode": "plan"} if planning else {})
    )

    texts = [result["error"] for result in found]
    assert all(text.startswith("invalid parameters: ") for text in texts), texts


async def test_questions_end_the_turn_beside_other_calls_too(
    world: World, admin: Person
) -> None:
    """Every call of the step has its result; the model is not asked again."""
    chat = await admin.create("go", plan_mode="plan")
    await world.puppet.asked()
    world.puppet.say(
        ToolCall("a", "read_file", '{"path": "/a"}'),
        ToolCall("b", "ask_user_question", json.dumps({"questions": [_QUESTION]})),
    )
    world.puppet.finish("tool_calls")
    rested = await admin.settled(chat["id"])

    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    results = [m["content"][0] for m in page["messages"] if m["role"] == "tool"]
    assert rested["status"] == "waiting"
    assert len(world.puppet.calls) == 1
    assert [part.get("is_error", False) for part in results] == [False, True]
    assert results[0]["result"] == {"questions": [_QUESTION]}
