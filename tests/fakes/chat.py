"""A chat as a server keeps it: the truth that sessions are held against."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.events import (
    Event,
    HistoryResetEvent,
    MessageEvent,
    MessagePartEvent,
    QueueUpdateEvent,
    Status,
    StatusEvent,
    StreamedPart,
)
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId, OrganizationId, UserId
from coderchat_jupyter.wire.messages import Message, QueuedMessage, Usage
from coderchat_jupyter.wire.parts import TextPart

__all__ = ["CHAT_ID", "FakeChat", "wire"]

CHAT_ID: Final = ChatId("11111111-1111-4111-8111-111111111111")
_OWNER: Final = UserId("22222222-2222-4222-8222-222222222222")
_ORG: Final = OrganizationId("33333333-3333-4333-8333-333333333333")
_MODEL: Final = ModelConfigId("44444444-4444-4444-8444-444444444444")
_NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)


def wire(value: Any) -> Any:
    """As plain JSON values."""
    return encode(value)


class FakeChat:
    """Obeys: its methods are what a turn does, one step each.

    Each follower has a queue of batches; None in it ends the connection with `code`.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.queue: list[QueuedMessage] = []
        self.parts: list[str] = []
        self.status = "waiting"
        self.last_error: Any = None
        self.title = "A chat"
        self.followers: list[asyncio.Queue[Any]] = []
        self.connections = 0
        self._last_id = 2

    @property
    def chat(self) -> Chat:
        return Chat(
            id=CHAT_ID,
            organization_id=_ORG,
            owner_id=_OWNER,
            last_model_config_id=_MODEL,
            title=self.title,
            status=self.status,
            last_error=self.last_error,
            created_at=_NOW,
            updated_at=_NOW,
        )

    def follow(self, after_id: int) -> asyncio.Queue[Any]:
        """A new connection: the snapshot, then whatever happens."""
        self.connections += 1
        follower: asyncio.Queue[Any] = asyncio.Queue()
        follower.put_nowait(tuple(self._snapshot(after_id)))
        self.followers.append(follower)
        return follower

    def _snapshot(self, after_id: int) -> Iterable[Event]:
        yield self._status_event()
        for part in self.parts:
            yield self._part_event(part)
        for message in self.messages:
            if message.id > after_id:
                yield MessageEvent(chat_id=CHAT_ID, message=message)
        if self.queue:
            yield self._queue_event()

    def tell(self, *events: Event) -> None:
        """Send a frame to everybody."""
        for follower in self.followers:
            follower.put_nowait(events)

    def drop(self, code: int = 1000) -> None:
        """End every connection with a close code."""
        followers, self.followers = self.followers, []
        for follower in followers:
            follower.put_nowait(code)

    def say(self, raw: str) -> None:
        """Send a text as it is to everybody."""
        for follower in self.followers:
            follower.put_nowait(raw)

    def set_status(self, status: str, *, copies: int = 2) -> None:
        """v2.34 says every status twice."""
        self.status = status
        for _ in range(copies):
            self.tell(self._status_event())

    def ask(self, text: str) -> Message | QueuedMessage:
        """A prompt arrives: stored when nothing runs, queued else."""
        if self.status not in ("waiting", "error") or self.queue:
            queued = QueuedMessage(
                id=len(self.queue) + 1,
                chat_id=CHAT_ID,
                content=(TextPart(text=text),),
                created_at=_NOW,
            )
            self.queue.append(queued)
            self.tell(self._queue_event())
            return queued
        message = self.store("user", text)
        self.set_status("pending")
        return message

    def write(self, piece: str) -> None:
        """A piece of the answer."""
        self.parts.append(piece)
        self.tell(self._part_event(piece))

    def store(self, role: str, text: str) -> Message:
        """A message is committed."""
        self._last_id += 1
        message = Message(
            id=self._last_id,
            chat_id=CHAT_ID,
            role=role,
            content=(TextPart(text=text),),
            created_at=_NOW,
            model_config_id=_MODEL,
            usage=Usage(output_tokens=1) if role == "assistant" else None,
        )
        self.messages.append(message)
        if role == "assistant":
            self.parts.clear()
        self.tell(MessageEvent(chat_id=CHAT_ID, message=message))
        return message

    def commit(self) -> Message:
        """The answer so far becomes a message."""
        return self.store("assistant", "".join(self.parts))

    def finish(self) -> None:
        """The turn ends; the head of the queue is next."""
        if not self.queue:
            self.set_status("waiting")
            return
        head = self.queue.pop(0)
        self.store("user", "".join(p.text for p in head.content if p.type == "text"))
        self.tell(self._queue_event())
        self.set_status("pending")

    def unqueue(self, queued_id: int) -> bool:
        """Take one out of the queue; whether it was there."""
        left = [q for q in self.queue if q.id != queued_id]
        was_there = len(left) < len(self.queue)
        self.queue = left
        self.tell(self._queue_event())
        return was_there

    def promote(self, queued_id: int) -> None:
        """To the front; what runs is stopped and stored."""
        self.queue.sort(key=lambda q: q.id != queued_id)
        self.tell(self._queue_event())
        self.set_status("waiting")
        self.commit()
        self.finish()

    def edit(self, message_id: int, text: str) -> None:
        """As v2.34: whatever remains is sent again, and nobody says what is gone."""
        self.messages = [m for m in self.messages if m.id < message_id]
        self.queue.clear()
        self.parts.clear()
        for message in self.messages:
            self.tell(MessageEvent(chat_id=CHAT_ID, message=message))
        self.store("user", text)
        self.tell(self._queue_event())
        self.set_status("pending")

    def edit_openly(self, message_id: int, text: str) -> None:
        """As v2.35: all messages that remain are told again, after a reset."""
        self.messages = [m for m in self.messages if m.id < message_id]
        self.tell(HistoryResetEvent(chat_id=CHAT_ID))
        for message in self.messages:
            self.tell(MessageEvent(chat_id=CHAT_ID, message=message))
        self.store("user", text)
        self.set_status("pending")

    def _status_event(self) -> StatusEvent:
        return StatusEvent(chat_id=CHAT_ID, status=Status(status=self.status))

    def _queue_event(self) -> QueueUpdateEvent:
        return QueueUpdateEvent(chat_id=CHAT_ID, queued_messages=tuple(self.queue))

    def _part_event(self, text: str) -> MessagePartEvent:
        part = StreamedPart(role="assistant", part=TextPart(text=text))
        return MessagePartEvent(chat_id=CHAT_ID, message_part=part)
