"""A server as far as its stream tells: what it would say to who connects again.

It hears the events of one connection and answers with the snapshot of another, as
each release does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.wire.events import (
    Event,
    HistoryResetEvent,
    MessageEvent,
    MessagePartEvent,
    PreviewResetEvent,
    QueueUpdateEvent,
    RetryEvent,
    Status,
    StatusEvent,
)
from coderchat_jupyter.wire.framing import Batch
from coderchat_jupyter.wire.messages import Message, MessagesPage, QueuedMessage

__all__ = ["Heard", "page_of", "shown", "vanished"]


class Heard:
    """What a server holds that has said some events.

    Args:
        release: Which server it is.
        history: Its messages at the end: an edit is known by those that are gone.
    """

    def __init__(self, release: str, history: tuple[Message, ...] = ()) -> None:
        self.release = release
        self.history = history
        self.messages: dict[int, Message] = {}
        self.status = ""
        self.queue: tuple[QueuedMessage, ...] = ()
        self.retry: RetryEvent | None = None
        self.parts: list[MessagePartEvent] = []
        self.is_live = False
        self.was_edited = False

    @property
    def held(self) -> tuple[Message, ...]:
        """Its messages, oldest first; posted results are told late, or never."""
        newest = max(self.messages, default=0)
        known = {m.id: m for m in self.history if m.id < newest} | self.messages
        return tuple(known[key] for key in sorted(known))

    def hear(self, events: Iterable[Event]) -> None:
        for event in events:
            self._hear(event)

    def _hear(self, event: Event) -> None:
        match event:
            case MessageEvent(message=message):
                self._store(message)
            case MessagePartEvent():
                self.retry = None
                self.parts.append(event)
            case StatusEvent(status=status):
                # v2.33 keeps the parts of a turn until the next one runs.
                if status.status == "pending" or self.release != "v2.33.9":
                    is_over = status.status in ("pending", "error")
                    self.parts = [] if is_over else self.parts
                if self.status == "waiting" and status.status == "running":
                    self.parts = []
                self.status = status.status
                self.retry = None
            case QueueUpdateEvent(queued_messages=queue):
                self.queue = queue
            case RetryEvent():
                self.parts = []
                self.retry = event
            case _:
                if event.type == "history_reset":
                    self._edit()
                if event.type in ("history_reset", "preview_reset"):
                    self.parts = []

    def _store(self, message: Message) -> None:
        if message.id in self.messages and not self.was_edited:
            self._edit()
        if message.id in self.messages:
            return
        self.messages[message.id] = message
        is_newer = self.release.startswith("v2.36")
        if message.role == "user" and self.is_live and not is_newer:
            self.status = "pending"
        if message.role == "assistant" and self.release != "v2.33.9":
            self.parts = []

    def _edit(self) -> None:
        """An edit removes some and adds one before anything is sent again."""
        newest = max(self.messages)
        added = next((m.id for m in self.history if m.id >= newest), newest)
        self.messages = {m.id: m for m in self.history if m.id <= added}
        self.parts = []
        self.was_edited = True
        if not self.release.startswith("v2.36"):
            self.status = "pending"

    def snapshot(self, after_id: int) -> Batch:
        """What a new connection is told first, in the order of the release."""
        return tuple(
            self._newer(after_id)
            if self.release.startswith("v2.36")
            else self._older(after_id)
        )

    def _older(self, after_id: int) -> Iterator[Event]:
        yield StatusEvent(status=Status(status=self.status))
        if self.retry is not None:
            yield self.retry
        yield from self.parts
        yield from self._messages(after_id)
        if self.queue:
            yield QueueUpdateEvent(queued_messages=self.queue)

    def _newer(self, after_id: int) -> Iterator[Event]:
        if self.was_edited:
            after_id = 0
            yield HistoryResetEvent()
        yield from self._messages(after_id)
        if self.queue:
            yield QueueUpdateEvent(queued_messages=self.queue)
        yield StatusEvent(status=Status(status=self.status))
        if self.retry is not None:
            yield self.retry
        yield PreviewResetEvent()
        yield from self.parts

    def _messages(self, after_id: int) -> Iterator[Event]:
        return (MessageEvent(message=m) for m in self.held if m.id > after_id)


def page_of(messages: Iterable[Message]) -> MessagesPage:
    """As it is fetched: newest first."""
    return MessagesPage(messages=tuple(messages)[::-1])


def shown(state: ChatState) -> str:
    """All that the assistant says in a view, without white space."""
    parts: list[Any] = [
        part
        for message in state.messages
        if message.role == "assistant"
        for part in message.content
    ]
    parts += state.preview.blocks
    said = (str(p.text) for p in parts if getattr(p, "type", "") in _KINDS or _is(p))
    return "".join("".join(said).split())


_KINDS = ("text", "reasoning")


def _is(block: Any) -> bool:
    return getattr(block, "kind", "") in _KINDS


def vanished(before: ChatState, after: ChatState) -> bool:
    """Whether a view showed something that another, later one does not show.

    Text counts as often as it is shown: what was doubled vanishes once.
    """
    earlier, later = shown(before), shown(after)
    if later.startswith(earlier):
        return False
    rest = iter(later)
    return not all(letter in rest for letter in earlier)
