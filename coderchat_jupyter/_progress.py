"""How far a long command is, for a person who waits at a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import IO, Final, Self

__all__ = ["Progress"]

_SECONDS: Final = 1.0


class Progress:
    """Counts chats in one line, once a second, from the second second on.

    Args:
        target: Where the chats go. If that is a terminal they show it themselves.
        told: Where it is told, if that is a terminal.
        clock: Seconds.
    """

    def __init__(
        self,
        target: IO[str],
        told: IO[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._told = told if told.isatty() and not target.isatty() else None
        self._clock = clock
        self._next = clock() + _SECONDS
        self._count = 0
        self._line = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the line to what comes next."""
        if self._told and self._line:
            self._told.write("\r" + " " * len(self._line) + "\r")
            self._told.flush()

    def step(self) -> None:
        """One more is done."""
        self._count += 1
        if self._told and self._clock() >= self._next:
            self._next = self._clock() + _SECONDS
            self._line = f"{self._count:,} chats"
            self._told.write(f"\r{self._line}")
            self._told.flush()
