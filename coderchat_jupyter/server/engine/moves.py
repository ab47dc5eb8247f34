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

from coderchat_jupyter.server import present
from coderchat_jupyter.server.engine.debts import until_paid
from coderchat_jupyter.server.engine.move import Move, RunInProgress
from coderchat_jupyter.server.engine.news import News
from coderchat_jupyter.server.engine.ownership import Ownership
from coderchat_jupyter.server.engine.relay import Relay
from coderchat_jupyter.server.pubsub.channels import Pubsub, Receipt
from coderchat_jupyter.server.pubsub.local import LocalPubsub
from coderchat_jupyter.server.pubsub.notes import Note
from coderchat_jupyter.server.settings import ACTION_SECONDS
from coderchat_jupyter.server.storage import chats, messages
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.server.streaming.hub import Hub
from coderchat_jupyter.server.streaming.watchers import Watchers, watch_frame
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.watch import WatchEvent

__all__ = ["ChatGoneError", "Clock", "Move", "Moves", "RunInProgress", "utc_now"]

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
    for its client and for how many seconds. `on_doubt` is called with a chat that
    runs here and that another server has changed.
    """

    def __init__(
        self,
        database: Database,
        hub: Hub,
        clock: Clock = utc_now,
        *,
        action_seconds: float = ACTION_SECONDS,
        ownership: Ownership | None = None,
        pubsub: Pubsub | None = None,
    ) -> None:
        self.database = database
        self.hub = hub
        self.watchers = Watchers()
        self.clock = clock
        self.ownership = ownership or Ownership()
        self.pubsub = pubsub or LocalPubsub(self.ownership.worker_id)
        worker_id = self.ownership.worker_id
        self.relay = Relay(hub, self.pubsub, worker_id, self._runs_here)
        self.news = News(
            database, hub, self.watchers, self.pubsub, self.locked, self._runs_here
        )
        self.action_seconds = action_seconds
        self.runs: dict[ChatId, RunInProgress] = {}
        self.naming: set[ChatId] = set()
        self.on_pending: Callable[[ChatId], None] = lambda _: None
        self.on_parked: Callable[[ChatId, float], None] = lambda _, __: None
        self.on_doubt: Callable[[ChatId], None] = lambda _: None
        # Kept by who waits for them: most chats that are looked at never change again.
        self._bells: WeakValueDictionary[ChatId, asyncio.Event] = WeakValueDictionary()
        self._locks: WeakValueDictionary[ChatId, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def locked(self, chat_id: ChatId) -> AsyncIterator[None]:
        """Keep every move of a chat out."""
        lock = self._locks.get(chat_id)
        if lock is None:
            lock = self._locks[chat_id] = asyncio.Lock()
        async with lock:
            yield

    def is_locked(self, chat_id: ChatId) -> bool:
        """Whether somebody here is at a chat."""
        lock = self._locks.get(chat_id)
        return lock is not None and lock.locked()

    def bell(self, chat_id: ChatId) -> asyncio.Event:
        """Rings once, at the next change of a chat. To be kept while it is awaited."""
        return self._bells.setdefault(chat_id, asyncio.Event())

    async def rested(self, chat_id: ChatId) -> ChatRow:
        """Wait until a chat neither runs nor is about to.

        Raises:
            ChatGoneError: There is no such chat.
        """
        while True:
            # Hung up before the look, so that nothing is missed after it.
            bell = self.bell(chat_id)
            async with self.database.read() as connection:
                chat = await chats.get_chat(connection, chat_id)
            if chat is None:
                raise ChatGoneError(chat_id)
            if chat.status not in ("pending", "running"):
                return chat
            await bell.wait()

    @asynccontextmanager
    async def move(
        self, chat_id: ChatId, *, patient: bool = True
    ) -> AsyncIterator[Move]:
        """One decision; rolled back, and nothing told, if the block raises.

        A run of ours that another server has cut is ended first. If the move asks
        another server to end one, that is waited for, so that who is answered after
        it sees what there is of the answer.

        Args:
            chat_id: What it is about.
            patient: Wait for other servers that are at the chat.

        Raises:
            ChatGoneError: There is no such chat, or it is not waited for.
        """
        async with self.locked(chat_id):
            move: Move | None = None
            receipt: Receipt | None = None
            try:
                async with self.database.decide() as connection:
                    chat = await chats.get_chat(
                        connection, chat_id, locking=True, patient=patient
                    )
                    if chat is None:
                        raise ChatGoneError(chat_id)
                    queue = await messages.list_queue(connection, chat_id)
                    run = self.runs.get(chat_id)
                    now = self.clock()
                    move = Move(connection, chat, queue, now, run, self.ownership)
                    await move.let_go()
                    yield move
                    if self.pubsub.is_shared:
                        await self.relay.flush(chat_id)
                        receipt = await self.news.send(move)
            except BaseException:
                if move is not None and move.cut is not None:
                    move.cut.go_on()
                raise
            try:
                await self.news.publish(move, receipt)
            finally:
                self._done(move)
        if move.asks:
            await until_paid(self, chat_id)

    async def created(self, chat: ChatRow) -> None:
        """Tell of a chat that was stored, and let it run."""
        event = WatchEvent(kind="created", chat=present.chat(chat))
        self.watchers.tell(event)
        self.on_pending(chat.id)
        if self.pubsub.is_shared:
            frames, owner = (watch_frame(event),), chat.owner_id
            note = Note(by="", chat_id=chat.id, owner_id=owner, watched=frames)
            await self.pubsub.say(note)

    async def start(self) -> None:
        """Hear what other servers do."""
        await self.pubsub.start(self._receive, self._catch_up)
        if self.pubsub.is_shared:
            self.relay.start()

    async def stop(self) -> None:
        """Hear it no more."""
        await self.relay.stop()
        await self.pubsub.stop()
        await self.news.stop()

    def _runs_here(self, chat_id: ChatId) -> bool:
        return chat_id in self.runs

    def _done(self, move: Move) -> None:
        """What follows from a move that is committed and told."""
        chat_id = move.chat.id
        self._ring(chat_id)
        if move.cut is not None:
            self.runs.pop(chat_id, None)
            move.cut.cancel()
        if move.chat.status == "pending":
            self.on_pending(chat_id)
        if move.parked_for is not None:
            self.on_parked(chat_id, move.parked_for)

    def _ring(self, chat_id: ChatId) -> None:
        if (bell := self._bells.pop(chat_id, None)) is not None:
            bell.set()

    def _receive(self, note: Note) -> None:
        """Another server has committed something."""
        if not self.relay.receive(note) or not note.chat_id:
            return
        chat_id = ChatId(note.chat_id)
        self.news.receive(note, is_locked=self.is_locked(chat_id))
        self._ring(chat_id)
        # Who is asked may have lost its run, and then says that nothing comes.
        if note.asks or (note.told and chat_id in self.runs):
            self.on_doubt(chat_id)
        if note.handed_over:
            self.on_pending(chat_id)

    def _catch_up(self) -> None:
        """What other servers have committed was missed for a while."""
        self.news.catch_up()
        for chat_id in tuple(self._bells):
            self._ring(chat_id)
        for chat_id in tuple(self.runs):
            self.on_doubt(chat_id)
