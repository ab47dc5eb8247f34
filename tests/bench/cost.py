"""What an event costs to decode and to reduce, against `json.loads` of its bytes.

Medians of interleaved rounds in CPU time, so that what else the machine does falls on
all alike.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any, Final, TypeAlias

from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import reconnected
from coderchat_jupyter.wire.framing import FrameDecoder, decode_frame
from tests.bench.frames import KINDS, RUNNING, mixed, parts, slices

__all__ = ["cost_by_length", "cost_by_messages", "main", "measure"]

_EVENTS: Final = 1024
_ROUNDS: Final = 31
_SHORT: Final = 2_000
_EVENTS_A_MESSAGE: Final = 16

# How many times as long as `json.loads` of the same bytes.
_DECODE: Final = 2
_FOLD: Final = 4

_Maker: TypeAlias = Callable[[int], list[dict[str, Any]]]


def _start() -> ChatState:
    return reduce(reconnected(EMPTY), decode_frame(RUNNING))


def _frames(events: list[dict[str, Any]], size: int) -> list[bytes]:
    """As they come off a socket."""
    return [frame.encode() for frame in slices(events, size)]


def _parse(frames: list[bytes]) -> None:
    for frame in frames:
        json.loads(frame)


def _decode(frames: list[bytes]) -> None:
    decode = FrameDecoder()
    for frame in frames:
        decode(frame)


def _fold(frames: list[bytes], state: ChatState | None = None) -> ChatState:
    state, decode = state or _start(), FrameDecoder()
    for frame in frames:
        state = reduce(state, decode(frame))
    return state


def _seconds(work: Callable[[], Any]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def cost_by_messages(messages: int, size: int, rounds: int) -> float:
    """How many times as much an event costs in a chat of ten times the messages.

    Args:
        messages: How many the shorter chat has.
        size: Events a frame.
        rounds: How often each is measured.
    """
    before = messages * _EVENTS_A_MESSAGE
    history = mixed(10 * before + _SHORT)
    events = _frames(history[-_SHORT:], size)
    short = _fold(_frames(history[:before], 64))
    long = _fold(_frames(history[: 10 * before], 64))
    early: list[float] = []
    grown: list[float] = []
    for _ in range(rounds):
        early.append(_seconds(lambda: _fold(events, short)))
        grown.append(_seconds(lambda: _fold(events, long)))
    return median(grown) / median(early)


def measure(frames: list[bytes], rounds: int) -> tuple[float, float, float]:
    """Seconds for all frames: json.loads, decode, decode and reduce."""
    jobs = (_parse, _decode, _fold)
    taken: list[list[float]] = [[] for _ in jobs]
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for times, job in zip(taken, jobs, strict=True):
                times.append(_seconds(lambda job=job: job(frames)))  # type: ignore[misc]
    finally:
        gc.enable()
    parsed, decoded, folded = (median(times) for times in taken)
    return parsed, decoded, folded


def cost_by_length(size: int, rounds: int) -> float:
    """How many times as much an event costs behind ten times as much text."""
    short, late = parts(_SHORT), parts(10 * _SHORT)[9 * _SHORT :]
    behind = _fold(_frames(parts(9 * _SHORT), 64))
    first, last = _frames(short, size), _frames(late, size)
    early: list[float] = []
    grown: list[float] = []
    for _ in range(rounds):
        early.append(_seconds(lambda: _fold(first)))
        grown.append(_seconds(lambda: _fold(last, behind)))
    return median(grown) / median(early)


def _table(kinds: Mapping[str, _Maker]) -> None:
    print(f"{'':<9} events a frame   json.loads   decode   decode + reduce")
    for name, events in kinds.items():
        for size in (1, 8, 64):
            parsed, decoded, folded = measure(_frames(events(_EVENTS), size), _ROUNDS)
            over = decoded > _DECODE * parsed or folded > _FOLD * parsed
            print(
                f"{name:<9} {size:>14} {parsed / _EVENTS * 1e6:>9.2f} us"
                f" {decoded / parsed:>6.2f} x {folded / parsed:>15.2f} x"
                f"{'  over' if over else ''}"
            )


def main() -> None:
    """Measure and print."""
    print(
        f"What a model writes, and whole turns. Goal: decode <= {_DECODE} x, "
        f"decode + reduce <= {_FOLD} x json.loads."
    )
    _table({"text": parts, "reasoning": KINDS["reasoning"], "args": KINDS["args"]})
    _table({"mixed": mixed})
    print(
        "\nEvents of one kind alone, of which no stream is made. `over` is what would "
        "miss the goal."
    )
    others = KINDS.keys() - {"reasoning", "args"}
    _table({name: KINDS[name] for name in sorted(others)})
    print("\nAn event behind ten times as much. Goal: 0.80 to 1.20 x.")
    for size in (1, 8, 64):
        ratio = cost_by_length(size, _ROUNDS)
        print(f"text, {size} a frame: {ratio:.2f} x")
    for messages in (50, 500):
        ratio = cost_by_messages(messages, 8, _ROUNDS)
        print(f"{10 * messages:,} messages, 8 a frame: {ratio:.2f} x")
