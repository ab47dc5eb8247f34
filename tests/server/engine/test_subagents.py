"""Children: made, awaited, told more and stopped by the model of their parent."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from coderchat_jupyter.server.engine.families import spawn_child
from coderchat_jupyter.server.failures import RequestError
from coderchat_jupyter.server.providers._protocol import (
    ModelCall,
    ProviderError,
    ToolResultContent,
)
from coderchat_jupyter.server.storage import chats
from tests.server.world import Person, World, eventually

PARENT = "hand it over"
CHILD = "find it out"
NOBODY = "11111111-1111-4111-8111-111111111111"
CHILD_TOOLS = {
    "general": [
        "read_file",
        "write_file",
        "edit_files",
        "attach_file",
        "execute",
        "process_output",
        "process_list",
        "process_signal",
    ],
    "explore": ["read_file", "execute", "process_output"],
}


def _spawn(world: World, **more: str) -> None:
    """Let the parent spawn a child that says nothing yet."""
    world.puppet.listen(CHILD)
    args = {"type": "general", "prompt": CHILD, **more}
    world.puppet.call("spawn_agent", json.dumps(args), "spawn")


def _call(world: World, name: str, **args: Any) -> None:
    world.puppet.call(name, json.dumps(args), name)


async def _family(world: World, admin: Person, **more: str) -> tuple[str, str]:
    """A parent that runs, with a child that runs: their ids."""
    _spawn(world, **more)
    chat = await admin.create(PARENT)
    await world.puppet.asked(3)
    found = (await admin.call("GET", f"/chats/{chat['id']}")).json()
    (child,) = found["children"]
    return chat["id"], child["id"]


def _of(world: World, prompt: str) -> list[ModelCall]:
    return [
        call
        for call in world.puppet.calls
        if getattr(call.messages[0].parts[0], "text", "") == prompt
    ]


async def _read(world: World, call_id: str) -> ToolResultContent:
    """What the parent's model read of a call."""

    def found() -> ToolResultContent | None:
        for call in _of(world, PARENT):
            for part in call.messages[-1].parts:
                if isinstance(part, ToolResultContent) and part.call_id == call_id:
                    return part
        return None

    async def holds() -> bool:
        return found() is not None

    await eventually(holds)
    part = found()
    assert part is not None
    return part


async def test_a_child_knows_nothing_but_its_prompt(
    world: World, admin: Person
) -> None:
    parent, child = await _family(world, admin, title="The child")

    (call,) = _of(world, CHILD)
    assert [m.role for m in call.messages] == ["user"]
    assert [tool.name for tool in call.tools] == CHILD_TOOLS["general"]
    found = (await admin.call("GET", f"/chats/{child}")).json()
    assert found["parent_chat_id"] == found["root_chat_id"] == parent
    assert found["title"] == "The child"
    read = await _read(world, "spawn")
    # Within the run that made it: compact, with its keys in order.
    assert read.text == json.dumps(
        {
            "chat_id": child,
            "status": "pending",
            "title": "The child",
            "type": "general",
        },
        separators=(",", ":"),
    )


@pytest.mark.parametrize(
    ("kind", "mode", "tools"),
    [
        ("explore", "", CHILD_TOOLS["explore"]),
        ("general", "plan", CHILD_TOOLS["explore"]),
    ],
)
async def test_a_child_may_do_less(
    world: World, admin: Person, kind: str, mode: str, tools: list[str]
) -> None:
    _spawn(world, type=kind)
    await admin.create(PARENT, plan_mode=mode)
    await world.puppet.asked(3)

    (call,) = _of(world, CHILD)
    assert [tool.name for tool in call.tools] == tools


async def test_a_child_is_listed_inside_its_parent_alone(
    world: World, admin: Person
) -> None:
    parent, child = await _family(world, admin)

    listed = (await admin.call("GET", "/chats")).json()

    assert [chat["id"] for chat in listed] == [parent]
    (inner,) = listed[0]["children"]
    assert inner["id"] == child
    assert inner["diff_status"]["chat_id"] == child
    assert (await admin.call("GET", f"/chats/{child}")).json()["children"] == []


