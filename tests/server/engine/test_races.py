"""Many things at once: whatever their order, nothing is lost, doubled or stuck."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from coderchat_jupyter.server.providers import Provider, ProviderRow
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    Item,
    ModelCall,
    ProviderError,
    TextDelta,
)
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.wire.framing import decode_frame
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message
from coderchat_jupyter.wire.parts import TextPart
from tests.fakes.puppet import USAGE, Puppet
from tests.server.databases import BOTH
from tests.server.world import Person, World, eventually, open_world, text


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


async def _act(person: Person, chat: str, dice: random.Random, number: int) -> str:
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


async def _drain(person: Person, chat: str) -> None:
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


async def _play(world: World, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  a dice
    person = world.admin
    chat = (await person.create("message 0"))["id"]
    async with person.stream(chat) as feed:
        sent = {"message 0"}
        for start in range(1, 25, 3):
            acts = [_act(person, chat, dice, n) for n in range(start, start + 3)]
            sent |= set(await asyncio.gather(*acts)) - {""}
            await asyncio.sleep(dice.choice([0, 0.005, 0.03]))
        await _drain(person, chat)
        page = (await person.call("GET", f"/chats/{chat}/messages", limit=200)).json()
        newest = page["messages"][0]["id"]
        await feed.until(
            lambda f: any(
                e["type"] == "message" and e["message"]["id"] == newest
                for e in f.events
            )
        )
    state = ChatState()
    for frame in feed.frames:
        state = reduce(state, decode_frame(json.dumps(frame)))
    stored = [
        (m["id"], "".join(p["text"] for p in m["content"]))
        for m in reversed(page["messages"])
    ]
    asked = [
        "".join(p["text"] for p in m["content"])
        for m in page["messages"]
        if m["role"] == "user"
    ]

    assert sorted(asked) == sorted(sent)
    assert [(m.id, _words(m)) for m in state.messages] == stored
    assert state.queue == ()
    assert world.service.moves.runs == {}


def _words(message: Message) -> str:
    return "".join(p.text for p in message.content if isinstance(p, TextPart))


@pytest.mark.parametrize(
    ("seed", "database_kind"),
    [*((seed, "sqlite") for seed in range(6)), (0, "postgres"), (1, "postgres")],
)
async def test_every_message_is_there_once_and_told_once(
    seed: int, tmp_path: Path, address: DatabaseAddress
) -> None:
    """Sends, interrupts and promotions collide with answers and failures."""
    puppet = Chatterbox(seed)
    async with open_world(tmp_path, database=address, puppet=puppet) as world:
        await _play(world, seed)


@BOTH
async def test_chats_do_not_wait_for_each_other(
    tmp_path: Path, address: DatabaseAddress
) -> None:
    """Only a chat's own lock stands between its decisions."""
    puppet = Chatterbox(1)
    async with open_world(tmp_path, database=address, puppet=puppet) as world:
        stuck = ChatId((await world.admin.create())["id"])
        async with world.service.moves.locked(stuck):
            chat = await world.admin.create()
            settled = await world.admin.settled(chat["id"])

    assert settled["status"] in ("waiting", "error")
