"""A chat against a model of what it may do, whatever is done to it in which order.

The model is written from the protocol, not from the table that the engine has.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from coderchat_jupyter.server.engine import commands
from coderchat_jupyter.server.engine.families import set_archived
from coderchat_jupyter.server.engine.moves import Move
from coderchat_jupyter.server.engine.parking import GivenResult, park, submit_results
from coderchat_jupyter.server.engine.step import stored
from coderchat_jupyter.server.engine.transitions import Trigger
from coderchat_jupyter.server.failures import RequestError
from coderchat_jupyter.server.storage import chats, messages
from coderchat_jupyter.server.storage.rows import NewMessage
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.parts import TextPart, ToolCallPart
from tests.server.engine.chat_model import (
    ChatModel,
    Engine,
    FakeRun,
    open_engine,
    said,
)

FAILURE = ChatError(message="It failed.", kind="generic")
TOOL = {"name": "lookup", "description": "", "input_schema": {"type": "object"}}
MAX_QUEUED = 20


class _CrashError(Exception):
    """Something broke in the middle of a move."""


class ChatMachine(RuleBasedStateMachine):
    server: ClassVar[Engine]

    def __init__(self) -> None:
        super().__init__()
        self.model = ChatModel()
        self.number = 0
        self.calls = 0
        self.sent = {"first"}
        self.dropped: set[str] = set()
        self.run_: FakeRun | None = None
        self.chat = self.server.run(self._create())

    async def _create(self) -> ChatId:
        user = self.server.account.user
        chat = await commands.create_chat(
            self.server.moves,
            user,
            (stored(TextPart(text="first")),),
            organization_id=user.organization_ids[0],
            model_config_id=ModelConfigId(self.server.model),
            title="first",
            system_prompt="",
            labels={},
            client_type="api",
            dynamic_tools=[TOOL],
        )
        return chat.id

    def _text(self) -> str:
        self.number += 1
        return f"message {self.number}"

    def _refused(self, work: Awaitable[object], status: int) -> None:
        with pytest.raises(RequestError) as caught:
            self.server.run(work)
        assert caught.value.status == status

    def _apply(self, change: Callable[[Move], Awaitable[object]]) -> None:
        async def moved() -> None:
            async with self.server.moves.move(self.chat) as move:
                await change(move)

        self.server.run(moved())

    def _ended(self) -> None:
        """The run is over, by itself or by somebody's hand."""
        self.server.moves.runs.pop(self.chat, None)
        self.run_ = None

    @initialize(begun=st.sampled_from(["pending", "busy", "parked", "failed"]))
    def begin(self, begun: str) -> None:
        """Start where chance alone seldom gets: with a queue behind a run."""
        if begun == "pending":
            return
        self.acquire()
        self.send(interrupting=False)
        self.send(interrupting=False)
        if begun == "parked":
            self.call_a_tool()
        elif begun == "failed":
            self.end(fails=True)

    @rule(interrupting=st.booleans())
    def send(self, interrupting: bool) -> None:
        model, text = self.model, self._text()
        work = commands.send_message(
            self.server.moves,
            self.chat,
            self.server.account.user,
            (stored(TextPart(text=text)),),
            model_config_id=None,
            interrupting=interrupting,
        )
        if model.archived:
            self._refused(work, 400)
            return
        if len(model.queue) >= MAX_QUEUED:
            self._refused(work, 429)
            return
        self.server.run(work)
        self.sent.add(text)
        if model.rests and not model.queue:
            model.begin(text)
            return
        model.queue.append(text)
        if model.rests:
            model.promote()
        elif interrupting and model.status in ("running", "requires_action"):
            model.cut()

    @rule(which=st.integers(0, 9))
    def edit(self, which: int) -> None:
        model, text = self.model, self._text()
        place = which % len(model.history)
        rows = self.server.run(self._rows())
        users = [row for row in rows if row.role == "user"]
        work = commands.edit_message(
            self.server.moves,
            self.chat,
            users[place].id,
            self.server.account.user,
            (stored(TextPart(text=text)),),
            model_config_id=None,
        )
        if model.archived:
            self._refused(work, 400)
            return
        self.server.run(work)
        self.sent.add(text)
        self.dropped |= {*model.history[place:], *model.queue}
        del model.history[place:]
        model.queue.clear()
        model.begin(text)

    @rule()
    def interrupt(self) -> None:
        self.server.run(commands.interrupt(self.server.moves, self.chat))
        if self.model.rests:
            self.model.status, self.model.failed = "waiting", False
        elif self.model.status != "pending":
            self.model.cut()

    @precondition(lambda self: self.model.queue)
    @rule(which=st.integers(0, 19))
    def promote(self, which: int) -> None:
        model = self.model
        queue = self.server.run(self._queue())
        entry = queue[which % len(queue)]
        work = commands.promote(self.server.moves, self.chat, entry.id)
        if model.archived:
            self._refused(work, 400)
            return
        self.server.run(work)
        model.queue.insert(0, model.queue.pop(which % len(queue)))
        model.promote()

    @precondition(lambda self: self.model.queue)
    @rule(which=st.integers(0, 19))
    def drop(self, which: int) -> None:
        queue = self.server.run(self._queue())
        entry = queue[which % len(queue)]
        self.server.run(commands.drop_queued(self.server.moves, self.chat, entry.id))
        self.dropped.add(self.model.queue.pop(which % len(queue)))

    @rule(archived=st.booleans())
    def archive(self, archived: bool) -> None:
        model = self.model
        work = set_archived(self.server.moves, self.chat, archived=archived)
        if archived == model.archived:
            self._refused(work, 400)
            return
        self.server.run(work)
        model.archived = archived
        if archived and model.status in ("pending", "running"):
            if model.status == "running":
                model.failed = False
            model.status = "waiting"

    @rule()
    def acquire(self) -> None:
        run = FakeRun()

        async def acquired(move: Move) -> None:
            if move.chat.archived:
                return
            if await move.apply(Trigger.ACQUIRE) is not None:
                self.server.moves.runs[self.chat] = self.run_ = run

        self._apply(acquired)
        if self.model.status == "pending" and not self.model.archived:
            self.model.status = "running"

    @precondition(lambda self: self.model.status == "running")
    @rule(fails=st.booleans())
    def end(self, fails: bool) -> None:
        model = self.model
        self._ended()

        async def ended(move: Move) -> None:
            if fails:
                await move.apply(Trigger.FAIL, error=FAILURE)
            else:
                await move.store(said("assistant", "answer"))
                await move.apply(Trigger.FINISH)

        self._apply(ended)
        if fails:
            model.status, model.failed = "error", True
        else:
            model.status, model.failed = "waiting", False
            model.promote()

    @precondition(lambda self: self.model.status == "running")
    @rule()
    def call_a_tool(self) -> None:
        self._ended()
        self.calls += 1
        call = ToolCallPart(
            tool_call_id=f"call_{self.calls}", tool_name="lookup", args={}
        )

        async def parked(move: Move) -> None:
            content = (stored(call),)
            await move.store(NewMessage(role="assistant", content=content))
            await park(move, {}, 300)

        self._apply(parked)
        self.model.status = "requires_action"

    @rule()
    def answer_the_call(self) -> None:
        model = self.model
        given = GivenResult(call_id=f"call_{self.calls}", output={"sky": "blue"})
        work = submit_results(
            self.server.moves, self.chat, self.server.account.user, [given]
        )
        if model.archived:
            self._refused(work, 400)
        elif model.status != "requires_action":
            self._refused(work, 409)
        else:
            self.server.run(work)
            model.status = "pending"

    @precondition(lambda self: self.model.status == "requires_action")
    @rule()
    def answer_too_late(self) -> None:
        self._apply(lambda move: move.apply(Trigger.TIME_OUT, error=FAILURE))
        self.model.status, self.model.failed = "error", True

    @rule()
    def start_again(self) -> None:
        """The server died: its runs are gone, and nobody stopped them."""
        self._ended()
        self._apply(lambda move: move.apply(Trigger.RECOVER))
        if self.model.status == "running":
            self.model.status = "pending"

    @rule(
        trigger=st.sampled_from(
            [Trigger.INTERRUPT, Trigger.PROMOTE, Trigger.ARCHIVE, Trigger.FAIL]
        )
    )
    def crash(self, trigger: Trigger) -> None:
        """What breaks in the middle of a move has never happened."""

        async def broken(move: Move) -> None:
            await move.store(said("user", "never"))
            await move.apply(
                trigger, error=FAILURE if trigger is Trigger.FAIL else None
            )
            raise _CrashError

        with pytest.raises(_CrashError):
            self._apply(broken)

    @invariant()
    def the_chat_is_as_the_model_says(self) -> None:
        model = self.model

        async def seen() -> tuple[Any, ...]:
            async with self.server.moves.database.read() as connection:
                chat = await chats.get_chat(connection, self.chat)
                queue = await messages.list_queue(connection, self.chat)
                rows = await messages.list_messages(connection, self.chat)
            return chat, queue, rows

        chat, queue, rows = self.server.run(seen())
        history = [_text(row) for row in rows if row.role == "user"]
        waiting = [_text(entry) for entry in queue]
        assert (chat.status, chat.archived) == (model.status, model.archived)
        assert (chat.last_error is not None) == model.failed
        assert (history, waiting) == (model.history, model.queue)
        # Nothing that was acknowledged is lost, and nothing is there twice.
        assert len({*history, *waiting}) == len(history) + len(waiting)
        assert {*history, *waiting} == self.sent - self.dropped
        # Every call of the past has its result, or no vendor would take the history.
        parts = [part for row in rows for part in row.content]
        calls = [p["tool_call_id"] for p in parts if p["type"] == "tool-call"]
        results = [p["tool_call_id"] for p in parts if p["type"] == "tool-result"]
        if model.status != "requires_action":
            assert sorted(calls) == sorted(results)

    @invariant()
    def a_run_goes_on_exactly_while_its_chat_runs(self) -> None:
        run = self.server.moves.runs.get(self.chat)
        assert (run is not None) == (self.model.status == "running")
        if isinstance(run, FakeRun):
            assert not (run.is_stopped or run.is_cancelled)

    async def _rows(self) -> list[Any]:
        async with self.server.moves.database.read() as connection:
            return list(await messages.list_messages(connection, self.chat))

    async def _queue(self) -> list[Any]:
        async with self.server.moves.database.read() as connection:
            return list(await messages.list_queue(connection, self.chat))


def _text(row: Any) -> str:
    return "".join(part.get("text", "") for part in row.content)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Engine]:
    with open_engine(tmp_path) as engine:
        yield engine


def test_a_chat_does_what_the_protocol_says(server: Engine) -> None:
    run_state_machine_as_test(
        type("Machine", (ChatMachine,), {"server": server}),
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
