"""One socket's view of a chat: what it still has to be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from coderchat_jupyter.server.streaming.backlog import Backlog
from coderchat_jupyter.server.streaming.frames import FRAME_BYTES, Burst, Outgoing
from coderchat_jupyter.wire.framing import MAX_BATCH

__all__ = ["Subscriber", "WriteFrame"]

WriteFrame: TypeAlias = Callable[[bytes], bool]
"""Writes a whole WebSocket frame at once; False if it has to wait."""


class Subscriber:
    """A bounded queue of events that sends no message twice.

    Args:
        after_id: Stored messages up to this id are not wanted.

    Attributes:
        write: Where a frame may be written as soon as nothing waits; None if every
            one is to be taken.
    """

    def __init__(self, after_id: int) -> None:
        self.after_id = after_id
        self.write: WriteFrame | None = None
        self._delivered: set[int] = set()
        self._backlog = Backlog()

    @property
    def overflowed(self) -> bool:
        """Whether the reader is to be cut off: it comes back with `after_id`."""
        return self._backlog.overflowed

    def put(self, item: Outgoing) -> None:
        """Queue an event, unless it is not wanted or was delivered before."""
        if self._is_wanted(item):
            self._backlog.put(item.text)

    def put_burst(self, burst: Burst) -> None:
        """Write parts at once, or queue them behind what waits."""
        write, frame = self.write, burst.frame
        if (
            write is not None
            and frame is not None
            and self._backlog.is_awaited
            and write(frame)
        ):
            return
        for item in burst.items:
            self._backlog.put(item.text)

    def begin(self, items: Iterable[Outgoing]) -> None:
        """Queue a snapshot, however long it is."""
        self._backlog.begin([item.text for item in items if self._is_wanted(item)])

    def begin_again(self, items: Iterable[Outgoing]) -> None:
        """Queue a history that was rewritten: everything is wanted again."""
        self.after_id = 0
        self._delivered.clear()
        self.begin(items)

    async def take(self) -> str:
        """Wait for the next frame: what waits, as much as fits in one."""
        batch = await self._backlog.take(MAX_BATCH, FRAME_BYTES)
        return f"[{','.join(batch)}]\n" if batch else ""

    async def overrun(self) -> None:
        """Wait until the reader was too slow."""
        await self._backlog.overrun()

    def _is_wanted(self, item: Outgoing) -> bool:
        if item.message_id is None:
            return True
        if item.message_id <= self.after_id or item.message_id in self._delivered:
            return False
        self._delivered.add(item.message_id)
        return True
