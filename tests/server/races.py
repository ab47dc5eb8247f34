"""Somebody who does many things at once, and a model that answers by itself."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator
from typing import Any

from coderchat_jupyter.server.providers import Provider, ProviderRow
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    Item,
    ModelCall,
    ProviderError,
    TextDelta,
)
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.wire.framing import decode_frame
from coderchat_jupyter.wire.messages import Message
from coderchat_jupyter.wire.parts import TextPart
from tests.fakes.puppet import USAGE, Puppet
from tests.server.world import Feed, Person, eventually, text

__all__ = ["Chatterbox", "act", "check", "drain"]


class Chatterbox(Puppet):
    """Answers by itself, a word at a time, and sometimes fails."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)  # noqa: S311  a dice

    def build(self, row: ProviderRow) -> Provider:
        return self

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        for number in range(self._random.randrange(6)):
            yield TextDelta(f"word {number} ")
            await asyncio.sleep(self._random.choice([0, 0, 0.001, 0.02]))
        if self._random.random() < 0.1:
            raise ProviderError("no", status_code=400)
        yield Finished("stop", USAGE)


async def act(person: Person, chat: str, dice: random.Random, number: int) -> str:
    """Do one thing; the words of the message it sent, if it did."""
    page = (await person.call("GET", f"/chats/{chat}/messages")).json()
    queue = [entry["id"] for entry in page["queued_messages"]]
    what = dice.choice(["send", "send", "send", "cut", "stop", "promote"])
    if what == "promote" and queue:
        path = f"/chats/{chat}/queue/{dice.choice(queue)}/promote"
        assert (await person.call("POST", path)).status_code in (202, 500)
    elif what == "stop":
        path = f"/chats/{chat}/interrupt"
        assert (await person.call("POST", path)).status_code == 200
    else:
        behavior = "interrupt" if what == "cut" else "queue"
        words = f"message {number}"
        body = {**text(words), "busy_behavior": behavior}
        sent = await person.call("POST", f"/chats/{chat}/messages", body)
        if sent.status_code == 200:
            return words
        assert sent.status_code == 429
    return ""


async def drain(person: Person, chat: str) -> None:
    """Let everything that waits run, whatever fails on the way."""

    async def rests() -> bool:
        page = (await person.call("GET", f"/chats/{chat}/messages")).json()
        found = (await person.call("GET", f"/chats/{chat}")).json()
        busy = found["status"] in ("pending", "running")
        if page["queued_messages"] and not busy:
            head = page["queued_messages"][0]["id"]
            await person.call("POST", f"/chats/{chat}/queue/{head}/promote")
            return False
        return not busy and not page["queued_messages"]

    await eventually(rests)


def _state(feed: Feed) -> ChatState:
    """What a client makes of all that a stream told."""
    state = ChatState()
    for frame in feed.frames:
        state = reduce(state, decode_frame(json.dumps(frame)))
    return state


async def check(person: Person, chat: str, sent: set[str], *feeds: Feed) -> None:
    """Hold what was stored, and what streams told, against what was sent."""
    page = (await person.call("GET", f"/chats/{chat}/messages", limit=200)).json()
    newest = page["messages"][0]["id"]
    stored = [(m["id"], _text(m)) for m in reversed(page["messages"])]
    asked = [_text(m) for m in page["messages"] if m["role"] == "user"]
    for feed in feeds:
        await feed.until(lambda f: newest in _told(f))
        state = _state(feed)
        assert [(m.id, _words(m)) for m in state.messages] == stored
        assert state.queue == ()
    assert sorted(asked) == sorted(sent)


def _told(feed: Feed) -> set[int]:
    """The ids of the messages that a stream told."""
    return {e["message"]["id"] for e in feed.events if e["type"] == "message"}


def _text(message: dict[str, Any]) -> str:
    return "".join(part["text"] for part in message["content"])


def _words(message: Message) -> str:
    return "".join(p.text for p in message.content if isinstance(p, TextPart))
