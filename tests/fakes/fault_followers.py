"""What a chat tells over one connection: by v2.34 in two lanes, by v2.36 in syncs."""

from __future__ import annotations

from collections import deque

from tests.fakes.fault_chat import CHAT_ID, FaultChat, Json

__all__ = ["LaneFollower", "SyncFollower", "follower_of"]

_MAX_FRAME = 8


def follower_of(chat: FaultChat, after_id: int) -> LaneFollower | SyncFollower:
    """A new connection to a chat, by its generation."""
    return (SyncFollower if chat.is_new else LaneFollower)(chat, after_id)


def _message(message: Json) -> Json:
    return {"type": "message", "chat_id": CHAT_ID, "message": message}


def _own(event: Json) -> Json:
    return {**event, "chat_id": CHAT_ID}


class LaneFollower:
    """v2.34: two lanes, each in order, merged in any way.

    A message is told once a connection, unless an edit makes all of them told again.
    """

    def __init__(self, chat: FaultChat, after_id: int) -> None:
        self._chat = chat
        self._after_id = after_id
        self._delivered: set[int] = set()
        self._highest = after_id
        self._local: deque[Json] = deque()
        self._pubsub: deque[Json | int | None] = deque()
        self._snapshot: list[Json] | None = self._first()

    def _first(self) -> list[Json]:
        chat = self._chat
        events = [_own({"type": "status", "status": {"status": chat.status}})]
        if chat.retry is not None:
            events.append(_own({"type": "retry", "retry": chat.retry}))
        events += [
            _own({"type": "message_part", "message_part": p}) for p in chat.parts
        ]
        events += self._messages(self._after_id)
        if chat.queue:
            queue = list(chat.queue)
            events.append(_own({"type": "queue_update", "queued_messages": queue}))
        return events

    def local(self, event: Json) -> None:
        self._local.append(_own(event))

    def pubsub(self, what: Json | int | None) -> None:
        self._pubsub.append(what)

    def frames(self) -> list[list[Json]]:
        dice = self._chat.dice
        events: list[Json] = []
        while self._local or self._pubsub:
            from_local = self._local and (not self._pubsub or dice.random() < 0.5)
            if from_local:
                events.append(self._local.popleft())
            else:
                events += self._told(self._pubsub.popleft())
        frames = [self._snapshot] if self._snapshot else []
        self._snapshot = None
        while events:
            size = dice.randint(1, _MAX_FRAME)
            frames.append(events[:size])
            events = events[size:]
        return frames

    def _told(self, what: Json | int | None) -> list[Json]:
        if what is None:
            self._delivered.clear()
            return self._messages(0)
        if isinstance(what, int):
            return self._messages(max(self._after_id, min(what, self._highest)))
        return [_own(what)]

    def _messages(self, after: int) -> list[Json]:
        found = [
            m
            for m in self._chat.messages
            if m["id"] > after and m["id"] not in self._delivered
        ]
        self._delivered.update(m["id"] for m in found)
        self._highest = max([self._highest, *self._delivered])
        return [_message(m) for m in found]


class SyncFollower:
    """v2.36: one frame for each look at the database, then parts by their number."""

    def __init__(self, chat: FaultChat, after_id: int) -> None:
        self._chat = chat
        self._highest = after_id
        # A chat that was edited starts every connection with all of its history.
        # None that this connection knows of: one to a chat that was edited earlier
        # begins with a reset.
        self._edits: int = 0
        self._status = ""
        self._queue: list[Json] = []
        self._errors: list[Json] = []
        self._retry: Json | None = None
        self._episode = (0, 0)
        self._seq = 0
        self._is_first = True

    def local(self, event: Json) -> None:
        """All is read from the chat itself when it is told."""

    def pubsub(self, what: Json | int | None) -> None:
        if isinstance(what, dict) and what["type"] == "error":
            self._errors.append(_own(what))

    def frames(self) -> list[list[Json]]:
        sync = self._sync()
        parts = self._parts()
        frames = [sync] if sync else []
        dice = self._chat.dice
        while parts:
            size = dice.randint(1, _MAX_FRAME)
            frames.append(parts[:size])
            parts = parts[size:]
        return frames

    def _sync(self) -> list[Json]:
        chat, events = self._chat, []
        is_edited, self._edits = chat.edits != self._edits, chat.edits
        if is_edited:
            events.append(_own({"type": "history_reset"}))
            self._highest = 0
        events += [_message(m) for m in chat.messages if m["id"] > self._highest]
        self._highest = max([self._highest, *(m["id"] for m in chat.messages)])
        has_news = bool(events) or self._is_first
        if chat.queue != self._queue:
            self._queue = list(chat.queue)
            event: Json = {"type": "queue_update"}
            if self._queue:
                event["queued_messages"] = list(self._queue)
            events.append(_own(event))
        if chat.status != self._status:
            self._status = chat.status
            events.append(_own({"type": "status", "status": {"status": chat.status}}))
        events += self._failures()
        episode = (chat.version, chat.attempt)
        if has_news or episode != self._episode:
            events.append(_own({"type": "preview_reset"}))
            self._episode, self._seq = episode, 0
        self._is_first = False
        return events

    def _failures(self) -> list[Json]:
        chat, events = self._chat, self._errors
        self._errors = []
        if chat.status != "error":
            events = []
        elif self._is_first and chat.last_error is not None:
            events = [_own({"type": "error", "error": chat.last_error})]
        if chat.retry is not None and chat.retry != self._retry:
            events = [*events, _own({"type": "retry", "retry": chat.retry})]
        self._retry = chat.retry
        return events

    def _parts(self) -> list[Json]:
        parts = [p for p in self._chat.parts if p["seq"] > self._seq]
        if parts:
            self._seq = parts[-1]["seq"]
        return [_own({"type": "message_part", "message_part": p}) for p in parts]
