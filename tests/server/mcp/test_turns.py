"""Turns whose models call tools that other servers lend, over real sockets."""

from __future__ import annotations

import asyncio
import base64
import json
import logging

import pytest

from coderchat_jupyter.server.providers._protocol import (
    ToolCall,
    ToolInputDelta,
)
from tests.fakes.tool_server import ToolServer, tool_server
from tests.server.mcp.lending import PICTURE, added, called, furnish, offered, parts_of
from tests.server.world import Person, World

pytestmark = pytest.mark.filterwarnings("default")

SECRET = "sk-A-SECRET-OF-A-TOOL-SERVER"


@pytest.mark.parametrize("transport", ["streamable_http", "sse"])
async def test_a_lent_tool_answers_within_the_turn(
    world: World, admin: Person, transport: str
) -> None:
    async with tool_server(furnish, transport=transport) as tools:
        server = await added(admin, tools, transport=transport)
        found = await called(
            world,
            admin,
            "tools__weather",
            '{"city": "Rome"}',
            mcp_server_ids=[server],
        )

    (call,) = await parts_of(admin, found["chat"]["id"], "tool-call")
    assert tools.calls == [("weather", {"city": "Rome"})]
    assert found["chat"]["status"] == "waiting"
    assert found["stored"]["result"] == {"output": "It is sunny in Rome."}
    assert found["stored"]["created_at"]
    assert call["mcp_server_config_id"] == server
    assert found["stored"]["mcp_server_config_id"] == server
    assert found["read"] == "It is sunny in Rome."


async def test_every_part_on_the_stream_names_the_server(
    world: World, admin: Person, tools: ToolServer
) -> None:
    server = await added(admin, tools, availability="force_on")
    chat = await admin.create("hello")
    async with admin.stream(chat["id"]) as feed:
        await world.puppet.asked()
        world.puppet.say(
            ToolInputDelta("call_1", "tools__weather", '{"city"'),
            ToolInputDelta("call_1", "tools__weather", ': "Rome"}'),
        )
        world.puppet.call("tools__weather", '{"city": "Rome"}')
        await world.puppet.asked(2)
        world.puppet.answer("Done.")
        await feed.status("waiting")

    parts = [
        event["message_part"]["part"]
        for event in feed.events
        if event["type"] == "message_part"
    ]
    told = [part for part in parts if part["type"] != "text"]
    assert len(told) == 4
    assert {part["mcp_server_config_id"] for part in told} == {server}


async def test_a_picture_is_a_media_result(
    world: World, admin: Person, tools: ToolServer
) -> None:
    await added(admin, tools, availability="force_on")

    found = await called(world, admin, "tools__screenshot")

    assert found["stored"]["is_media"] is True
    assert found["stored"]["result"] == {
        "data": base64.b64encode(PICTURE).decode(),
        "mime_type": "image/png",
        "text": "the page",
    }
    # The model reads of it, and not a text of its bytes.
    assert found["read"] == "the page\n[image/png of 8 bytes, shown to the user]"


async def test_a_tool_that_fails_is_an_error_the_model_reads(
    world: World, admin: Person, tools: ToolServer
) -> None:
    await added(admin, tools, availability="force_on")

    found = await called(world, admin, "tools__broken")

    assert found["stored"]["is_error"] is True
    assert "the roof is on fire" in found["stored"]["result"]["error"]
    assert found["read"] == found["stored"]["result"]["error"]
    assert found["chat"]["status"] == "waiting"


@pytest.mark.parametrize("args", ["[1]", '"x"', "7"])
async def test_arguments_that_are_no_object_are_not_sent(
    world: World, admin: Person, tools: ToolServer, args: str
) -> None:
    await added(admin, tools, availability="force_on")

    found = await called(world, admin, "tools__weather", args)

    assert found["stored"]["result"]["error"].startswith("invalid parameters: ")
    assert tools.calls == []


async def test_who_may_use_what(world: World, admin: Person, tools: ToolServer) -> None:
    """Forced servers always, others where they are chosen, and none that is off."""
    mine = {"tool_allow_list": ["weather"]}
    chosen = await added(admin, tools, slug="chosen", **mine)
    await added(admin, tools, slug="default", availability="default_on", **mine)
    await added(admin, tools, slug="forced", availability="force_on", **mine)
    off = await added(
        admin, tools, slug="off", availability="force_on", enabled=False, **mine
    )
    denied = await added(
        admin, tools, slug="denied", tool_deny_list=["slow", "broken", "screenshot"]
    )

    plain = await offered(world, admin)
    with_more = await offered(world, admin, mcp_server_ids=[chosen, off, denied])

    assert plain == ["forced__weather"]
    assert with_more == ["chosen__weather", "denied__weather", "forced__weather"]


