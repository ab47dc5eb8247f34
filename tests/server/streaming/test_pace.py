"""How often parts are written to those who listen."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from coderchat_jupyter.server.streaming.hub import Hub
from coderchat_jupyter.server.streaming.pace import Pace
from coderchat_jupyter.server.streaming.subscriber import Subscriber
from coderchat_jupyter.wire.events import Status, StatusEvent
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.parts import TextPart
from tests.fakes.clocks import LoopClock

ONE, TWO = ChatId("one"), ChatId("two")


class _SlowReader(Subscriber):
    """One whose socket takes its time for each frame, if there is a clock for it."""

    def __init__(self, clock: LoopClock | None = None) -> None:
        super().__init__(after_id=0)
        self.clock = clock
        self.frames: list[list[Any]] = []
        self.write = self._write

    def _write(self, frame: bytes) -> bool:
        if self.clock is not None:
            self.clock.jump(0.02)
        self.frames.append(json.loads(frame[frame.index(b"[") :]))
        return True

    def texts(self) -> list[list[str]]:
        return [
            [event["message_part"]["part"]["text"] for event in frame]
            for frame in self.frames
        ]


def _say(hub: Hub, text: str, chat: ChatId = ONE) -> None:
    hub.part(chat, "assistant", TextPart(text=text))


async def test_the_first_part_is_written_at_once() -> None:
    hub, reader = Hub(strict_g1=False), _SlowReader()
    taking = asyncio.create_task(reader.take())
    with hub.listening(ONE, reader):
        await asyncio.sleep(0)
        _say(hub, "a")
        await asyncio.sleep(0)

        assert reader.texts() == [["a"]]
    taking.cancel()


async def test_parts_that_come_after_a_long_round_make_one_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In their order; those of other chats are written in the same round."""
    clock = LoopClock(monkeypatch)
    clock.hold()
    hub, reader, other = Hub(strict_g1=False), _SlowReader(clock), _SlowReader()
    taking = [asyncio.create_task(one.take()) for one in (reader, other)]
    with hub.listening(ONE, reader), hub.listening(TWO, other):
        await asyncio.sleep(0)
        _say(hub, "a")
        await asyncio.sleep(0)
        for text in "bcd":
            _say(hub, text)
            _say(hub, text, TWO)
            await asyncio.sleep(0)
        before = [*reader.texts(), *other.texts()]
        clock.release()
        async with asyncio.timeout(10):
            await _next_round(hub)

    assert before == [["a"]]
    assert reader.texts() == [["a"], ["b", "c", "d"]]
    assert other.texts() == [["b", "c", "d"]]
    for one in taking:
        one.cancel()


async def _next_round(hub: Hub) -> None:
    came = asyncio.Event()
    hub._pace.soon(came.set)
    await came.wait()


async def test_what_is_committed_comes_after_the_parts_that_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = LoopClock(monkeypatch)
    clock.hold()
    hub, reader = Hub(strict_g1=False), _SlowReader(clock)
    taking = asyncio.create_task(reader.take())
    with hub.listening(ONE, reader):
        await asyncio.sleep(0)
        _say(hub, "a")
        await asyncio.sleep(0)
        _say(hub, "b")
        hub.publish(ONE, [StatusEvent(chat_id=ONE, status=Status(status="waiting"))])

        assert reader.texts() == [["a"], ["b"]]
        assert json.loads(await taking)[0]["type"] == "status"


async def test_one_that_fails_does_not_keep_the_others_from_their_turn() -> None:
    pace, came = Pace(), asyncio.Event()
    failed: list[Any] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failed.append(context["exception"]))

    def fail() -> None:
        raise OSError

    pace.soon(fail)
    pace.soon(came.set)
    async with asyncio.timeout(10):
        await came.wait()

    assert len(failed) == 1
