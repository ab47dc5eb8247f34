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
from datetime import UTC, datetime
from typing import Final, Protocol, TypeAlias

from coderchat_jupyter.server.streaming.frames import (
    Burst,
    Outgoing,
    outgoing,
    outgoing_part,
    outgoing_text,
)
from coderchat_jupyter.server.streaming.pace import Pace
from coderchat_jupyter.server.streaming.subscriber import Subscriber
from coderchat_jupyter.wire.events import (
    Event,
    HistoryResetEvent,
    MessageEvent,
    PreviewResetEvent,
    Retry,
    RetryEvent,
)
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message
from coderchat_jupyter.wire.parts import Part

__all__ = ["Elsewhere", "Hub", "Notice", "Refresh", "kind_of"]

_BUFFERED_PARTS: Final = 10_000
_MOMENT_SECONDS: Final = 0.15
_HEAD_START_SECONDS: Final = 0.3
_ENDS_STEP: Final = frozenset({"answer", "error", "status"})


@dataclass(frozen=True, slots=True)
class Refresh:
    """The history was rewritten: `messages` are all that remain, in order."""

    messages: tuple[Message, ...]


Notice: TypeAlias = Event | Refresh


@dataclass(slots=True)
class _Channel:
    """What is known of one chat. `parts` belong to the step being written.

    `fresh` are those of them that its listeners are about to be told, at its `pace`.
    They are kept as texts: those are nothing to the garbage collector, which would look
    at tens of thousands of anything else, and stop everything meanwhile.
    """

    pace: Pace
    parts: deque[str] = field(default_factory=lambda: deque(maxlen=_BUFFERED_PARTS))
    retry: Outgoing | None = None
    fresh: list[Outgoing] = field(default_factory=list)
    listeners: set[Subscriber] = field(default_factory=set)

    @property
    def idle(self) -> bool:
        return not (self.parts or self.retry or self.listeners)

    def add(self, part: Outgoing) -> None:
        """Take a part, and tell it in the next round.

        What comes until then makes one frame, and that is made once.
        """
        self.retry = None
        self.parts.append(part.text)
        if not self.listeners:
            return
        if not self.fresh:
            self.pace.soon(self.flush)
        self.fresh.append(part)

    def void(self) -> None:
        """Forget the step being written."""
        self.retry = None
        self.parts.clear()
        self.fresh.clear()

    def flush(self) -> None:
        """Tell the parts that are to be told."""
        if not self.fresh:
            return
        burst, self.fresh = Burst(self.fresh), []
        for listener in self.listeners:
            listener.put_burst(burst)


def kind_of(event: Event) -> str:
    """What an event means for the step being written: its type, or `answer`."""
    if isinstance(event, MessageEvent) and event.message.role == "assistant":
        return "answer"
    return event.type


def _begun_anew(chat_id: ChatId) -> RetryEvent:
    retry = Retry(
        error="The answer begins anew.",
        kind="generic",
        retrying_at=datetime.now(UTC),
    )
    return RetryEvent(chat_id=chat_id, retry=retry)


class Elsewhere(Protocol):
    """Listeners on other servers, and what they say of chats that run there."""

    def part(self, chat_id: ChatId, text: str) -> None:
        """A piece of a step that is written here."""
        ...

    def retry(self, chat_id: ChatId, text: str) -> None:
        """A step that is written here begins anew."""
        ...

    def listen(self, chat_id: ChatId) -> None:
        """Somebody listens to a chat for the first time."""
        ...

    def writes(self, chat_id: ChatId) -> bool:
        """Whether what is known of a step is only what they told."""
        ...


class Nowhere:
    """There are no other servers."""

    def part(self, chat_id: ChatId, text: str) -> None:
        """Nobody hears it."""

    def retry(self, chat_id: ChatId, text: str) -> None:
        """Nobody hears it."""

    def listen(self, chat_id: ChatId) -> None:
        """Nobody says anything."""

    def writes(self, chat_id: ChatId) -> bool:
        """All steps are written here."""
        return False


