"""Tools that the client runs: the chat is parked, answered, given up on."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from coderchat_jupyter.server.providers._protocol import (
    TextDelta,
    ToolCall,
    ToolResultContent,
)
from coderchat_jupyter.server.service import Service
from coderchat_jupyter.server.settings import ServerSettings
from coderchat_jupyter.server.storage.chats import get_chat
from tests.fakes.puppet import Puppet
from tests.server.world import Feed, Person, World, eventually, open_world

TOOLS: Final[list[dict[str, Any]]] = [
    {
        "name": "lookup",
        "description": "Weather of a city",
        "input_schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
    {"name": "bare"},
]
_PARIS: Final = '{"city":"Paris"}'


async def _parked(
    person: Person, puppet: Puppet, *names: str, words: str = "Let me look. "
) -> dict[str, Any]:
    """A new chat whose first step called some tools, `call_1` the first of them."""
    asked = len(puppet.calls)
    chat = await person.create("hello", unsafe_dynamic_tools=TOOLS)
    await puppet.asked(asked + 1)
    puppet.say(TextDelta(words))
    for number, name in enumerate(names or ("lookup",), 1):
        puppet.say(ToolCall(f"call_{number}", name, _PARIS))
    puppet.finish("tool_calls")
    return await person.settled(chat["id"], "requires_action")


async def _submit(person: Person, chat_id: str, *results: Any) -> httpx.Response:
    path = f"/chats/{chat_id}/tool-results"
    return await person.call("POST", path, {"results": list(results)})


def _result(call_id: str = "call_1", output: Any = "blue", **more: Any) -> Any:
    return {"tool_call_id": call_id, "output": output, **more}


async def _messages(person: Person, chat_id: str) -> list[dict[str, Any]]:
    page = (await person.call("GET", f"/chats/{chat_id}/messages")).json()
    return list(reversed(page["messages"]))


def _required(feed: Feed) -> list[dict[str, Any]]:
    return [e["action_required"] for e in feed.events if e["type"] == "action_required"]


async def test_a_model_is_offered_what_the_client_declared(
    admin: Person, puppet: Puppet
) -> None:
    """A tool declared without arguments takes an object without fields."""
    await _parked(admin, puppet)

    lookup, bare = puppet.calls[0].tools[-2:]

    assert (lookup.name, lookup.description) == ("lookup", "Weather of a city")
    assert lookup.parameters == TOOLS[0]["input_schema"]
    assert bare.parameters == {"type": "object", "properties": {}}


async def test_a_call_parks_the_chat_and_tells_who_listens(
    admin: Person, puppet: Puppet
) -> None:
    """The step first, then the status, then the calls with the model's own text."""
    chat = await admin.create("hello", unsafe_dynamic_tools=TOOLS)
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:
        puppet.call("lookup", _PARIS)
        await feed.until(lambda f: bool(_required(f)))

    told = ["running", "user", "message_part", "assistant", "requires_action"]
    assert feed.story == [*told, "action_required"]
    assert _required(feed) == [
        {
            "tool_calls": [
                {"tool_call_id": "call_1", "tool_name": "lookup", "args": _PARIS}
            ]
        }
    ]


async def test_a_step_that_parks_stores_no_times_of_its_calls(
    admin: Person, puppet: Puppet
) -> None:
    """Neither of the client's call nor of one that the server answered."""
    chat = await _parked(admin, puppet, "lookup", "unknown")

    _, assistant, tool = await _messages(admin, chat["id"])

    parts = [*assistant["content"], *tool["content"]]
    kinds = ["text", "tool-call", "tool-call", "tool-result"]
    assert [part["type"] for part in parts] == kinds
    assert not [part for part in parts if "created_at" in part]
    assert tool["content"][0]["tool_call_id"] == "call_2"