async def test_waiting_gives_the_last_answer_of_the_child(
    world: World, admin: Person
) -> None:
    """The child gets no label; the later runs read the result as it is stored."""
    _parent, child = await _family(world, admin, title="The child")
    _call(world, "wait_agent", chat_id=child)
    world.puppet.answer("Found <it>.", to=CHILD)

    read = await _read(world, "wait_agent")

    assert json.loads(read.text) == {
        "chat_id": child,
        "report": "Found <it>.",
        "status": "waiting",
        "title": "The child",
        "type": "general",
    }
    assert read.text.startswith('{"chat_id":"')
    world.puppet.answer("Done.")
    await admin.settled(_parent)
    world.puppet.answer("Again.")
    await admin.send(_parent, "and?")
    await admin.settled(_parent)
    later = _of(world, PARENT)[-1]
    (part,) = next(m.parts for m in reversed(later.messages) if m.role == "tool")
    assert isinstance(part, ToolResultContent)
    assert part.text.startswith('{"type": "general"')
    found = (await admin.call("GET", f"/chats/{child}")).json()
    assert found["last_turn_summary"] is None


@pytest.mark.parametrize(
    ("name", "args", "error"),
    [
        (
            "spawn_agent",
            {"type": "odd", "prompt": "x"},
            "type must be one of: general, explore",
        ),
        ("spawn_agent", {"type": "general", "prompt": " "}, "prompt is required"),
        ("spawn_agent", {"type": 1}, "invalid parameters: type must be of type string"),
        (
            "spawn_agent",
            {"type": "computer_use", "prompt": "x"},
            'subagent type "computer_use" is unavailable',
        ),
        ("wait_agent", {}, "chat_id must be a valid UUID"),
        ("close_agent", {"chat_id": "x"}, "chat_id must be a valid UUID"),
        (
            "wait_agent",
            {"chat_id": NOBODY},
            "target chat is not a descendant of current chat",
        ),
    ],
)
async def test_what_cannot_be_done_is_told_to_the_model(
    world: World, admin: Person, name: str, args: dict[str, Any], error: str
) -> None:
    _call(world, name, **args)
    world.puppet.answer("I see.")
    chat = await admin.create(PARENT)
    await admin.settled(chat["id"])

    read = await _read(world, name)

    assert (read.text, read.is_error) == (error, True)


async def test_a_child_that_takes_too_long_runs_on(world: World, admin: Person) -> None:
    _parent, child = await _family(world, admin)
    _call(world, "wait_agent", chat_id=child, timeout_seconds=1)

    read = await _read(world, "wait_agent")

    assert read.text == "timed out waiting for delegated subagent completion"
    found = (await admin.call("GET", f"/chats/{child}")).json()
    assert found["status"] == "running"


async def test_a_child_that_fails_is_told_to_the_model(
    world: World, admin: Person
) -> None:
    _parent, child = await _family(world, admin)
    _call(world, "wait_agent", chat_id=child)
    world.puppet.say(ProviderError("nope", status_code=400), to=CHILD)

    read = await _read(world, "wait_agent")

    assert read.text == "agent reached error status"


async def test_a_parent_that_is_interrupted_leaves_its_child_alone(
    world: World, admin: Person
) -> None:
    parent, child = await _family(world, admin)
    _call(world, "wait_agent", chat_id=child)

    async def waits() -> bool:
        page = (await admin.call("GET", f"/chats/{parent}")).json()
        return bool(page["status"] == "running" and world.service.moves._bells)

    await eventually(waits)
    await admin.call("POST", f"/chats/{parent}/interrupt")

    page = (await admin.call("GET", f"/chats/{parent}/messages")).json()
    (result,) = page["messages"][0]["content"]
    assert result["result"] == {"error": "context canceled", "type": "general"}
    assert result["is_error"] is True
    found = (await admin.call("GET", f"/chats/{child}")).json()
    assert found["status"] == "running"


async def test_a_child_is_told_more(world: World, admin: Person) -> None:
    """While it runs the message waits; when it rests it begins at once."""
    _parent, child = await _family(world, admin)
    _call(world, "message_agent", chat_id=child, message="and this")

    read = await _read(world, "message_agent")

    told = json.loads(read.text)
    assert told.keys() == {"chat_id", "status", "title", "type", "interrupted"}
    assert (told["status"], told["interrupted"]) == ("running", False)
    world.puppet.answer("First.", to=CHILD)
    world.puppet.answer("Second.", to=CHILD)
    await admin.settled(child)
    assert await admin.history(child) == [
        ("user", CHILD),
        ("assistant", "First."),
        ("user", "and this"),
        ("assistant", "Second."),
    ]


