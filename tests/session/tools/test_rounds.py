"""Calls that come another way, and posts that do not go through at once."""

from __future__ import annotations

import asyncio
import gc
import logging
from typing import Annotated, Any, Final

import pytest
from pydantic import AfterValidator

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import ApiError, ConnectionLostError, ForbiddenError
from coderchat_jupyter.server.providers._protocol import ToolCall, ToolResultContent
from coderchat_jupyter.session import (
    ChatSession,
    background,
    shutdown_background,
    tool,
)
from coderchat_jupyter.session.tools import ToolLike, _desks, as_tools
from coderchat_jupyter.session.tools._runner import ToolRunner
from coderchat_jupyter.wire.tools import DynamicToolCall, DynamicToolResponse
from tests.fakes.puppet import Puppet
from tests.server.world import Person, World, eventually

_A: Final = '{"word": "a"}'
_TWO = [{"name": "count"}, {"name": "other"}]


class _Counter:
    """A tool that remembers what it was called with."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def count(self, word: str) -> int:
        """Count words."""
        self.words.append(word)
        return len(self.words)


@pytest.fixture
def counter() -> _Counter:
    return _Counter()


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams that never tell a runner what changed."""
    monkeypatch.setattr(ToolRunner, "_look", lambda _: None)


def _told(puppet: Puppet) -> dict[str, tuple[str, bool]]:
    parts = [part for message in puppet.calls[-1].messages for part in message.parts]
    found = [part for part in parts if isinstance(part, ToolResultContent)]
    return {part.call_id: (part.text, part.is_error) for part in found}


async def _one_call(
    client: Client, puppet: Puppet, function: ToolLike, args: str = "{}"
) -> None:
    """A chat whose agent calls one function, reads the result and answers."""
    session = await ChatSession.create(client, "go", tools=[function])
    await puppet.asked()
    puppet.call(as_tools([function])[0].name, args)
    await puppet.asked(2)
    puppet.answer("Done.")
    await session.idle()
    await session.aclose()


async def _parked(admin: Person, puppet: Puppet, *calls: ToolCall) -> Any:
    chat = await admin.create(unsafe_dynamic_tools=_TWO)
    await puppet.asked()
    puppet.say(*calls)
    puppet.finish("tool_calls")
    await admin.settled(chat["id"], "requires_action")
    return chat["id"]


@pytest.mark.usefixtures("deaf")
async def test_a_call_that_only_the_watch_tells_is_answered(
    client: Client, puppet: Puppet, counter: _Counter
) -> None:
    """As on a replica that does not run the chat."""
    await _one_call(client, puppet, counter.count, _A)

    assert counter.words == ["a"]


@pytest.mark.usefixtures("deaf")
async def test_calls_that_were_left_out_of_an_event_are_found(
    admin: Person, client: Client, puppet: Puppet, counter: _Counter
) -> None:
    """What ran already does not run again."""
    calls = [ToolCall(f"call_{w}", "count", f'{{"word": "{w}"}}') for w in "ab"]
    chat_id = await _parked(admin, puppet, *calls)
    session = await ChatSession.open(client, chat_id, tools=[counter.count])
    (runner,) = _desks._runners.values()
    first = DynamicToolCall(
        tool_call_id="call_a", tool_name="count", args='{"word": "a"}'
    )

    background().loop.call_soon_threadsafe(runner.hear, [first])
    await puppet.asked(2)
    puppet.answer("Two.")
    await session.idle()
    await session.aclose()

    assert counter.words == ["a", "b"]
    assert _told(puppet) == {"call_a": ("1", False), "call_b": ("2", False)}


async def test_a_tool_that_this_session_does_not_have_is_an_error_for_the_model(
    admin: Person, client: Client, puppet: Puppet, counter: _Counter
) -> None:
    """It is told what there is, and the turn goes on."""
    chat_id = await _parked(admin, puppet, ToolCall("call_1", "other", "{}"))

    session = await ChatSession.open(client, chat_id, tools=[counter.count])
    await puppet.asked(2)
    puppet.answer("Then not.")
    state = await session.idle()
    await session.aclose()

    assert _told(puppet)["call_1"] == (
        "There is no tool 'other' here. There are: count.",
        True,
    )
    assert state.status == "waiting"


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_post_that_may_not_have_arrived_is_made_again(
    client: Client,
    puppet: Puppet,
    counter: _Counter,
    monkeypatch: pytest.MonkeyPatch,
    arrives: bool,
) -> None:
    """If it did, the second meets a chat that does not wait, which is fine."""
    submit = client.tools.submit
    posts: list[Any] = []

    async def lost(chat_id: Any, results: Any) -> None:
        posts.append(results)
        if len(posts) > 1 or arrives:
            await submit(chat_id, results)
        if len(posts) == 1:
            raise ConnectionLostError("The connection broke.")

    monkeypatch.setattr(client.tools, "submit", lost)
    await _one_call(client, puppet, counter.count, _A)

    assert counter.words == ["a"]
    assert _told(puppet) == {"call_1": ("1", False)}
    assert not _desks._runners


