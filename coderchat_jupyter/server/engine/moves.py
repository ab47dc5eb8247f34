"""The one place where a chat changes.

A `Move` is one decision: taken under the chat's lock, in one transaction, told to
all who listen once it is committed. Two moves of one chat never overlap, so what a
move reads is what it changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeAlias
from weakref import WeakValueDictionary

from coderchat_jupyter.server.engine.move import Move, RunInProgress
from coderchat_jupyter.server.settings import ACTION_SECONDS
from coderchat_jupyter.server.storage import chats, messages
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.server.streaming.hub import Hub
from coderchat_jupyter.server.streaming.watchers import Watchers
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["ChatGoneError", "Move", "Moves", "RunInProgress", "utc_now"]

Clock: TypeAlias = Callable[[], datetime]


def utc_now() -> datetime:
    """The time, as the server tells it."""
    return datetime.now(UTC)


class ChatGoneError(LookupError):
    """There is no such chat."""


class Moves:
    """Makes moves: one at a time for each chat.

    `runs` are the runs in progress; `action_seconds` is how long a chat waits for its
    client. Once a move is committed and told, `on_pending`
    is called with a chat that wants a worker, and `on_parked` with one that waits
    for its client and for how many seconds.
    """

    def __init__(
        self,
        database: Database,
        hub: Hub,
        clock: Clock = utc_now,
        *,
        action_seconds: float = ACTION_SECONDS,
    ) -> None:
        self.database = database
        self.hub = hub
        self.watchers = Watchers()
        self.clock = clock
        self.action_seconds = action_seconds
        self.runs: dict[ChatId, RunInProgress] = {}
        self.naming: set[ChatId] = set()
        self.on_pending: Callable[[ChatId], None] = lambda _: None
        self.on_parked: Callable[[ChatId, float], None] = lambda _, __: None
        self._bells: dict[ChatId, asyncio.Event] = {}
        self._locks: WeakValueDictionary[ChatId, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def locked(self, chat_id: ChatId) -> AsyncIterator[None]:
        """Keep every move of a chat out."""
        lock = self._locks.get(chat_id)
        if lock is None:
            lock = self._locks[chat_id] = asyncio.Lock()
        async with lock:
            yield

    async def rested(self, chat_id: ChatId) -> ChatRow:
        """Wait until a chat neither runs nor is about to.

        Raises:
            ChatGoneError: There is no such chat.
        """
        while True:
            # Hung up before the look, so that nothing is missed after it.
            bell = self._bells.setdefault(chat_id, asyncio.Event())
            async with self.database.read() as connection:
                chat = await chats.get_chat(connection, chat_id)
            if chat is None:
                raise ChatGoneError(chat_id)
            if chat.status not in ("pending", "running"):
                return chat
            await bell.wait()

    @asynccontextmanager
    async def move(self, chat_id: ChatId) -> AsyncIterator[Move]:
        """One decision; rolled back, and nothing told, if the block raises.

        Raises:
            ChatGoneError: There is no such chat.
        """
        async with self.locked(chat_id):
            move: Move | None = None
            try:
                async with self.database.decide() as connection:
                    chat = await chats.get_chat(connection, chat_id, locking=True)
                    if chat is None:
                        raise ChatGoneError(chat_id)
                    queue = await messages.list_queue(connection, chat_id)
                    move = Move(
                        connection, chat, queue, self.clock(), self.runs.get(chat_id)
                    )
                    yield move
            except BaseException:
                if move is not None and move.cut is not None:
                    move.cut.go_on()
                raise
            self.hub.publish(chat_id, move.notices)
            for event in move.watched:
                self.watchers.tell(event)
            if (bell := self._bells.pop(chat_id, None)) is not None:
                bell.set()
            if move.cut is not None:
                self.runs.pop(chat_id, None)
                move.cut.cancel()
        if move.chat.status == "pending":
            self.on_pending(chat_id)
        if move.parked_for is not None:
            self.on_parked(chat_id, move.parked_for)