async def test_plan_mode_has_what_is_allowed_there(
    world: World, admin: Person, tools: ToolServer
) -> None:
    more = {"availability": "force_on", "tool_allow_list": ["weather"]}
    await added(admin, tools, slug="acts", **more)
    await added(admin, tools, slug="looks", allow_in_plan_mode=True, **more)

    assert await offered(world, admin, plan_mode="plan") == ["looks__weather"]


@pytest.mark.parametrize(
    ("kind", "names"), [("general", ["tools__weather"]), ("explore", [])]
)
async def test_children_that_only_look_things_up_have_none(
    world: World, admin: Person, tools: ToolServer, kind: str, names: list[str]
) -> None:
    server = await added(admin, tools, tool_allow_list=["weather"])
    for word in ("hello", "dig"):
        world.puppet.listen(word)
    chat = await admin.create("hello", mcp_server_ids=[server])
    await world.puppet.asked()
    world.puppet.call(
        "spawn_agent", json.dumps({"type": kind, "prompt": "dig"}), to="hello"
    )
    await world.puppet.asked(3)
    world.puppet.answer("Found.", to="dig")
    world.puppet.answer("Done.", to="hello")
    await admin.settled(chat["id"])

    child = next(
        call
        for call in world.puppet.calls
        if getattr(call.messages[0].parts[0], "text", "") == "dig"
    )
    assert [tool.name for tool in child.tools if "__" in tool.name] == names


async def test_a_dynamic_tool_of_the_same_name_is_hidden(
    world: World, admin: Person, tools: ToolServer
) -> None:
    await added(admin, tools, availability="force_on")
    declared = [{"name": "tools__weather", "input_schema": {"type": "object"}}]

    found = await called(
        world,
        admin,
        "tools__weather",
        '{"city": "Rome"}',
        unsafe_dynamic_tools=declared,
    )

    names = [tool.name for tool in world.puppet.calls[0].tools]
    assert names.count("tools__weather") == 1
    assert found["stored"]["result"] == {"output": "It is sunny in Rome."}


async def test_secrets_and_identity_go_to_the_server_and_nowhere_else(
    world: World,
    admin: Person,
    tools: ToolServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    await added(
        admin,
        tools,
        url=f"{tools.url}?key=QUERY-SECRET",
        availability="force_on",
        auth_type="custom_headers",
        custom_headers={"Authorization": f"Bearer {SECRET}"},
        forward_coder_headers=True,
    )

    found = await called(world, admin, "tools__weather", '{"city": "Rome"}')

    assert {headers["authorization"] for headers in tools.requests} == {
        f"Bearer {SECRET}"
    }
    assert {headers["x-coder-chat-id"] for headers in tools.requests} == {
        found["chat"]["id"]
    }
    assert {headers["x-coder-owner-id"] for headers in tools.requests} == {admin.id}
    assert SECRET not in caplog.text
    ours = [
        record.getMessage() for record in caplog.records if "uvicorn" not in record.name
    ]
    assert not any("QUERY-SECRET" in line for line in ours)


async def test_an_interrupt_cancels_the_call_at_its_server(
    world: World, admin: Person, tools: ToolServer
) -> None:
    await added(admin, tools, availability="force_on")
    chat = await admin.create("hello")
    await world.puppet.asked()
    world.puppet.call("tools__slow")
    async with asyncio.timeout(10):
        await tools.begun.wait()

    await admin.call("POST", f"/chats/{chat['id']}/interrupt")

    async with asyncio.timeout(10):
        await tools.cut.wait()
    chat = await admin.settled(chat["id"])
    (stored,) = await parts_of(admin, chat["id"], "tool-result")
    assert chat["status"] == "waiting"
    assert stored["is_error"] is True


async def test_two_calls_of_one_step_run_side_by_side(
    world: World, admin: Person, tools: ToolServer
) -> None:
    await added(admin, tools, availability="force_on")
    chat = await admin.create("hello")
    await world.puppet.asked()
    world.puppet.say(
        ToolCall("a", "tools__weather", '{"city": "Rome"}'),
        ToolCall("b", "tools__weather", '{"city": "Bern"}'),
    )
    world.puppet.finish("tool_calls")
    await world.puppet.asked(2)
    world.puppet.answer("Done.")
    await admin.settled(chat["id"])

    results = await parts_of(admin, chat["id"], "tool-result")
    assert [part["result"]["output"] for part in results] == [
        "It is sunny in Rome.",
        "It is sunny in Bern.",
    ]
