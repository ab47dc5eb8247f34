"""What waits for one reader: as much as it may fall behind, and no more."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final

__all__ = ["Backlog"]

_TEXTS: Final = 10_000
_CHARACTERS: Final = 16 * 2**20


class Backlog:
    """Texts in the order they were put, bounded in number and in size.

    A reader too slow for that is cut off rather than told half the truth: when it
    comes back it begins anew. What a reader begins with is as long as it is, and
    does not count.

    Attributes:
        overflowed: Whether the reader is to be cut off, once it was sent what waits.
    """

    def __init__(self) -> None:
        self.overflowed = False
        self._taker_waits = False
        self._waiting: deque[str] = deque()
        self._size = 0
        self._most_texts, self._most_characters = _TEXTS, _CHARACTERS
        self._ready = asyncio.Event()
        self._overrun = asyncio.Event()

    @property
    def is_awaited(self) -> bool:
        """Whether all that was put was taken and sent, and the taker wants more."""
        return self._taker_waits and not self._waiting and not self.overflowed

    def put(self, text: str) -> None:
        """Let a text wait, if there is room for it."""
        size = self._size + len(text)
        is_room = len(self._waiting) < self._most_texts
        if self.overflowed or not is_room or size > self._most_characters:
            self.cut_off()
            return
        self._waiting.append(text)
        self._size = size
        self._ready.set()

    def begin(self, texts: Iterable[str]) -> None:
        """Let everything wait that a reader begins with, or begins anew with.

        Not if it has fallen behind already: the second time would come on top of
        the first.
        """
        if len(self._waiting) > _TEXTS or self._size > _CHARACTERS:
            self.cut_off()
            return
        for text in texts:
            self._waiting.append(text)
            self._size += len(text)
        self._most_texts = len(self._waiting) + _TEXTS
        self._most_characters = self._size + _CHARACTERS
        if self._waiting:
            self._ready.set()

    async def take(self, most: int, characters: int) -> list[str]:
        """Wait for texts: the next one, and more that wait while they fit.

        Returns:
            At least one text; none if the reader is to be cut off.
        """
        self._taker_waits = True
        try:
            await self._ready.wait()
        finally:
            self._taker_waits = False
        taken: list[str] = []
        size = 0
        while self._waiting and len(taken) < most:
            size += len(self._waiting[0])
            if taken and size > characters:
                break
            taken.append(self._waiting.popleft())
            self._size -= len(taken[-1])
        if not self._waiting:
            self._most_texts, self._most_characters = _TEXTS, _CHARACTERS
            if not self.overflowed:
                self._ready.clear()
        return taken

    async def overrun(self) -> None:
        """Wait until the reader was too slow."""
        await self._overrun.wait()

    def cut_off(self) -> None:
        """Let nothing more wait, and the reader go."""
        self.overflowed = True
        self._overrun.set()
        self._ready.set()