class Hub:
    """Every chat's channel.

    Args:
        strict_g1: Leave out the events that v2.34 does not know.

    Attributes:
        elsewhere: Where else there are listeners and runs.
    """

    def __init__(self, *, strict_g1: bool) -> None:
        self._strict = strict_g1
        self._pace = Pace()
        self._channels: dict[ChatId, _Channel] = {}
        self._awaited: dict[ChatId, asyncio.Event] = {}
        self.elsewhere: Elsewhere = Nowhere()

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
                self.refresh(chat_id, notice)
            else:
                self.tell(chat_id, kind_of(notice), outgoing(notice))

    def part(self, chat_id: ChatId, role: str, part: Part) -> None:
        """Tell, and remember until its message is committed."""
        self._written(chat_id, outgoing_part(chat_id, role, part))

    def text(self, chat_id: ChatId, text: str) -> None:
        """The same of more of an answer's text, which nearly all parts are."""
        self._written(chat_id, outgoing_text(chat_id, text))

    def _written(self, chat_id: ChatId, item: Outgoing) -> None:
        self._channel(chat_id).add(item)
        self.elsewhere.part(chat_id, item.text)

    def retry(self, event: RetryEvent) -> None:
        """Tell that the step begins anew, and forget what was seen of it."""
        item = outgoing(event)
        self.tell(event.chat_id, event.type, item)
        self.elsewhere.retry(event.chat_id, item.text)

    def tell(self, chat_id: ChatId, kind: str, item: Outgoing) -> None:
        """Tell one event, of this server's engine or of another's.

        Args:
            chat_id: The chat it is about.
            kind: Of `kind_of`.
            item: The event.
        """
        channel = self._channel(chat_id)
        if kind == "message_part":
            channel.add(item)
            return
        channel.flush()
        told = [item]
        if kind == "preview_reset":
            told = self._void(chat_id, channel)
        elif kind == "retry":
            channel.parts.clear()
            channel.retry = item
            if not self._strict:
                told.append(outgoing(PreviewResetEvent(chat_id=chat_id)))
        elif kind in _ENDS_STEP:
            channel.retry = None
            if kind != "error":
                channel.parts.clear()
        for listener in channel.listeners:
            for event in told:
                listener.put(event)
        self._forget_if_idle(chat_id)

    def _void(self, chat_id: ChatId, channel: _Channel) -> list[Outgoing]:
        """Forget what was seen of a step; what makes its readers forget it too."""
        if not channel.parts:
            return []
        channel.parts.clear()
        # v2.34 says nothing when a server takes up what another one ran, and its
        # readers see the text twice. This is the one event at which they drop it.
        if self._strict:
            return [outgoing(_begun_anew(chat_id))]
        return [outgoing(PreviewResetEvent(chat_id=chat_id))]

    def refresh(self, chat_id: ChatId, refresh: Refresh) -> None:
        """Tell that the history was rewritten, and all of it."""
        channel = self._channel(chat_id)
        channel.flush()
        channel.parts.clear()
        channel.retry = None
        told = [
            outgoing(MessageEvent(chat_id=chat_id, message=message))
            for message in refresh.messages
        ]
        for listener in channel.listeners:
            if not self._strict:
                listener.put(outgoing(HistoryResetEvent(chat_id=chat_id)))
            listener.begin_again(told)
        self._forget_if_idle(chat_id)

    def in_progress(self, chat_id: ChatId) -> list[Outgoing]:
        """What a snapshot says of the step being written: its wait, its parts."""
        retry, parts = self.being_written(chat_id)
        return [retry, *parts] if retry else parts

    def being_written(self, chat_id: ChatId) -> tuple[Outgoing | None, list[Outgoing]]:
        """The same, apart."""
        channel = self._channels.get(chat_id)
        if channel is None:
            return None, []
        return channel.retry, [*map(Outgoing, channel.parts)]

    @contextmanager
    def listening(self, chat_id: ChatId, listener: Subscriber) -> Iterator[None]:
        """Subscribe until the block ends."""
        channel = self._channel(chat_id)
        if not channel.listeners:
            self.elsewhere.listen(chat_id)
        # A new listener has them in its snapshot.
        channel.flush()
        channel.listeners.add(listener)
        if (awaited := self._awaited.get(chat_id)) is not None:
            awaited.set()
        try:
            yield
        finally:
            channel = self._channel(chat_id)
            channel.listeners.discard(listener)
            if not channel.listeners and self.elsewhere.writes(chat_id):
                # Of its end nothing is heard here; who listens next is told it all.
                channel.void()
            self._forget_if_idle(chat_id)

    def listened(self) -> list[ChatId]:
        """The chats that somebody listens to."""
        return [found for found, known in self._channels.items() if known.listeners]

    def is_listened(self, chat_id: ChatId) -> bool:
        """Whether somebody listens to a chat."""
        channel = self._channels.get(chat_id)
        return channel is not None and bool(channel.listeners)

    @property
    def listeners(self) -> int:
        """How many sockets are open."""
        return sum(len(channel.listeners) for channel in self._channels.values())

    def _channel(self, chat_id: ChatId) -> _Channel:
        found = self._channels.get(chat_id)
        if found is None:
            found = self._channels[chat_id] = _Channel(self._pace)
        return found

    def _forget_if_idle(self, chat_id: ChatId) -> None:
        channel = self._channels.get(chat_id)
        if channel is not None and channel.idle:
            del self._channels[chat_id]
