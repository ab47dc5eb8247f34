"""The parts and listeners of every chat, in memory.

The engine publishes after it has committed, in the order of its commits, while it
holds the chat's lock. Who subscribes under the same lock, right after reading the
chat, misses nothing and is told nothing twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from coderchat_jupyter.server.streaming.subscriber import Outgoing, Subscriber
from coderchat_jupyter.wire._go import dumps
from coderchat_jupyter.wire.events import (
    ErrorEvent,
    Event,
    HistoryResetEvent,
    MessageEvent,
    MessagePartEvent,
    PreviewResetEvent,
    RetryEvent,
    StatusEvent,
)
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message

__all__ = ["Hub", "Notice", "Refresh", "outgoing"]

_BUFFERED_PARTS: Final = 10_000
_MOMENT_SECONDS: Final = 0.15
_HEAD_START_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Refresh:
    """The history was rewritten: `messages` are all that remain, in order."""

    messages: tuple[Message, ...]


Notice: TypeAlias = Event | Refresh


@dataclass(slots=True)
class _Channel:
    """What is known of one chat. `parts` belong to the step being written."""

    parts: deque[Outgoing] = field(
        default_factory=lambda: deque(maxlen=_BUFFERED_PARTS)
    )
    retry: Outgoing | None = None
    listeners: set[Subscriber] = field(default_factory=set)

    @property
    def idle(self) -> bool:
        return not (self.parts or self.retry or self.listeners)


def outgoing(event: Event) -> Outgoing:
    """An event, encoded once for all who listen."""
    message_id = event.message.id if isinstance(event, MessageEvent) else None
    return Outgoing(dumps(event).decode().rstrip("\n"), message_id)


class Hub:
    """Every chat's channel.

    Args:
        strict_g1: Leave out the events that v2.34 does not know.
    """

    def __init__(self, *, strict_g1: bool) -> None:
        self._strict = strict_g1
        self._channels: dict[ChatId, _Channel] = {}
        self._awaited: dict[ChatId, asyncio.Event] = {}

    async def await_listener(
        self, chat_id: ChatId, beside: asyncio.Task[None] | None = None
    ) -> None:
        """In strict mode, give whoever made a chat a moment to listen to it.

        v2.34 takes that long to its first call of a model, so its listeners see
        what fails at once as it fails; and what it does beside a first turn,
        which is naming the chat, is done before a quick answer is.
        """
        if self._strict and beside is not None:
            await asyncio.wait({beside}, timeout=_HEAD_START_SECONDS)
        channel = self._channels.get(chat_id)
        if not self._strict or (channel is not None and channel.listeners):
            return
        heard = self._awaited[chat_id] = asyncio.Event()
        try:
            async with asyncio.timeout(_MOMENT_SECONDS):
                await heard.wait()
        except TimeoutError:
            pass
        finally:
            self._awaited.pop(chat_id, None)

    def publish(self, chat_id: ChatId, notices: Iterable[Notice]) -> None:
        """Tell all who listen to a chat what was committed."""
        for notice in notices:
            if isinstance(notice, Refresh):
                self._refresh(chat_id, notice)
            else:
                self._event(chat_id, notice)
        self._forget_if_idle(chat_id)

    def part(self, event: MessagePartEvent) -> None:
        """Tell, and remember until its message is committed."""
        channel = self._channel(event.chat_id)
        channel.retry = None
        item = outgoing(event)
        channel.parts.append(item)
        for listener in channel.listeners:
            listener.put(item)

    def retry(self, event: RetryEvent) -> None:
        """Tell that the step begins anew, and forget what was seen of it."""
        channel = self._channel(event.chat_id)
        channel.parts.clear()
        channel.retry = outgoing(event)
        told = [channel.retry]
        if not self._strict:
            told.append(outgoing(PreviewResetEvent(chat_id=event.chat_id)))
        for listener in channel.listeners:
            for item in told:
                listener.put(item)

    def in_progress(self, chat_id: ChatId) -> list[Outgoing]:
        """What a snapshot says of the step being written: its wait, its parts."""
        channel = self._channels.get(chat_id)
        if channel is None:
            return []
        return [*([channel.retry] if channel.retry else []), *channel.parts]

    @contextmanager
    def listening(self, chat_id: ChatId, listener: Subscriber) -> Iterator[None]:
        """Subscribe until the block ends."""
        self._channel(chat_id).listeners.add(listener)
        if (awaited := self._awaited.get(chat_id)) is not None:
            awaited.set()
        try:
            yield
        finally:
            self._channel(chat_id).listeners.discard(listener)
            self._forget_if_idle(chat_id)

    @property
    def listeners(self) -> int:
        """How many sockets are open."""
        return sum(len(channel.listeners) for channel in self._channels.values())

    def _event(self, chat_id: ChatId, event: Event) -> None:
        channel = self._channel(chat_id)
        if isinstance(event, MessageEvent) and event.message.role == "assistant":
            channel.parts.clear()
        if isinstance(event, ErrorEvent):
            channel.retry = None
        if isinstance(event, StatusEvent):
            channel.retry = None
            channel.parts.clear()
        item = outgoing(event)
        for listener in channel.listeners:
            listener.put(item)

    def _refresh(self, chat_id: ChatId, refresh: Refresh) -> None:
        channel = self._channel(chat_id)
        channel.parts.clear()
        channel.retry = None
        told = [
            outgoing(MessageEvent(chat_id=chat_id, message=message))
            for message in refresh.messages
        ]
        if not self._strict:
            told.insert(0, outgoing(HistoryResetEvent(chat_id=chat_id)))
        for listener in channel.listeners:
            listener.forget_delivered()
            for item in told:
                listener.put(item)

    def _channel(self, chat_id: ChatId) -> _Channel:
        return self._channels.setdefault(chat_id, _Channel())

    def _forget_if_idle(self, chat_id: ChatId) -> None:
        channel = self._channels.get(chat_id)
        if channel is not None and channel.idle:
            del self._channels[chat_id]
