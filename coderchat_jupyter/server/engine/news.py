"""Tells what was committed, here and on every other server of the database.

What this server commits is told to its own listeners at once, but never before what
other servers committed earlier: a status told late would stay for the last one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

from coderchat_jupyter.server import present
from coderchat_jupyter.server.engine.move import Move
from coderchat_jupyter.server.pubsub.channels import Pubsub, Receipt
from coderchat_jupyter.server.pubsub.notes import Note
from coderchat_jupyter.server.storage import chats, messages
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.streaming.frames import Outgoing, outgoing
from coderchat_jupyter.server.streaming.hub import (
    Hub,
    Notice,
    Refresh,
    kind_of,
)
from coderchat_jupyter.server.streaming.watchers import Watchers, watch_frame
from coderchat_jupyter.wire.events import (
    Event,
    MessageEvent,
    PreviewResetEvent,
    QueueUpdateEvent,
    Status,
    StatusEvent,
)
from coderchat_jupyter.wire.ids import ChatId, UserId

__all__ = ["News"]

_log = logging.getLogger(__name__)

Locked: TypeAlias = Callable[[ChatId], AbstractAsyncContextManager[None]]


class News:
    """The listeners of this server, and the way to those of others.

    Args:
        database: Where messages are looked up that another server tells of.
        hub: Who listens to chats here.
        watchers: Who watches theirs here.
        pubsub: The way to other servers.
        locked: Keeps every move of a chat out.
        runs_here: Whether this server runs a chat.
    """

    def __init__(
        self,
        database: Database,
        hub: Hub,
        watchers: Watchers,
        pubsub: Pubsub,
        locked: Locked,
        runs_here: Callable[[ChatId], bool],
    ) -> None:
        self._database = database
        self._hub = hub
        self._watchers = watchers
        self._pubsub = pubsub
        self._locked = locked
        self._runs_here = runs_here
        self._inbox: dict[ChatId, deque[Note]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, move: Move) -> Receipt | None:
        """Tell other servers of a move, in its transaction."""
        if not (move.notices or move.watched or move.handed_over or move.asks):
            return None
        note = Note(
            by="",
            chat_id=move.chat.id,
            told=tuple(map(_aspect, move.notices)),
            owner_id=move.chat.owner_id,
            watched=tuple(map(watch_frame, move.watched)),
            handed_over=move.handed_over,
            asks=move.asks,
        )
        return await self._pubsub.send(move.connection, note)

    async def publish(self, move: Move, receipt: Receipt | None) -> None:
        """Tell our own listeners of a move that is committed; its lock is held."""
        chat = move.chat
        try:
            if receipt is not None and self._is_heard(chat.id, chat.owner_id):
                await self._pubsub.told(receipt)
                await self._deliver(chat.id)
        finally:
            self._hub.publish(chat.id, move.notices)
            for event in move.watched:
                self._watchers.tell(event)

    def receive(self, note: Note, *, is_locked: bool) -> None:
        """Take what another server tells; our listeners hear it in a moment.

        Args:
            note: What it tells.
            is_locked: Whether somebody is at the chat, perhaps to listen to it.
        """
        chat_id = ChatId(note.chat_id)
        if is_locked or self._is_heard(chat_id, UserId(note.owner_id)):
            self._inbox.setdefault(chat_id, deque()).append(note)
            self._start(self._open(chat_id), f"news of {chat_id}")

    def catch_up(self) -> None:
        """Something was missed: tell every listener all there is."""
        self._watchers.cut_off()
        for chat_id in self._hub.listened():
            self._start(self._retell(chat_id), f"catching up with {chat_id}")

    async def stop(self) -> None:
        """Tell nothing more of what others do."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _is_heard(self, chat_id: ChatId, owner_id: UserId) -> bool:
        return self._hub.is_listened(chat_id) or self._watchers.is_watching(owner_id)

    async def _open(self, chat_id: ChatId) -> None:
        async with self._locked(chat_id):
            await self._deliver(chat_id)

    async def _deliver(self, chat_id: ChatId) -> None:
        """Tell what came from others; the chat's lock is held."""
        while notes := self._inbox.pop(chat_id, None):
            for note in notes:
                if self._hub.is_listened(chat_id):
                    async for kind, item in self._read(chat_id, note.told):
                        self._hub.tell(chat_id, kind, item)
                # The last listener may have left meanwhile.
                if note.parts and self._hub.is_listened(chat_id):
                    for text in note.parts:
                        self._hub.tell(chat_id, "message_part", Outgoing(text))
                for frame in note.watched:
                    self._watchers.tell_frame(UserId(note.owner_id), frame)

    async def _read(
        self, chat_id: ChatId, told: Iterable[dict[str, Any]]
    ) -> AsyncIterator[tuple[str, Outgoing]]:
        for aspect in told:
            if "message" in aspect:
                event = await self._message(chat_id, aspect["message"])
                if event is not None:
                    yield kind_of(event), outgoing(event)
            elif "refresh" in aspect:
                self._hub.refresh(chat_id, await self._history(chat_id))
            else:
                yield aspect["kind"], Outgoing(aspect["text"])

    async def _message(self, chat_id: ChatId, message_id: int) -> MessageEvent | None:
        async with self._database.read() as connection:
            row = await messages.get_message(connection, chat_id, message_id)
        # An edit may have taken it away meanwhile.
        if row is None:
            return None
        return MessageEvent(chat_id=chat_id, message=present.message(row))

    async def _history(self, chat_id: ChatId) -> Refresh:
        async with self._database.read() as connection:
            rows = await messages.list_messages(connection, chat_id)
        return Refresh(present.visible(rows))

    async def _retell(self, chat_id: ChatId) -> None:
        async with self._locked(chat_id):
            self._inbox.pop(chat_id, None)
            async with self._database.read() as connection:
                chat = await chats.get_chat(connection, chat_id)
                rows = await messages.list_messages(connection, chat_id)
                queue = await messages.list_queue(connection, chat_id)
            if chat is None:
                return
            status = Status(status=chat.status)
            waiting = tuple(map(present.queued_message, queue))
            _, written = self._hub.being_written(chat_id)
            self._hub.publish(
                chat_id,
                [
                    PreviewResetEvent(chat_id=chat_id),
                    Refresh(present.visible(rows)),
                    QueueUpdateEvent(chat_id=chat_id, queued_messages=waiting),
                    StatusEvent(chat_id=chat_id, status=status),
                ],
            )
            if self._runs_here(chat_id):
                for part in written:
                    self._hub.tell(chat_id, "message_part", part)
            else:
                self._hub.elsewhere.listen(chat_id)

    def _start(self, work: Any, name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s ended by %s", task.get_name(), type(error).__name__)


def _aspect(notice: Notice) -> dict[str, Any]:
    """A notice as others are told it: what is stored, by its id."""
    if isinstance(notice, Refresh):
        return {"refresh": True}
    if isinstance(notice, MessageEvent):
        return {"message": notice.message.id}
    event: Event = notice
    return {"kind": kind_of(event), "text": outgoing(event).text}
