"""An agent calls functions of this process, over a real server and real sockets."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import ConflictError
from coderchat_jupyter.server.providers._protocol import ToolCall
from coderchat_jupyter.session import ChatSession, background, tool
from coderchat_jupyter.wire.tools import ToolResult
from tests.fakes.puppet import Puppet
from tests.server.world import Person
from tests.session.tools.asking import goes_on, lookup, results


async def test_an_agent_calls_a_function_and_reads_what_it_gave(
    client: Client, puppet: Puppet
) -> None:
    """It is told of the function before, and gets a JSON value after."""
    session = await ChatSession.create(client, "weather?", tools=[lookup])
    await goes_on(puppet, ToolCall("call_1", "lookup", '{"city": "Paris"}'))
    state = await session.idle()
    await session.aclose()

    (spec,) = [t for t in puppet.calls[0].tools if t.name == "lookup"]
    assert spec.description == "Weather of a city."
    assert state.status == "waiting"
    assert [message.role for message in state.messages] == [
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    # Keys come back in the order in which the server keeps objects.
    assert results(puppet) == {
        "call_1": ('{"sky": "blue", "city": "Paris", "days": 1}', False)
    }


async def test_all_calls_of_a_step_are_answered_in_one_post(
    client: Client, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Good ones, broken ones, unknown ones, those with arguments that do not fit."""
    posts: list[list[ToolResult]] = []
    submit = client.tools.submit

    async def noted(chat_id: Any, given: Any) -> None:
        posts.append(list(given))
        await submit(chat_id, given)

    monkeypatch.setattr(client.tools, "submit", noted)

    @tool
    async def breaks() -> None:
        raise ValueError("no such station")

    session = await ChatSession.create(client, "weather?", tools=[lookup, breaks])
    await goes_on(
        puppet,
        ToolCall("call_1", "lookup", '{"city": "Paris", "days": 3}'),
        ToolCall("call_2", "breaks", ""),
        ToolCall("call_3", "lookup", '{"days": "many"}'),
    )
    await session.idle()
    await session.aclose()

    told = results(puppet)
    assert len(posts) == 1
    assert [result.tool_call_id for result in posts[0]] == [
        "call_1",
        "call_2",
        "call_3",
    ]
    assert told["call_2"] == ("ValueError: no such station", True)
    text, is_error = told["call_3"]
    assert is_error
    assert "city: Field required" in text
    assert "days: Input should be a valid integer" in text


async def test_functions_run_beside_each_other_and_beside_the_session(
    client: Client, puppet: Puppet
) -> None:
    """Plain ones on threads, coroutines on the loop; none has to wait for another."""
    meeting = threading.Barrier(2, timeout=10)
    places: dict[str, threading.Thread] = {}

    def first() -> str:
        places["first"] = threading.current_thread()
        meeting.wait()
        return "met"

    def second() -> str:
        places["second"] = threading.current_thread()
        meeting.wait()
        return "met"

    async def third() -> str:
        places["third"] = threading.current_thread()
        return "met"

    session = await ChatSession.create(client, "meet", tools=[first, second, third])
    calls = [ToolCall(name, name, "{}") for name in ("first", "second", "third")]
    await goes_on(puppet, *calls)
    await session.idle()
    loop_thread = background()._thread
    await session.aclose()

    assert set(results(puppet).values()) == {('"met"', False)}
    assert places["third"] is loop_thread
    assert loop_thread not in (places["first"], places["second"])


async def test_a_session_on_a_parked_chat_finds_the_calls_in_its_history(
    admin: Person, client: Client, puppet: Puppet
) -> None:
    """The event was told before anybody listened; nobody tells it again."""
    chat = await admin.create(unsafe_dynamic_tools=[{"name": "lookup"}])
    await puppet.asked()
    puppet.call("lookup", '{"city": "Rome"}')
    await admin.settled(chat["id"], "requires_action")

    session = await ChatSession.open(client, chat["id"], tools=[lookup])
    await puppet.asked(2)
    puppet.answer("Fine.")
    await session.idle()
    await session.aclose()

    assert results(puppet)["call_1"][0].endswith('"city": "Rome", "days": 1}')


async def test_a_session_without_tools_leaves_the_calls_to_others(
    admin: Person, client: Client, puppet: Puppet
) -> None:
    chat = await admin.create(unsafe_dynamic_tools=[{"name": "lookup"}])
    viewer = await ChatSession.open(client, chat["id"])
    await puppet.asked()
    puppet.call("lookup", '{"city": "Rome"}')
    await viewer.until(lambda state: state.status == "requires_action")

    owner = await ChatSession.open(client, chat["id"], tools=[lookup])
    await puppet.asked(2)
    puppet.answer("Fine.")
    await viewer.idle()
    await viewer.aclose()
    await owner.aclose()

    assert viewer.tools == ()
    assert not results(puppet)["call_1"][1]


async def test_several_sessions_on_a_chat_run_a_call_once(
    world: Any, client: Client, puppet: Puppet
) -> None:
    """Also if their clients are different ones."""
    ran: list[str] = []

    def count(word: str) -> int:
        ran.append(word)
        return len(ran)

    async with Client(world.url, world.admin.account.token) as another:
        one = await ChatSession.create(client, "count", tools=[count])
        two = await ChatSession.open(client, one.chat_id, tools=[count])
        three = await ChatSession.open(another, one.chat_id, tools=[count])
        await goes_on(puppet, ToolCall("call_1", "count", '{"word": "a"}'))
        await asyncio.gather(one.idle(), two.idle(), three.idle())
        for session in (one, two, three):
            await session.aclose()

    assert ran == ["a"]


async def test_an_id_that_is_used_again_is_a_new_call(
    client: Client, puppet: Puppet
) -> None:
    """Some providers number the calls of each step from the start."""
    ran: list[str] = []

    def count(word: str) -> int:
        ran.append(word)
        return len(ran)

    session = await ChatSession.create(client, "count", tools=[count])
    await puppet.asked()
    puppet.call("count", '{"word": "a"}', "call_0")
    await puppet.asked(2)
    puppet.call("count", '{"word": "b"}', "call_0")
    await puppet.asked(3)
    puppet.answer("Two.")
    await session.idle()
    await session.aclose()

    assert ran == ["a", "b"]


async def test_a_conflict_after_a_race_is_no_error(
    client: Client, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else was quicker: the chat goes on, and so does the session."""
    submit = client.tools.submit

    async def beaten(chat_id: Any, given: Any) -> None:
        others = [r.model_copy(update={"output": "theirs"}) for r in given]
        await submit(chat_id, others)
        with pytest.raises(ConflictError):
            await submit(chat_id, given)
        await submit(chat_id, given)

    monkeypatch.setattr(client.tools, "submit", beaten)
    session = await ChatSession.create(client, "weather?", tools=[lookup])
    await goes_on(puppet, ToolCall("call_1", "lookup", '{"city": "Paris"}'))
    state = await session.idle()
    await session.aclose()

    assert results(puppet) == {"call_1": ('"theirs"', False)}
    assert state.status == "waiting"
