"""Play a recording again: the same steps make the same states."""

from __future__ import annotations

import asyncio
import json
import math
import os
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, Self

from coderchat_jupyter.errors import RecordingError
from coderchat_jupyter.session._recording import Header, LinkPhase, decode_step
from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.state.steps import Step, apply

__all__ = ["Record", "Replay"]


@dataclass(frozen=True, slots=True)
class Record:
    """One step of a recording, and how many seconds after its beginning it came."""

    at: float
    step: Step | LinkPhase


@dataclass(frozen=True, slots=True)
class Replay:
    """A recording that was read: `Replay.read(path)`.

    Attributes:
        header: What it says of itself.
        records: What it holds, in order.
        is_truncated: Its last line was never finished; it is left out.
    """

    header: Header
    records: tuple[Record, ...] = ()
    is_truncated: bool = False

    def __post_init__(self) -> None:
        """A path is what most would try here."""
        if not isinstance(self.header, Header):
            raise TypeError("A recording is read by Replay.read(path).")

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """Read a recording.

        Raises:
            RecordingError: The file cannot be read, is none, or is of a newer release.
        """
        name = Path(path).name
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError as error:
            told = f"{name!r} cannot be read: {error.strerror}."
            raise RecordingError(told) from None
        except UnicodeDecodeError:
            raise RecordingError(f"{name!r} is no recording of a chat.") from None
        try:
            return cls.parse(text)
        except RecordingError as error:
            raise RecordingError(f"{name!r}: {error}") from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a recording.

        Raises:
            RecordingError: It is none, or of a newer release.
        """
        first, *lines = text.split("\n")
        header = Header.read(_json(first))
        # A whole file ends with a line break, so that nothing is left behind it.
        rest = lines.pop() if lines else ""
        records = tuple(
            _record(line, number) for number, line in enumerate(lines, 2) if line
        )
        if not rest:
            return cls(header, records)
        try:
            return cls(header, (*records, _record(rest, len(lines) + 2)))
        except RecordingError:
            return cls(header, records, is_truncated=True)

    @property
    def final(self) -> ChatState:
        """The state after all of it."""
        steps = (record.step for record in self.records)
        changes = (step for step in steps if not isinstance(step, LinkPhase))
        return reduce(apply, changes, EMPTY)

    def states(self) -> Iterator[tuple[Record, ChatState]]:
        """Each record, with the state after it."""
        state = EMPTY
        for record in self.records:
            if not isinstance(record.step, LinkPhase):
                state = apply(state, record.step)
            yield record, state

    async def play(
        self,
        on_state: Callable[[Record, ChatState], None],
        *,
        speed: float | None = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> ChatState:
        """Go through it in its own time.

        Args:
            on_state: Called with each record and the state after it.
            speed: How many times as fast as it was; None for all at once.
            sleep: Waits for some seconds.

        Returns:
            The state after all of it.

        Raises:
            ValueError: The speed is not above zero.
        """
        if speed is not None and not speed > 0:
            raise ValueError("The speed has to be above zero.")
        last, now = EMPTY, 0.0
        for record, state in self.states():
            if speed is not None and record.at > now:
                await sleep((record.at - now) / speed)
            now = max(now, record.at)
            on_state(record, state)
            last = state
        return last


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _record(line: str, number: int) -> Record:
    value = _json(line)
    try:
        step = decode_step(value)
        at = float(value.get("at") or 0.0)
    except (RecordingError, TypeError, ValueError, OverflowError):
        at = math.inf
    if not math.isfinite(at):
        raise RecordingError(f"Line {number} is no step of a chat.")
    return Record(at, step)
