"""Who watches their chats, and what they are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from coderchat_jupyter.server.streaming.backlog import Backlog
from coderchat_jupyter.wire._go import dumps
from coderchat_jupyter.wire.ids import UserId
from coderchat_jupyter.wire.watch import WatchEvent

__all__ = ["Watcher", "Watchers", "watch_frame"]


class Watcher:
    """One socket's frames: one event each.

    Who is cut off for being slow asks for its chats again when it comes back.
    """

    def __init__(self) -> None:
        self._backlog = Backlog()

    @property
    def overflowed(self) -> bool:
        """Whether the reader is to be cut off."""
        return self._backlog.overflowed

    def put(self, frame: str) -> None:
        """Queue a frame."""
        self._backlog.put(frame)

    def cut_off(self) -> None:
        """End it once what waits is sent."""
        self._backlog.cut_off()

    async def take(self) -> str:
        """Wait for the next frame; empty if the reader is to be cut off."""
        return "".join(await self._backlog.take(1, 0))

    async def overrun(self) -> None:
        """Wait until the reader is to be cut off."""
        await self._backlog.overrun()


def watch_frame(event: WatchEvent) -> str:
    """An event, encoded once for all who watch."""
    return dumps(event).decode()


class Watchers:
    """Every open watch of this process. Each hears of its user's own chats alone."""

    def __init__(self) -> None:
        self._by_user: dict[UserId, set[Watcher]] = {}

    def __len__(self) -> int:
        return sum(len(watchers) for watchers in self._by_user.values())

    def tell(self, event: WatchEvent) -> None:
        """Tell the owner of a chat, wherever they watch."""
        if self.is_watching(event.chat.owner_id):
            self.tell_frame(event.chat.owner_id, watch_frame(event))

    def tell_frame(self, owner_id: UserId, frame: str) -> None:
        """The same, of an event that is encoded already."""
        for watcher in self._by_user.get(owner_id, ()):
            watcher.put(frame)

    def is_watching(self, user_id: UserId) -> bool:
        """Whether a user watches."""
        return user_id in self._by_user

    def cut_off(self) -> None:
        """End every watch, because something was missed; their clients come back."""
        for watchers in self._by_user.values():
            for watcher in watchers:
                watcher.cut_off()

    @contextmanager
    def listening(self, user_id: UserId, watcher: Watcher) -> Iterator[None]:
        """Subscribe until the block ends."""
        self._by_user.setdefault(user_id, set()).add(watcher)
        try:
            yield
        finally:
            watchers = self._by_user[user_id]
            watchers.discard(watcher)
            if not watchers:
                del self._by_user[user_id]
