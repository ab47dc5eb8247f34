"""The queue of one socket, and the hub that fills it."""

from __future__ import annotations

import asyncio
import json

from coderchat_jupyter.server.streaming.frames import FRAME_BYTES, Outgoing
from coderchat_jupyter.server.streaming.hub import Hub
from coderchat_jupyter.server.streaming.subscriber import Subscriber
from coderchat_jupyter.wire.events import (
    Status,
    StatusEvent,
)
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.parts import TextPart


def _message(number: int) -> Outgoing:
    return Outgoing(f'{{"id":{number}}}', number)


async def test_a_message_is_delivered_once() -> None:
    listener = Subscriber(after_id=0)
    for number in (2, 3, 2):
        listener.put(_message(number))

    assert json.loads(await listener.take()) == [{"id": 2}, {"id": 3}]


async def test_messages_up_to_after_id_are_not_wanted() -> None:
    listener = Subscriber(after_id=2)
    for number in (2, 3):
        listener.put(_message(number))

    assert json.loads(await listener.take()) == [{"id": 3}]


async def test_a_rewritten_history_is_delivered_again() -> None:
    listener = Subscriber(after_id=2)
    listener.put(_message(3))
    listener.begin_again(map(_message, (2, 3)))

    assert json.loads(await listener.take()) == [{"id": 3}, {"id": 2}, {"id": 3}]


async def test_a_frame_stays_within_what_clients_accept() -> None:
    """An event is never split, so a frame ends before the one that is too much."""
    size = FRAME_BYTES // 2 + 1
    listener = Subscriber(after_id=0)
    for _ in range(3):
        listener.put(Outgoing(json.dumps("x" * size)))

    frames = [await listener.take() for _ in range(3)]

    assert [len(json.loads(frame)) for frame in frames] == [1, 1, 1]


async def test_every_frame_ends_with_a_newline() -> None:
    listener = Subscriber(after_id=0)
    listener.put(_message(2))

    assert await listener.take() == '[{"id":2}]\n'


async def test_strictly_v234_a_first_call_waits_for_who_made_the_chat() -> None:
    """For a moment only: nobody has to listen."""
    hub, chat = Hub(strict_g1=True), ChatId("c")
    waiting = asyncio.create_task(hub.await_listener(chat))
    await asyncio.sleep(0)
    before = waiting.done()
    with hub.listening(chat, Subscriber(after_id=0)):
        await asyncio.wait_for(waiting, 5)
        await asyncio.wait_for(hub.await_listener(chat), 5)
    await asyncio.wait_for(hub.await_listener(chat), 5)

    assert before is False


async def test_otherwise_nothing_waits_for_a_listener() -> None:
    waiting = asyncio.create_task(Hub(strict_g1=False).await_listener(ChatId("c")))
    await asyncio.sleep(0)

    assert waiting.done()
    await waiting


async def test_a_chat_nobody_listens_to_takes_no_memory_once_it_rests() -> None:
    hub, chat = Hub(strict_g1=False), ChatId("c")
    hub.part(chat, "assistant", TextPart(text="x"))
    during = len(hub.in_progress(chat))
    hub.publish(chat, [StatusEvent(chat_id=chat, status=Status(status="waiting"))])

    assert (during, hub.in_progress(chat), hub._channels) == (1, [], {})
