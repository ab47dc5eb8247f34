"""One socket's view of a chat: what it still has to be sent."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from coderchat_jupyter.wire.framing import MAX_BATCH, MAX_FRAME_BYTES

__all__ = ["Outgoing", "Subscriber"]

_WAITING_EVENTS: Final = 10_000
# Half the client's limit: an event is not split, and one alone may be large.
_FRAME_BYTES: Final = MAX_FRAME_BYTES // 2


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An encoded event; `message_id` if it is a stored message."""

    text: str
    message_id: int | None = None


class Subscriber:
    """A bounded queue of events that sends no message twice.

    Args:
        after_id: Stored messages up to this id are not wanted.

    A reader too slow for `_WAITING_EVENTS` is cut off rather than told half the
    truth: it comes back with `after_id` and gets a snapshot.
    """

    def __init__(self, after_id: int) -> None:
        self.after_id = after_id
        self._delivered: set[int] = set()
        self._waiting: deque[Outgoing] = deque()
        self._ready = asyncio.Event()
        self.overflowed = False

    def put(self, item: Outgoing) -> None:
        """Queue an event, unless it is not wanted or was delivered before."""
        if item.message_id is not None:
            if item.message_id <= self.after_id or item.message_id in self._delivered:
                return
            self._delivered.add(item.message_id)
        if len(self._waiting) >= _WAITING_EVENTS:
            self.overflowed = True
        else:
            self._waiting.append(item)
        self._ready.set()

    def forget_delivered(self) -> None:
        """The history was rewritten: everything is wanted again."""
        self.after_id = 0
        self._delivered.clear()

    async def take(self) -> str:
        """Wait for the next frame: what waits, as much as fits in one."""
        await self._ready.wait()
        batch: list[str] = []
        size = 0
        while self._waiting and len(batch) < MAX_BATCH:
            size += len(self._waiting[0].text)
            if batch and size > _FRAME_BYTES:
                break
            batch.append(self._waiting.popleft().text)
        if not self._waiting and not self.overflowed:
            self._ready.clear()
        return f"[{','.join(batch)}]\n" if batch else ""
