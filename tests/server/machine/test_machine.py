"""Chats against a model, on servers that may die wherever something is awaited.

`MACHINE=200 pytest tests/server/machine` plays more lives; each has up to 30 steps.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from tests.server.databases import BOTH
from tests.server.machine.life import Life, living
from tests.server.machine.model import Chat
from tests.server.machine.power import PowerCutError
from tests.server.machine.seen import Seen

_LIVES: Final = int(os.environ.get("MACHINE", "5"))
_STEPS: Final = 30
_POINTS: Final = 60
"""More than any act has."""


@dataclass(frozen=True)
class Act:
    """Something that is done to a chat.

    Attributes:
        request: Method, path below the chat, and body; None if the vendor does it.
        vendor: What the vendor does.
        effect: What becomes of the model; the status of a refusal, or nothing.
    """

    effect: Callable[[Chat], int | None]
    request: tuple[str, str, object] | None = None
    vendor: Callable[[], None] | None = None


_ACTS: Final = (
    "send",
    "send",
    "send_interrupting",
    "edit",
    "interrupt",
    "promote",
    "drop",
    "archive",
    "results",
    "results",
    "wrong_results",
    "say",
    "say",
    "finish",
    "finish",
    "call",
    "call",
    "fail",
)


class Machine(RuleBasedStateMachine):
    """Two chats of one user."""

    life: ClassVar[Life]
    lives: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.models: dict[str, Chat] = {}
        self.names: dict[str, str] = {}
        self.micros_before = self.life.run(self._micros())

    @initialize(point=st.integers(1, _POINTS))
    def begin(self, point: int) -> None:
        """Two chats; the server of the first dies when it is parked, and sent to."""
        type(self).lives += 1
        for place in range(2):
            name, words = f"chat {self.lives}.{place}", self._word()
            chat = self.life.run(self.life.create(name, words))
            self.names[chat] = name
            self.models[chat] = Chat(history=[("user", words)])
        self._settle()
        first = next(iter(self.models))
        self._do(first, self._call(first, 0))
        self._settle()
        self._die(first, self._send(first, 0), point)

    def _word(self) -> str:
        self.number += 1
        return f"w{self.number}."

    # Each makes an act; None where it means nothing.

    def _send(self, chat: str, _: int, *, interrupting: bool = False) -> Act:
        words = self._word()
        body = {
            "content": [{"type": "text", "text": words}],
            "busy_behavior": "interrupt" if interrupting else "queue",
        }
        return Act(
            lambda model: model.send(words, interrupting=interrupting),
            ("POST", "/messages", body),
        )

    def _send_interrupting(self, chat: str, number: int) -> Act:
        return self._send(chat, number, interrupting=True)

    def _edit(self, chat: str, number: int) -> Act:
        words = self._word()
        users = self.life.run(Seen.ids(self.life, chat))
        place = number % len(users)
        body = {"content": [{"type": "text", "text": words}]}
        return Act(
            lambda model: model.edit(place, words),
            ("PATCH", f"/messages/{users[place]}", body),
        )

    def _interrupt(self, chat: str, _: int) -> Act:
        return Act(lambda model: model.interrupt(), ("POST", "/interrupt", None))

    def _promote(self, chat: str, number: int) -> Act | None:
        place, entry = self._queued(chat, number)
        path = f"/queue/{entry}/promote"
        return entry and Act(lambda m: m.promote(place), ("POST", path, None))

    def _drop(self, chat: str, number: int) -> Act | None:
        place, entry = self._queued(chat, number)
        path = f"/queue/{entry}"
        return entry and Act(lambda m: m.drop(place), ("DELETE", path, None))

    def _queued(self, chat: str, number: int) -> Any:
        queue = self.life.run(Seen.queue_ids(self.life, chat))
        place = number % len(queue) if queue else 0
        return place, queue[place] if queue else None

    def _archive(self, chat: str, number: int) -> Act:
        # More often out than in, or nothing else would happen.
        archived = number % 4 == 0
        return Act(
            lambda model: model.archive(archived=archived),
            ("PATCH", "", {"archived": archived}),
        )

    def _results(self, chat: str, _: int) -> Act:
        return self._given(dict.fromkeys(self.models[chat].calls, "right") or {"x": ""})

    def _wrong_results(self, chat: str, number: int) -> Act:
        calls = dict.fromkeys(self.models[chat].calls, "more") | {"other": "none"}
        if number % 2:
            calls = {"other": "none"}
        return self._given(calls)

    def _given(self, outputs: dict[str, str]) -> Act:
        results = [{"tool_call_id": c, "output": told} for c, told in outputs.items()]
        return Act(
            lambda model: model.results(outputs),
            ("POST", "/tool-results", {"results": results}),
        )

    def _say(self, chat: str, _: int) -> Act | None:
        words = self._word()
        return self._by_vendor(chat, lambda m: m.say(words), "say", words)

    def _finish(self, chat: str, _: int) -> Act | None:
        return self._by_vendor(chat, lambda m: m.finish(), "finish")

    def _call(self, chat: str, _: int) -> Act | None:
        call_id = f"call_{self._word()}"
        return self._by_vendor(
            chat, lambda m: m.call(call_id), "call", "lookup", call_id
        )

    def _fail(self, chat: str, _: int) -> Act | None:
        stage, name = self.life.stage, self.names[chat]
        if self.models[chat].status != "running":
            return None
        return Act(lambda m: m.fail(), vendor=lambda: stage.fail(name, status=400))

    def _by_vendor(
        self, chat: str, effect: Callable[[Chat], None], what: str, *words: str
    ) -> Act | None:
        if self.models[chat].status != "running":
            return None
        act, name = getattr(self.life.stage, what), self.names[chat]
        return Act(effect, vendor=lambda: act(name, *words))

    # What happens.

    @rule(
        which=st.booleans(),
        what=st.sampled_from(_ACTS),
        number=st.integers(0, 19),
        point=st.none() | st.integers(1, _POINTS),
    )
    def act(self, which: bool, what: str, number: int, point: int | None) -> None:
        """Something is done, and has its effect; or the server dies in the middle."""
        chat = [*self.models][which]
        made = getattr(self, f"_{what}")(chat, number)
        if made is None:
            return
        if point is None:
            self._do(chat, made)
        else:
            self._die(chat, made, point)

    def _die(self, chat: str, act: Act, point: int) -> None:
        """It was done, or never happened."""
        before, after = deepcopy(self.models), self.models
        act.effect(after[chat])
        told = self.life.run(self._do_without_power(chat, act, point))
        for model in (*before.values(), *after.values()):
            model.die()
            model.pass_time()
        either = [after] if told else [after, before]
        waiting = self.life.until(lambda: self._none(either), time_passes=True)
        self.life.run(waiting)
        self.models = next(m for m in either if not self.life.run(self._wrong(m)))

    @rule()
    def retry(self) -> None:
        """A vendor that is busy for a moment is asked again, from the start."""
        for chat, model in self.models.items():
            if model.status == "running":
                self.life.stage.fail(self.names[chat], status=503)
                model.break_off()
        self.life.run(self.life.until(self._nobody_is_asked))
        self._pass_time()

    @rule()
    def wait(self) -> None:
        """Nothing happens, for longer than anybody waits."""
        self._pass_time()

    def _pass_time(self) -> None:
        self.life.run(self.life.pass_time())
        for model in self.models.values():
            model.pass_time()

    def _do(self, chat: str, act: Act | None) -> None:
        assert act is not None
        refused = act.effect(self.models[chat])
        if act.vendor is not None:
            act.vendor()
        else:
            answer = self.life.run(self._request(chat, act))
            assert answer == refused or (not refused and 200 <= answer < 300)

    async def _request(self, chat: str, act: Act) -> int:
        assert act.request is not None
        method, path, body = act.request
        return (await self.life.call(method, f"/{chat}{path}", body)).status_code

    async def _do_without_power(self, chat: str, act: Act, point: int) -> bool:
        """Do it until the power goes; whether it was acknowledged before."""
        self.life.power.left = point
        told = False
        try:
            if act.vendor is not None:
                act.vendor()
            else:
                told = await self._request(chat, act) < 300
            await self.life.until(self._is_over)
        except PowerCutError:
            pass
        await self.life.die()
        return told

    # What holds.

    def _settle(self) -> None:
        self.life.run(self.life.until(lambda: self._wrong(self.models)))

    async def _is_over(self) -> str:
        return "" if self.life.power.is_cut else await self._wrong(self.models)

    async def _none(self, models: list[dict[str, Chat]]) -> str:
        wrong = [await self._wrong(one) for one in models]
        return " AND ".join(wrong) if all(wrong) else ""

    async def _nobody_is_asked(self) -> str:
        asked = [n for n in self.names.values() if self.life.stage.calls(n)]
        return f"{asked} are asked" if asked else ""

    async def _wrong(self, models: dict[str, Chat]) -> str:
        """What is not as the models say; empty if all is."""
        for chat, model in models.items():
            name = self.names[chat]
            runs = model.status == "running"
            if self.life.stage.hears(name) != runs or self.life.stage.calls(name) > 1:
                return f"{name}: {self.life.stage.calls(name)} calls for {model}"
            if (chat in self.life.runs()) != runs:
                return f"{name}: {self.life.runs()} run, and {model}"
            if wrong := (await Seen.of(self.life, chat)).differs(model):
                return f"{name}: {wrong}"
        spent = await self._micros() - self.micros_before
        if spent != sum(model.micros for model in models.values()):
            return f"{spent} micros for {models}"
        return ""

    async def _micros(self) -> int:
        answer = await self.life.call("GET", "/cost/me/summary")
        return int(answer.json()["total_cost_micros"])

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        """Also what a stream tells."""
        self._settle()


@pytest.fixture
def life(address: DatabaseAddress) -> Iterator[Life]:
    with living(address) as life:
        yield life


# A server whose power is cut returns no connection to its pool, and the collector may
# come upon one at any time.
@pytest.mark.filterwarnings(
    "ignore:The garbage collector is trying to clean up:sqlalchemy.exc.SAWarning"
)
@BOTH
@pytest.mark.timeout(120 + 60 * _LIVES)
def test_chats_are_as_the_protocol_says_whenever_their_server_dies(
    life: Life, database_kind: str
) -> None:
    lives = _LIVES if database_kind == "sqlite" else max(1, _LIVES // 2)
    run_state_machine_as_test(
        type("Lived", (Machine,), {"life": life}),
        settings=settings(
            max_examples=lives,
            stateful_step_count=_STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert life.deaths
