"""Frames that are made once, and written to all who have nothing waiting."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from websockets.frames import Frame
from websockets.streams import StreamReader

from coderchat_jupyter.server.streaming.frames import (
    Burst,
    Outgoing,
    outgoing_part,
    outgoing_text,
)
from coderchat_jupyter.server.streaming.hub import Hub
from coderchat_jupyter.server.streaming.subscriber import Subscriber
from coderchat_jupyter.wire._go import dumps
from coderchat_jupyter.wire.events import (
    MessagePartEvent,
    Status,
    StatusEvent,
    StreamedPart,
)
from coderchat_jupyter.wire.framing import MAX_BATCH
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.parts import ReasoningPart, TextPart
from tests.server.world import eventually

CHAT = ChatId("c")


def _part(part: TextPart | ReasoningPart) -> MessagePartEvent:
    streamed = StreamedPart(role="assistant", part=part)
    return MessagePartEvent(chat_id=CHAT, message_part=streamed)


def _status() -> StatusEvent:
    return StatusEvent(chat_id=CHAT, status=Status(status="running"))


def _payload(frame: bytes) -> Any:
    """What a client of the library reads of it."""
    reader = StreamReader()
    reader.feed_data(frame)
    parsing = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as done:
        next(parsing)
    return json.loads(done.value.value.data)


def test_half_a_pair_is_a_replacement_character_as_in_go() -> None:
    burst = Burst([outgoing_part(CHAT, "assistant", TextPart(text="a\ud83d?"))])

    assert burst.frame is not None
    event = _payload(burst.frame)[0]
    assert event["message_part"]["part"]["text"] == "a\ufffd?"


_HOSTILE = st.text(st.characters() | st.sampled_from('"\\<>&\x00\x1f\x7f\u2028\u2029'))


def test_every_character_is_written_as_in_any_other_event() -> None:
    head, _, tail = dumps(_part(TextPart(text="|"))).decode().partition("|")

    for character in map(chr, [*range(0x10000), 0x10000, 0x1F600, 0x10FFFF]):
        slowly = dumps(character).decode()[1:-2]
        told = outgoing_text(CHAT, character).text
        assert told == head + slowly + tail.rstrip("\n"), hex(ord(character))


@given(text=_HOSTILE)
@example("\ud83d\ude00 \ud83d")
@example('"plain", ünd 😀 <more>: {}[]')
def test_text_of_which_no_part_is_made_is_written_as_if_one_were(text: str) -> None:
    told = outgoing_text(CHAT, text)

    slowly = dumps(_part(TextPart(text=text)))
    assert told == Outgoing(slowly.decode().rstrip("\n"))


@given(text=_HOSTILE, kind=st.sampled_from([TextPart, ReasoningPart]))
def test_a_piece_of_text_is_written_as_any_other_event(
    text: str, kind: type[TextPart | ReasoningPart]
) -> None:
    part = kind(text=text)

    told = outgoing_part(CHAT, "assistant", part).text

    assert told.encode() + b"\n" == dumps(_part(part))


@pytest.mark.parametrize(
    "part",
    [
        TextPart(text="hi", url="https://x.test/"),
        ReasoningPart(text="hm", signature="s"),
        TextPart.model_validate({"type": "text", "text": "hi", "new": 1}),
    ],
)
def test_what_says_more_is_written_whole(part: TextPart | ReasoningPart) -> None:
    told = outgoing_part(CHAT, "assistant", part).text

    assert told.encode() + b"\n" == dumps(_part(part))


@pytest.mark.parametrize("size", [1, 100, 200, 70_000])
def test_a_frame_of_any_length_is_read_by_clients(size: int) -> None:
    frame = Burst([Outgoing(json.dumps("x" * size)), Outgoing("1")]).frame

    assert frame is not None
    assert _payload(frame) == ["x" * size, 1]


def test_more_than_fits_in_a_frame_is_none() -> None:
    assert Burst([Outgoing("1")] * (MAX_BATCH + 1)).frame is None


class _Reader:
    """Takes what a socket would, and notes what is written past it."""

    def __init__(self, hub: Hub, *, keeps_up: bool = True) -> None:
        self.frames: list[Any] = []
        self.arrived: list[Any] = []
        self.listener = Subscriber(after_id=0)
        self.listener.write = self._write
        self.keeps_up = keeps_up
        self.hub = hub

    def _write(self, frame: bytes) -> bool:
        if self.keeps_up:
            self.frames.append(_payload(frame))
            self.arrived.append(self.frames[-1])
        return self.keeps_up

    async def has_last(self) -> bool:
        """Whether what is told last has arrived."""
        return any("c" in texts for texts in _texts(self.arrived))

    async def take(self) -> None:
        while True:
            self.arrived.append(json.loads(await self.listener.take()))


async def _told(reader: _Reader) -> None:
    """Two parts at once, a status, and a third part; all have arrived."""
    taking = asyncio.create_task(reader.take())
    with reader.hub.listening(CHAT, reader.listener):
        await asyncio.sleep(0)
        reader.hub.part(CHAT, "assistant", TextPart(text="a"))
        reader.hub.part(CHAT, "assistant", TextPart(text="b"))
        await asyncio.sleep(0)
        reader.hub.publish(CHAT, [_status()])
        reader.hub.part(CHAT, "assistant", TextPart(text="c"))
        await eventually(reader.has_last)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)


def _texts(frames: list[Any]) -> list[list[str]]:
    return [
        [e["message_part"]["part"]["text"] if "message_part" in e else "-" for e in f]
        for f in frames
    ]


async def test_parts_are_written_past_a_reader_with_nothing_waiting() -> None:
    """Those of one turn of the loop in one frame, and never before what waits."""
    reader = _Reader(Hub(strict_g1=False))
    await _told(reader)

    assert _texts(reader.frames)[0] == ["a", "b"]
    assert _texts(reader.arrived) == [["a", "b"], ["-"], ["c"]]


async def test_parts_are_not_written_before_what_waits() -> None:
    reader = _Reader(Hub(strict_g1=False))
    reader.listener.begin([Outgoing(json.dumps({}))])
    await _told(reader)

    assert [t for f in _texts(reader.arrived) for t in f] == ["-", "a", "b", "-", "c"]


async def test_parts_wait_for_a_reader_that_does_not_keep_up() -> None:
    reader = _Reader(Hub(strict_g1=False), keeps_up=False)
    await _told(reader)

    assert reader.frames == []
    assert [t for f in _texts(reader.arrived) for t in f] == ["a", "b", "-", "c"]


async def test_a_listener_that_comes_between_is_told_no_part_twice() -> None:
    """What its snapshot has is not told again."""
    hub = Hub(strict_g1=False)
    first, second = Subscriber(0), Subscriber(0)
    with hub.listening(CHAT, first):
        hub.part(CHAT, "assistant", TextPart(text="a"))
        second.begin(hub.in_progress(CHAT))
        with hub.listening(CHAT, second):
            await asyncio.sleep(0)
            told = [json.loads(await one.take()) for one in (first, second)]
            hub.part(CHAT, "assistant", TextPart(text="b"))
            more = [json.loads(await one.take()) for one in (first, second)]

    assert _texts(told) == [["a"], ["a"]]
    assert _texts(more) == [["b"], ["b"]]
