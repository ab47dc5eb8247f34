"""The queue of one socket."""

from __future__ import annotations

import json

from coderchat_jupyter.server.streaming import subscriber
from coderchat_jupyter.server.streaming.subscriber import Outgoing, Subscriber


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
    listener.forget_delivered()
    for number in (2, 3):
        listener.put(_message(number))

    assert json.loads(await listener.take()) == [{"id": 3}, {"id": 2}, {"id": 3}]


async def test_a_frame_stays_within_what_clients_accept() -> None:
    """An event is never split, so a frame ends before the one that is too much."""
    size = subscriber._FRAME_BYTES // 2 + 1
    listener = Subscriber(after_id=0)
    for _ in range(3):
        listener.put(Outgoing(json.dumps("x" * size)))

    frames = [await listener.take() for _ in range(3)]

    assert [len(json.loads(frame)) for frame in frames] == [1, 1, 1]


async def test_every_frame_ends_with_a_newline() -> None:
    listener = Subscriber(after_id=0)
    listener.put(_message(2))

    assert await listener.take() == '[{"id":2}]\n'