async def test_results_let_the_model_go_on(admin: Person, puppet: Puppet) -> None:
    """Only `running` is told; the results come in id order, before the answer."""
    chat = await _parked(admin, puppet, "lookup", "bare")
    async with admin.stream(chat["id"]) as feed:
        answer = await _submit(
            admin,
            chat["id"],
            _result("call_2", {"sky": "<grey>"}, is_error=True),
            _result("call_1", None),
        )
        await puppet.asked(2)
        puppet.answer("It is sunny.")
        await feed.status("waiting")
    tools = [m for m in await _messages(admin, chat["id"]) if m["role"] == "tool"]

    assert (answer.status_code, answer.content) == (204, b"")
    after = feed.story[feed.story.index("assistant") + 1 :]
    assert after == ["tool", "tool", "running", "message_part", "assistant", "waiting"]
    assert [m["content"][0]["tool_call_id"] for m in tools] == ["call_2", "call_1"]
    assert tools[0]["content"][0]["result"] == {"sky": "<grey>"}
    # Null is an answer, and told as one.
    assert tools[1]["content"][0]["result"] is None
    assert [m["content"][0].get("is_error") for m in tools] == [True, None]
    assert {m["created_by"] for m in tools} == {admin.id}
    contents = [part for m in puppet.calls[1].messages[-2:] for part in m.parts]
    texts = [part.text for part in contents if isinstance(part, ToolResultContent)]
    assert texts == ['{"sky": "<grey>"}', "null"]


@pytest.mark.parametrize(
    ("results", "message", "detail"),
    [
        ([], "At least one tool result", None),
        ([_result("nope")], "Missing tool result.", '"call_1"'),
        ([_result(), _result()], "Duplicate tool_call_id", '"call_1"'),
        ([_result(), _result("nope")], "Unexpected tool result.", '"nope"'),
        ([{"tool_call_id": "call_1"}], "Tool result output must be", '"call_1"'),
        ("text", "Request body must be valid JSON.", "results"),
    ],
)
async def test_results_are_exactly_one_for_each_call(
    admin: Person, puppet: Puppet, results: Any, message: str, detail: str | None
) -> None:
    """Nothing is stored of what was refused, and the chat still waits."""
    chat = await _parked(admin, puppet)

    body = {"results": results}
    answer = await admin.call("POST", f"/chats/{chat['id']}/tool-results", body)

    told = answer.json()
    assert answer.status_code == 400
    assert told["message"].startswith(message)
    assert ("detail" in told) == (detail is not None)
    assert (detail or "") in told.get("detail", "")
    assert (await admin.settled(chat["id"], "requires_action"))["id"] == chat["id"]
    assert len(await _messages(admin, chat["id"])) == 2


async def test_results_that_nobody_waits_for_are_a_conflict(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.answered()

    answer = await _submit(admin, chat["id"], _result())

    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        'Chat status is "waiting", expected "requires_action".'
    )


async def test_only_the_owner_answers_and_only_of_a_live_chat(
    admin: Person, other: Person, puppet: Puppet
) -> None:
    """A stranger sees no chat; an administrator sees it and may not."""
    chat = await _parked(other, puppet)

    by_admin = await _submit(admin, chat["id"], _result())
    await other.call("PATCH", f"/chats/{chat['id']}", {"archived": True})
    archived = await _submit(other, chat["id"], _result())

    assert (by_admin.status_code, archived.status_code) == (403, 400)
    assert (await other.settled(chat["id"], "requires_action"))["archived"]


async def test_an_interrupt_answers_the_calls_and_tells_it(
    admin: Person, puppet: Puppet
) -> None:
    """No call is left without a result: models refuse such a history."""
    chat = await _parked(admin, puppet)
    async with admin.stream(chat["id"]) as feed:
        answer = await admin.call("POST", f"/chats/{chat['id']}/interrupt")
        await feed.status("waiting")
    last = (await _messages(admin, chat["id"]))[-1]

    assert answer.json()["status"] == "waiting"
    assert feed.story[-2:] == ["tool", "waiting"]
    assert last["content"][0]["result"] == "Tool execution interrupted by user"
    assert last["content"][0]["is_error"] is True
    assert "created_by" not in last


async def test_a_call_of_the_clients_tool_that_is_cut_has_no_times(
    admin: Person, puppet: Puppet
) -> None:
    """As if the step had parked."""
    chat = await admin.create("hello", unsafe_dynamic_tools=TOOLS)
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:
        puppet.say(ToolCall("call_1", "lookup", _PARIS))
        await feed.until(lambda f: "message_part" in f.story)
        await admin.call("POST", f"/chats/{chat['id']}/interrupt")
    stored = await _messages(admin, chat["id"])

    parts = [message["content"][0] for message in stored[1:]]
    assert [part["type"] for part in parts] == ["tool-call", "tool-result"]
    assert not any("created_at" in part for part in parts)


