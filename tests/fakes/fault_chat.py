"""A chat as servers of each generation keep and tell it, for connections that fail.

Plain JSON values all the way: what a session makes of them is what is tested. The
rules are those of the record: every live status twice and in two lanes (v2.34), the
whole history again after an edit, one sync a snapshot with resets (v2.36).
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any, Final, Protocol

__all__ = ["CHAT_ID", "FaultChat", "Follower", "Json"]

Json = dict[str, Any]

CHAT_ID: Final = "11111111-1111-4111-8111-111111111111"
_OWNER: Final = "22222222-2222-4222-8222-222222222222"
_MODEL: Final = "44444444-4444-4444-8444-444444444444"
_NOW: Final = "2026-06-01T00:00:00Z"

BUSY: Final = ("pending", "running", "interrupting")


class Follower(Protocol):
    """One connection to the stream of the chat."""

    def local(self, event: Json) -> None:
        """From the process that runs the chat: parts and first copies of a status."""

    def pubsub(self, what: Json | int | None) -> None:
        """Over the database: an event, messages after an id, or None for all."""

    def frames(self) -> list[list[Json]]:
        """What there is to say now, cut into frames."""


class FaultChat:
    """The truth. Its methods are what may happen to a chat, one step each.

    Attributes:
        is_new: Of v2.35 or later: resets are told, every status once.
        messages: What is stored and visible, oldest first.
        edits: How many edits there were.
    """

    def __init__(self, dice: Random, *, is_new: bool) -> None:
        self.dice = dice
        self.is_new = is_new
        self.messages: list[Json] = []
        self.queue: list[Json] = []
        self.parts: list[Json] = []
        self.status = "waiting"
        self.last_error: Json | None = None
        self.retry: Json | None = None
        self.edits = 0
        self.version = 1
        self.attempt = 1
        self.seq = 0
        self.followers: dict[Follower, asyncio.Event] = {}
        self._last_id = 2
        self._queued = 0

    @property
    def is_busy(self) -> bool:
        return self.status in BUSY

    @property
    def chat(self) -> Json:
        told: Json = {
            "id": CHAT_ID,
            "organization_id": _OWNER,
            "owner_id": _OWNER,
            "last_model_config_id": _MODEL,
            "title": "A chat",
            "status": self.status,
            "created_at": _NOW,
            "updated_at": _NOW,
        }
        return (
            told if self.last_error is None else told | {"last_error": self.last_error}
        )

    def page(self, before: int, limit: int) -> Json:
        """As `GET /messages` answers."""
        found = [m for m in reversed(self.messages) if m["id"] < before]
        return {
            "messages": found[:limit],
            "queued_messages": list(self.queue),
            "has_more": len(found) > limit,
        }

    # What happens, by whoever does it.

    def send(self, text: str) -> Json:
        """A prompt arrives: stored when nothing runs, queued else. The answer."""
        if self.is_busy or self.queue:
            self._queued += 1
            item = {
                "id": self._queued,
                "chat_id": CHAT_ID,
                "content": [{"type": "text", "text": text}],
                "created_at": _NOW,
            }
            self.queue.append(item)
            self._tell_queue()
            return {"queued_message": item, "queued": True}
        message = self._store("user", [{"type": "text", "text": text}])
        self._begin()
        return {"message": message, "queued": False}

    def start(self) -> None:
        """A worker takes the chat."""
        self._set_status("running")

    def write(self, text: str) -> None:
        """A piece of the answer."""
        self._part("assistant", {"type": "text", "text": text})

    def commit(self, *, with_tool: bool = False) -> None:
        """A step is stored: what was written, and perhaps a tool with its result."""
        text = "".join(p["part"].get("text", "") for p in self.parts)
        content: list[Json] = [{"type": "text", "text": text}] if text else []
        result: Json = {}
        if with_tool:
            call_id = f"call_{self._last_id}"
            call = {"tool_call_id": call_id, "tool_name": "look"}
            args = {"type": "tool-call", **call, "args": {"at": text[:5]}}
            result = {"type": "tool-result", **call, "result": {"seen": True}}
            self._part("assistant", args)
            self._part("tool", result)
            content.append(args)
        self.parts.clear()
        if content:
            self._store("assistant", content)
        if result:
            self._store("tool", [result])
        self._new_episode()

    def finish(self) -> None:
        """The turn ends; the head of the queue is next."""
        if not self.queue:
            self._set_status("waiting")
            return
        head = self.queue.pop(0)
        self._store("user", head["content"])
        self._tell_queue()
        self._begin()

    def fail(self) -> None:
        """The run ends in an error; what was written of it is gone."""
        self.parts.clear()
        error = {"message": "The model is overloaded.", "kind": "overloaded"}
        self.last_error = error
        self._tell_pubsub({"type": "error", "error": error})
        self._set_status("error")

    def retry_later(self) -> None:
        """A model call failed, and is going to be made again."""
        self.parts.clear()
        self.retry = {"attempt": self.attempt, "error": "Oops.", "retrying_at": _NOW}
        self._tell_pubsub({"type": "retry", "retry": self.retry})
        self.attempt += 1
        self.seq = 0

    def interrupt(self) -> None:
        """Somebody stops the answer: what there is of it is stored."""
        self._set_status("interrupting" if self.is_new else "waiting")
        self.commit()
        self.finish()

    def promote(self, queued_id: int) -> None:
        """A queued message is next, now."""
        self.queue.sort(key=lambda item: item["id"] != queued_id)
        self._tell_queue()
        if self.status == "running":
            self._set_status("interrupting" if self.is_new else "waiting")
            self.commit()
        self.finish()

    def unqueue(self, queued_id: int) -> None:
        """A queued message is taken back."""
        self.queue = [item for item in self.queue if item["id"] != queued_id]
        self._tell_queue()

    def edit(self, message_id: int, text: str) -> Json:
        """A prompt is written anew: it and all after it are gone."""
        was_running = self.status == "running"
        late = self.parts[-1:]
        self.messages = [m for m in self.messages if m["id"] < message_id]
        self.parts.clear()
        self.queue.clear()
        self.edits += 1
        message = self._new("user", [{"type": "text", "text": text}])
        self.messages.append(message)
        self._tell_pubsub(None)
        self._tell_queue()
        self._begin()
        if was_running and not self.is_new and late and self.dice.random() < 0.5:
            # One part of the old run is on its way still.
            self._tell_local({"type": "message_part", "message_part": late[0]})
            self._set_status("pending")
        return message

    # How it is told.

    def follow(self, follower: Follower) -> asyncio.Event:
        """A new connection; the event is set whenever there is something to say."""
        self.followers[follower] = asyncio.Event()
        self.followers[follower].set()
        return self.followers[follower]

    def leave(self, follower: Follower) -> None:
        """A connection has ended."""
        self.followers.pop(follower, None)

    def _begin(self) -> None:
        self.last_error = None
        self._new_episode()
        self._set_status("running" if self.is_new else "pending")

    def _new_episode(self) -> None:
        self.version += self.dice.randint(1, 3)
        self.attempt, self.seq, self.retry = 1, 0, None

    def _new(self, role: str, content: list[Json]) -> Json:
        self._last_id += self.dice.randint(1, 3)  # ids grow across the deployment
        message: Json = {
            "id": self._last_id,
            "chat_id": CHAT_ID,
            "created_at": _NOW,
            "role": role,
            "content": content,
        }
        return message

    def _store(self, role: str, content: list[Json]) -> Json:
        message = self._new(role, content)
        self.messages.append(message)
        self._tell_pubsub(message["id"] - 1)
        return message

    def _part(self, role: str, part: Json) -> None:
        self.seq += 1
        self.retry = None
        streamed: Json = {"role": role, "part": part}
        if self.is_new:
            streamed |= {
                "history_version": self.version,
                "generation_attempt": self.attempt,
                "seq": self.seq,
            }
        self.parts.append(streamed)
        self._tell_local({"type": "message_part", "message_part": streamed})

    def _set_status(self, status: str) -> None:
        self.status = status
        event = {"type": "status", "status": {"status": status}}
        self._tell_local(event)
        self._tell_pubsub(event)

    def _tell_queue(self) -> None:
        event: Json = {"type": "queue_update"}
        if self.queue:
            event["queued_messages"] = list(self.queue)
        self._tell_pubsub(event)

    def _tell_local(self, event: Json) -> None:
        for follower, wake in self.followers.items():
            follower.local(event)
            wake.set()

    def _tell_pubsub(self, what: Json | int | None) -> None:
        for follower, wake in self.followers.items():
            follower.pubsub(what)
            wake.set()