async def test_results_that_the_server_refuses_become_errors(
    client: Client,
    puppet: Puppet,
    counter: _Counter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever it dislikes about them, the turn must not hang for five minutes."""
    submit = client.tools.submit

    async def picky(chat_id: Any, results: Any) -> None:
        # Too much of it is what the server itself refuses.
        fat = [
            r.model_copy(update={"output": r.output if r.is_error else "x" * 300_000})
            for r in results
        ]
        await submit(chat_id, fat)

    monkeypatch.setattr(client.tools, "submit", picky)
    await _one_call(client, puppet, counter.count, _A)

    assert counter.words == ["a"]
    assert _told(puppet) == {"call_1": ("The result could not be delivered.", True)}


async def test_a_failure_that_stays_is_logged_without_what_was_said(
    client: Client,
    puppet: Puppet,
    counter: _Counter,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The session lives on: stopping the chat by hand mends it."""

    async def refused(chat_id: Any, results: Any) -> None:
        raise ForbiddenError("sesame", status=403, call="POST /x", detail="sesame")

    monkeypatch.setattr(client.tools, "submit", refused)
    with caplog.at_level(logging.INFO):
        session = await ChatSession.create(client, "go", tools=[counter.count])
        await puppet.asked()
        puppet.call("count", '{"word": "sesame"}')
        await session.until(lambda state: state.status == "requires_action")

        async def is_logged() -> bool:
            return "no tool results" in caplog.text

        await eventually(is_logged)
        await session.stop()
        state = await session.idle()
        await session.aclose()

    told = [r.getMessage() for r in caplog.records if "no tool results" in r.message]
    assert told == [f"Chat {session.chat_id} got no tool results: ForbiddenError"]
    assert "sesame" not in caplog.text
    assert counter.words == ["sesame"]
    assert state.status == "waiting"


async def test_a_function_cannot_end_the_process_or_the_loop(
    client: Client, puppet: Puppet
) -> None:
    """Whether it runs on a thread or on the loop; nor break a future."""

    async def leave() -> None:
        raise SystemExit(3)

    def interrupt() -> None:
        raise KeyboardInterrupt

    def run_dry() -> None:
        raise StopIteration

    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("mute")

    def mutter() -> None:
        raise MuteError

    functions = [leave, interrupt, run_dry, mutter]
    session = await ChatSession.create(client, "go", tools=functions)
    await puppet.asked()
    puppet.say(*(ToolCall(f.__name__, f.__name__, "{}") for f in functions))
    puppet.finish("tool_calls")
    await puppet.asked(2)
    puppet.answer("Still here.")
    state = await session.idle()
    await session.aclose()

    assert _told(puppet) == {
        "leave": ("SystemExit: 3", True),
        "interrupt": ("KeyboardInterrupt", True),
        "run_dry": ("StopIteration", True),
        "mutter": ("MuteError", True),
    }
    assert state.status == "waiting"


async def test_an_error_tells_the_model_no_places(
    client: Client, puppet: Puppet
) -> None:
    """Type and message, but neither the path of a file of ours nor what caused it."""

    @tool
    def fetch() -> None:
        try:
            raise ConnectionError("inner secret")
        except ConnectionError as error:
            raise LookupError("no such row") from error

    await _one_call(client, puppet, fetch)

    assert _told(puppet) == {"call_1": ("LookupError: no such row", True)}


async def test_a_server_in_trouble_is_tried_again(
    client: Client,
    puppet: Puppet,
    counter: _Counter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    submit = client.tools.submit
    troubles = [ApiError("down", status=503, call="POST /x")]

    async def shaky(chat_id: Any, results: Any) -> None:
        if troubles:
            raise troubles.pop()
        await submit(chat_id, results)

    monkeypatch.setattr(client.tools, "submit", shaky)
    await _one_call(client, puppet, counter.count, _A)

    assert counter.words == ["a"]


async def test_a_session_that_is_let_go_answers_no_more(
    client: Client, counter: _Counter
) -> None:
    """Nobody has to close what nobody holds."""
    await ChatSession.create(client, "go", tools=[counter.count])

    async def is_forgotten() -> bool:
        gc.collect()
        return not _desks._runners

    await eventually(is_forgotten)


async def test_a_session_of_another_loop_takes_up_where_the_first_ended(
    world: World, client: Client, puppet: Puppet, counter: _Counter
) -> None:
    """The first was not closed: its loop was ended under it."""
    first = await ChatSession.create(client, "go", tools=[counter.count])
    await background().hop(client.aclose())
    await asyncio.to_thread(shutdown_background)
    async with Client(world.url, world.admin.account.token) as another:
        tools = [counter.count]
        second = await ChatSession.open(another, first.chat_id, tools=tools)
        await puppet.asked()
        puppet.call("count", '{"word": "a"}')
        await puppet.asked(2)
        puppet.answer("One.")
        await second.idle()
        await second.aclose()
        await first.aclose()

    assert counter.words == ["a"]
    assert not _desks._runners


async def test_a_validator_that_breaks_is_an_error_for_the_model(
    client: Client, puppet: Puppet
) -> None:
    """Types of users run code of theirs."""

    def check(value: str) -> str:
        raise AttributeError("no such colour")

    @tool
    def paint(colour: Annotated[str, AfterValidator(check)]) -> None:
        raise AssertionError("it must not be called")

    await _one_call(client, puppet, paint, '{"colour": "red"}')

    assert _told(puppet) == {"call_1": ("AttributeError: no such colour", True)}


async def test_a_function_may_say_that_it_failed_without_raising(
    client: Client, puppet: Puppet
) -> None:
    """In words of its own."""

    @tool
    def book(seat: str) -> DynamicToolResponse:
        return DynamicToolResponse(content=f"{seat} is taken", is_error=True)

    await _one_call(client, puppet, book, '{"seat": "4A"}')

    assert _told(puppet) == {"call_1": ('"4A is taken"', True)}