@pytest.mark.parametrize("how", ["interrupt", "send", "promote"])
async def test_what_waits_behind_a_parked_chat_runs_when_it_is_cut(
    admin: Person, puppet: Puppet, how: str
) -> None:
    """At once, and not after five minutes."""
    chat = await _parked(admin, puppet)
    path = f"/chats/{chat['id']}"
    behind = "interrupt" if how == "send" else "queue"
    async with admin.stream(chat["id"]) as feed:
        sent = await admin.send(chat["id"], "next", busy_behavior=behind)
        if how == "interrupt":
            await admin.call("POST", f"{path}/interrupt")
        elif how == "promote":
            queued = sent["queued_message"]["id"]
            await admin.call("POST", f"{path}/queue/{queued}/promote")
        await puppet.asked(2)
        puppet.answer("Done.")
        await feed.status("running")
        await feed.status("waiting", after=await feed.status("running"))

    roles = [role for role, _ in await admin.history(chat["id"])]
    assert sent["queued"]
    assert roles == ["user", "assistant", "tool", "user", "assistant"]
    assert feed.story[-4:] == ["running", "message_part", "assistant", "waiting"]


async def test_a_message_to_a_parked_chat_waits(admin: Person, puppet: Puppet) -> None:
    chat = await _parked(admin, puppet)

    sent = await admin.send(chat["id"], "next")

    assert sent["queued"]
    assert (await admin.settled(chat["id"], "requires_action"))["id"] == chat["id"]


async def test_an_edit_takes_the_calls_back(admin: Person, puppet: Puppet) -> None:
    """Nothing of them is left to answer."""
    chat = await _parked(admin, puppet)
    first = (await _messages(admin, chat["id"]))[0]

    path = f"/chats/{chat['id']}/messages/{first['id']}"
    await admin.call("PATCH", path, {"content": [{"type": "text", "text": "again"}]})
    await puppet.asked(2)
    puppet.answer("Fine.")
    await admin.settled(chat["id"], "waiting")
    late = await _submit(admin, chat["id"], _result())

    assert [role for role, _ in await admin.history(chat["id"])] == [
        "user",
        "assistant",
    ]
    assert late.status_code == 409


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[World]:
    """A server that hardly waits for its clients."""
    async with open_world(tmp_path, action_seconds=0.05) as found:
        yield found


async def test_a_client_that_stays_away_ends_the_turn_with_an_error(
    hasty: World,
) -> None:
    """The calls are answered, the reason is told, and the chat can go on."""
    chat = await hasty.admin.create("hello", unsafe_dynamic_tools=TOOLS)
    await hasty.puppet.asked()
    async with hasty.admin.stream(chat["id"]) as feed:
        hasty.puppet.call("lookup", _PARIS)
        await feed.status("error")
        await hasty.admin.send(chat["id"], "go on")
        await hasty.puppet.asked(2)
        hasty.puppet.answer("Fine.")
        await feed.status("waiting")
    settled = await hasty.admin.settled(chat["id"])

    told = feed.story[feed.story.index("action_required") + 1 :]
    assert told[:3] == ["tool", "error", "error"]
    assert settled["status"] == "waiting"


async def test_a_deadline_outlives_the_server(tmp_path: Path) -> None:
    """A chat that was parked when the server ended is given up on by the next."""
    async with open_world(tmp_path) as world:
        chat = await _parked(world.admin, world.puppet)
    with closing(sqlite3.connect(world.path)) as database, database:
        database.execute("UPDATE chats SET action_deadline = '2001-01-01 00:00:00'")

    settings = ServerSettings(database=world.path)
    async with Service.running(settings, Puppet().build) as service:

        async def is_given_up() -> bool:
            async with service.database.read() as connection:
                row = await get_chat(connection, chat["id"])
            return row is not None and row.status == "error"

        await eventually(is_given_up)