async def test_a_child_is_told_more_at_once(world: World, admin: Person) -> None:
    _parent, child = await _family(world, admin)
    world.puppet.answer("Rather this.", to=CHILD)
    world.puppet.say("Half", to=CHILD)
    _call(world, "message_agent", chat_id=child, message="stop it", interrupt=True)

    read = await _read(world, "message_agent")

    assert json.loads(read.text)["interrupted"] is True


@pytest.mark.parametrize("has_rested", [False, True])
async def test_a_child_that_is_closed_rests(
    world: World, admin: Person, has_rested: bool
) -> None:
    """It is not archived; what it was asked stays, and may be all there is."""
    _parent, child = await _family(world, admin)
    if has_rested:
        world.puppet.answer("Done.", to=CHILD)
        await admin.settled(child)
    _call(world, "close_agent", chat_id=child)

    read = await _read(world, "close_agent")

    told = json.loads(read.text)
    assert (told["status"], told["terminated"]) == ("waiting", True)
    found = (await admin.call("GET", f"/chats/{child}")).json()
    assert (found["status"], found["archived"]) == ("waiting", False)


async def test_a_family_is_archived_together(world: World, admin: Person) -> None:
    """What runs in it is stopped; and it comes back together."""
    parent, child = await _family(world, admin)

    await admin.call("PATCH", f"/chats/{parent}", {"archived": True})
    away = (await admin.call("GET", f"/chats/{parent}")).json()
    alone = await admin.call("PATCH", f"/chats/{child}", {"archived": False})
    await admin.call("PATCH", f"/chats/{parent}", {"archived": False})
    back = (await admin.call("GET", f"/chats/{parent}")).json()

    assert [kid["status"] for kid in away["children"]] == ["waiting"]
    assert alone.status_code == 400
    assert [kid["archived"] for kid in back["children"]] == [False]


async def test_all_that_runs_in_a_family_stops_before_it_is_told_to_be_away(
    world: World, admin: Person
) -> None:
    parent, child = await _family(world, admin)

    async with admin.watch() as feed:
        await admin.call("PATCH", f"/chats/{parent}", {"archived": True})
        await feed.until(lambda f: sum(e["kind"] == "deleted" for e in f.events) == 2)

    told = [(e["kind"], e["chat"]["id"]) for e in feed.events]
    assert told[-4:] == [
        ("status_change", parent),
        ("status_change", child),
        ("deleted", parent),
        ("deleted", child),
    ]
    assert all(e["chat"]["archived"] for e in feed.events[-2:])


async def test_an_archived_chat_gets_no_further_child(
    world: World, admin: Person
) -> None:
    parent, _child = await _family(world, admin)
    moves = world.service.moves
    async with moves.database.read() as connection:
        stale = await chats.get_chat(connection, parent)
    assert stale is not None
    await admin.call("PATCH", f"/chats/{parent}", {"archived": True})

    with pytest.raises(RequestError, match="archived"):
        await spawn_child(
            moves,
            stale,
            "general",
            CHILD,
            title="",
            model_config_id=stale.last_model_config_id,
        )

    found = (await admin.call("GET", f"/chats/{parent}")).json()
    assert len(found["children"]) == 1


async def test_a_child_is_not_pinned(world: World, admin: Person) -> None:
    _parent, child = await _family(world, admin)

    answer = await admin.call("PATCH", f"/chats/{child}", {"pin_order": 1})

    assert answer.status_code == 400


async def test_what_a_child_costs_is_its_familys(world: World, admin: Person) -> None:
    parent, child = await _family(world, admin)
    world.puppet.answer("Done.", to=CHILD)
    world.puppet.answer("Done.")
    await asyncio.gather(admin.settled(child), admin.settled(parent))

    found = (await admin.call("GET", f"/chats/cost/{admin.id}/summary")).json()

    (family,) = found["by_chat"]
    assert family["root_chat_id"] == parent
    assert family["message_count"] == 3
    assert family["total_cost_micros"] == found["total_cost_micros"] == 3 * 10_500
