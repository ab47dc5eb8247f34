"""Tool servers that are slow, broken, hostile or gone: no turn breaks by them."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from coderchat_jupyter.server.mcp.limits import Limits
from coderchat_jupyter.server.storage.mcp_servers import change_mcp_server
from coderchat_jupyter.server.storage.sealing import Sealer
from tests.fakes.tool_server import ToolServer, serving, tool_server
from tests.server.mcp.lending import added, called, furnish, offered, parts_of
from tests.server.world import Person, World

pytestmark = pytest.mark.filterwarnings("default")

SECRET = "sk-A-SECRET-OF-A-TOOL-SERVER"


def _limit(world: World, **more: Any) -> None:
    world.service.worker.toolbox.servers.limits = Limits(**more)


async def test_a_tool_that_takes_too_long_is_given_up(
    world: World, admin: Person, tools: ToolServer
) -> None:
    _limit(world, call_seconds=0.3)
    await added(admin, tools, availability="force_on")

    found = await called(world, admin, "tools__slow")

    assert found["stored"]["result"] == {
        "error": "the tool did not answer within 0.3 seconds"
    }
    async with asyncio.timeout(10):
        await tools.cut.wait()


async def test_a_server_that_cannot_be_used_costs_only_its_own_tools(
    world: World,
    admin: Person,
    tools: ToolServer,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    """Nobody there, no such page, nonsense, silence; each is told in one warning."""
    _limit(world, connect_seconds=3.0)

    async def strange(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/silent":
            await asyncio.Event().wait()
        status = 404 if scope["path"] == "/absent" else 200
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-type", b"application/json")],
            }
        )
        await send({"type": "http.response.body", "body": b"{SECRET-NONSENSE"})

    async with serving(strange) as root:
        places = {
            "closed": "http://127.0.0.1:9/?key=SECRET-QUERY",
            **{slug: f"{root}/{slug}" for slug in ("absent", "nonsense", "silent")},
        }
        for slug, url in places.items():
            for transport in ("streamable_http", "sse"):
                await added(
                    admin,
                    tools,
                    slug=f"{slug}-{transport}",
                    url=url,
                    transport=transport,
                    availability="force_on",
                )
        await added(admin, tools, availability="force_on", tool_allow_list=["weather"])
        names = await offered(world, admin)

    warned = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("coderchat_jupyter")
        and record.levelno >= logging.WARNING
    ]
    assert names == ["tools__weather"]
    assert len(warned) == 8, warned
    assert all("tool server" in line for line in warned), warned
    assert "SECRET" not in " ".join(warned)


async def test_a_server_that_goes_away_fails_the_call_and_not_the_turn(
    world: World, admin: Person
) -> None:
    async with tool_server(furnish) as tools:
        await added(admin, tools, availability="force_on")
        chat = await admin.create("hello")
        await world.puppet.asked()
    world.puppet.call("tools__weather", '{"city": "Rome"}')
    await world.puppet.asked(2)
    world.puppet.answer("Done.")
    chat = await admin.settled(chat["id"])

    (stored,) = await parts_of(admin, chat["id"], "tool-result")
    assert (chat["status"], stored["is_error"]) == ("waiting", True)
    assert "127.0.0.1" not in json.dumps(stored["result"])


async def test_an_answer_that_is_too_large_fails_the_call_alone(
    world: World, admin: Person
) -> None:
    def large(server: ToolServer) -> None:
        furnish(server)

        @server.sdk.tool()
        def flood() -> str:
            """Say too much."""
            return "x" * 200_000

    _limit(world, answer_bytes=100_000)
    async with tool_server(large) as tools:
        await added(admin, tools, availability="force_on")
        found = await called(world, admin, "tools__flood")
        again = await called(world, admin, "tools__weather", '{"city": "Rome"}')

    assert found["stored"]["is_error"] is True
    assert again["stored"]["result"] == {"output": "It is sunny in Rome."}


async def test_hostile_tools_are_told_harmlessly(world: World, admin: Person) -> None:
    def hostile(server: ToolServer) -> None:
        for name in ("read file", "read/file", "advisor", "\x1b[2J", "n" * 100):
            server.sdk.add_tool(
                lambda: "said", name=name, description="\x1b]0;x\x07" + "d" * 20_000
            )

    async with tool_server(hostile) as tools:
        await added(admin, tools, availability="force_on")
        found = await called(world, admin, "tools__read_file_2")

    lent = {
        tool.name: tool for tool in world.puppet.calls[0].tools if "__" in tool.name
    }
    assert list(lent) == [
        "tools____2J",
        "tools__advisor",
        "tools__" + "n" * 57,
        "tools__read_file",
        "tools__read_file_2",
    ]
    assert all(len(tool.description) < 8_200 for tool in lent.values())
    assert "\x1b" not in "".join(tool.description for tool in lent.values())
    assert found["stored"]["result"] == {"output": "said"}


async def test_a_turn_that_waits_for_a_server_can_be_interrupted(
    world: World, admin: Person, tools: ToolServer
) -> None:
    asked = asyncio.Event()

    async def silent(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            asked.set()
            await asyncio.Event().wait()

    async with serving(silent) as root:
        await added(admin, tools, url=root, availability="force_on")
        chat = await admin.create("hello")
        async with asyncio.timeout(10):
            await asked.wait()

        await admin.call("POST", f"/chats/{chat['id']}/interrupt")

        assert (await admin.settled(chat["id"]))["status"] == "waiting"
        assert world.puppet.calls == []
        await world.service.worker.toolbox.servers.aclose()


async def test_without_the_sdk_a_turn_goes_on(
    world: World,
    admin: Person,
    tools: ToolServer,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "mcp.client.client", None)
    await added(admin, tools, availability="force_on")

    assert await offered(world, admin) == []
    assert "the extra `mcp` of coderchat-jupyter is not installed" in caplog.text


async def test_secrets_sealed_with_another_key_cost_the_server_its_tools(
    world: World,
    admin: Person,
    tools: ToolServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    more = {"auth_type": "api_key", "api_key_header": "X-K", "api_key_value": "secret"}
    sealed = await added(admin, tools, slug="sealed", availability="force_on", **more)
    await added(admin, tools, availability="force_on", tool_allow_list=["weather"])
    other = Sealer(Fernet.generate_key()).seal(SecretStr("secret"))
    async with world.service.database.write() as connection:
        changes = {"sealed_api_key": other}
        await change_mcp_server(connection, sealed, changes, datetime.now(UTC))

    assert await offered(world, admin) == ["tools__weather"]
    assert "its secrets cannot be read any more" in caplog.text
