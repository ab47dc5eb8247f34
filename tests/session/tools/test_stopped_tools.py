"""Calls of functions that are stopped, late, asked about or not wanted any more."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.server.providers._protocol import ToolCall
from coderchat_jupyter.session import ChatSession, ToolRequest, tool
from coderchat_jupyter.session.tools import ToolLike, _desks, _runner
from tests.fakes.clocks import LoopClock
from tests.fakes.puppet import Puppet
from tests.server.world import Person
from tests.session.tools.asking import goes_on, lookup, results


async def test_a_stop_ends_the_calls(client: Client, puppet: Puppet) -> None:
    """A coroutine is cancelled; what comes of it is not posted any more."""
    begun, ended = threading.Event(), threading.Event()

    async def dawdle() -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    session = await ChatSession.create(client, "wait", tools=[dawdle])
    await puppet.asked()
    puppet.call("dawdle")
    assert await asyncio.to_thread(begun.wait, 10)

    await session.stop()
    state = await session.idle()
    await session.aclose()

    assert ended.is_set()
    assert state.status == "waiting"
    result = state.messages[-1].content[0].result  # type: ignore[union-attr]
    assert result == "Tool execution interrupted by user"


async def test_a_call_that_somebody_else_ended_is_cancelled(
    admin: Person, client: Client, puppet: Puppet
) -> None:
    """The stream tells it, a moment later."""
    begun, ended = threading.Event(), threading.Event()

    async def dawdle() -> None:
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    session = await ChatSession.create(client, "wait", tools=[dawdle])
    await puppet.asked()
    puppet.call("dawdle")
    assert await asyncio.to_thread(begun.wait, 10)

    await admin.call("POST", f"/chats/{session.chat_id}/interrupt")

    assert await asyncio.to_thread(ended.wait, 10)
    await session.aclose()


async def test_a_function_that_takes_too_long_is_given_up_on(
    client: Client, puppet: Puppet
) -> None:
    """The others of its step are answered all the same."""
    release = threading.Event()

    @tool(timeout=0.05)
    def hang() -> None:
        release.wait(30)

    session = await ChatSession.create(client, "wait", tools=[hang, lookup])
    await goes_on(
        puppet,
        ToolCall("call_1", "hang", "{}"),
        ToolCall("call_2", "lookup", '{"city": "Oslo"}'),
    )
    await session.idle()
    await session.aclose()
    release.set()

    text, is_error = results(puppet)["call_1"]
    assert is_error
    assert "hang took longer than 0.05 seconds" in text
    assert not results(puppet)["call_2"][1]


def test_the_server_waits_longer_than_we_do() -> None:
    """Asking, running and posting end before it gives up."""
    assert _runner.BUDGET_SECONDS + _runner._POST_SECONDS < 300


async def test_who_wants_to_be_asked_is_asked(client: Client, puppet: Puppet) -> None:
    """No is an answer the agent can read; `tool` stands for all that follow."""
    asked: list[ToolRequest] = []

    def approve(request: ToolRequest) -> Any:
        asked.append(request)
        return "tool" if request.name == "lookup" else False

    def forbidden() -> None:
        raise AssertionError("it was not allowed")

    tools: list[ToolLike] = [lookup, forbidden]
    session = await ChatSession.create(client, "go", tools=tools, approve=approve)
    await goes_on(
        puppet,
        ToolCall("call_1", "lookup", '{"city": "Oslo"}'),
        ToolCall("call_2", "lookup", '{"city": "Bern"}'),
        ToolCall("call_3", "forbidden", "{}"),
    )
    await session.idle()
    await session.aclose()

    told = results(puppet)
    assert [request.name for request in asked] == ["lookup", "forbidden"]
    assert asked[0].arguments == {"city": "Oslo"}
    assert (told["call_1"][1], told["call_2"][1]) == (False, False)
    assert told["call_3"] == ("The user did not allow this call of forbidden.", True)


async def test_a_session_that_is_closed_answers_no_more(
    admin: Person, client: Client, puppet: Puppet
) -> None:
    """And leaves nothing behind."""
    session = await ChatSession.create(client, "weather?", tools=[lookup])
    await session.aclose()
    await session.aclose()
    await puppet.asked()
    puppet.call("lookup", '{"city": "Rome"}')

    chat = await admin.settled(session.chat_id, "requires_action")

    assert chat["status"] == "requires_action"
    assert not _desks._runners


async def test_whoever_is_asked_may_take_longer_than_the_function(
    client: Client, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of a tool begins when it runs, and this one needs none."""
    clock = LoopClock(monkeypatch)

    @tool(timeout=5)
    async def quick() -> str:
        return "done"

    async def approve(_: ToolRequest) -> bool:
        clock.jump(6)
        # A limit that is over is noticed when the loop turns.
        for _turn in range(3):
            await asyncio.sleep(0)
        return True

    session = await ChatSession.create(client, "go", tools=[quick], approve=approve)
    await goes_on(puppet, ToolCall("call_1", "quick", "{}"))
    await session.idle()
    await session.aclose()

    assert results(puppet) == {"call_1": ('"done"', False)}
