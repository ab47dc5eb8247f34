"""What an event costs does not depend on how much was said before it."""

from __future__ import annotations

import time
from collections.abc import Callable

from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import reconnected
from coderchat_jupyter.wire.framing import Batch, decode_frame
from tests.bench.frames import RUNNING, mixed, parts, slices

ROUNDS = 25


def batches(size: int, count: int) -> list[Batch]:
    return [decode_frame(frame) for frame in slices(parts(count), size)]


def fold(state: ChatState, frames: list[Batch]) -> ChatState:
    for frame in frames:
        state = reduce(state, frame)
    return state


def fastest(
    work: Callable[[], object], other: Callable[[], object], enough: float
) -> float:
    """The best of many rounds each, in turns: what else runs only adds to a time.

    Some rounds more are made while the ratio is above `enough`.
    """
    best = [float("inf")] * 2
    for done in range(1, 10 * ROUNDS):
        for place, job in enumerate((work, other)):
            began = time.process_time()
            job()
            best[place] = min(best[place], time.process_time() - began)
        if done >= ROUNDS and best[0] < enough * best[1]:
            break
    return best[0] / best[1]


def test_a_part_costs_the_same_behind_ten_times_the_text() -> None:
    """Joining an answer anew for each part would make it quadratic."""
    start = reduce(reconnected(EMPTY), decode_frame(RUNNING))
    some = batches(1, 200)
    short = fold(start, batches(64, 1_000))
    long = fold(short, batches(64, 9_000))

    ratio = fastest(lambda: fold(long, some), lambda: fold(short, some), 1.5)

    assert ratio < 1.5


def test_a_step_costs_the_same_behind_ten_times_the_turn() -> None:
    """An agent may take hundreds of steps before it answers."""
    frames = [decode_frame(frame) for frame in slices(mixed(6_400), 64)]
    start = reduce(reconnected(EMPTY), decode_frame(RUNNING))
    early, late = fold(start, frames[:9]), fold(start, frames[:-1])

    ratio = fastest(
        lambda: fold(late, frames[-1:]), lambda: fold(early, frames[9:10]), 2.0
    )

    assert ratio < 2.0
