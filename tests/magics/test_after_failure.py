"""Prompts that were queued behind an answer which then fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest

from coderchat_jupyter import ChatSession, Reply
from coderchat_jupyter.client import Client
from coderchat_jupyter.magics._arguments import Ask
from coderchat_jupyter.magics._conversation import Conversation
from coderchat_jupyter.server.providers._protocol import ProviderError
from coderchat_jupyter.session import background, shutdown_background
from tests.server.world import World, open_world

REFUSED = ProviderError("bad key", status_code=401)


class Cell:
    """Keeps what a cell was told to show."""

    def __init__(self) -> None:
        self.notices: list[str] = []
        self.bundle: Mapping[str, str] = {}
        self.failure = ""

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def attach(self, session: ChatSession, turn: int) -> None:
        pass

    def freeze(self, bundle: Mapping[str, str]) -> None:
        self.bundle = bundle

    def fail(self, text: str) -> None:
        self.failure = text


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as found:
        yield found


@pytest.fixture(autouse=True)
def _own_loop() -> Iterator[None]:
    yield
    shutdown_background()


async def waits(reply: Reply) -> None:
    """Until the server has its prompt in the queue."""
    async with asyncio.timeout(20):
        while reply.status != "queued":  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.fixture
async def conversation(world: World) -> AsyncIterator[Conversation]:
    client = Client(world.url, world.admin.account.token)

    async def connect(_: object) -> Client:
        return client

    made = Conversation(connect, dict)
    yield made
    await asyncio.wrap_future(background().submit(made.aclose()))
    await client.aclose()


async def test_a_prompt_behind_a_failure_is_answered_all_the_same(
    world: World, conversation: Conversation
) -> None:
    """Each in its turn: whoever asked again after it wants to go on."""
    cells = [Cell() for _ in range(3)]
    first = conversation.ask(Ask("one"), cells[0])
    await world.puppet.asked()
    second = conversation.ask(Ask("two"), cells[1])
    await waits(second)
    third = conversation.ask(Ask("three"), cells[2])
    await waits(third)

    world.puppet.say("Half", REFUSED)
    await world.puppet.asked(2)
    world.puppet.say(REFUSED)
    await world.puppet.asked(3)
    world.puppet.answer("Whole.")
    async with asyncio.timeout(30):
        ended = [await first, await second, await third]

    assert [reply.status for reply in ended] == ["error", "error", "done"]
    assert [reply.text for reply in ended] == ["Half", "", "Whole."]
    assert "The answer before it failed; going on…" in cells[1].notices
    assert "Whole." in str(cells[2].bundle)
    messages = world.puppet.calls[-1].messages
    assert "three" in str(messages[-1])


async def test_a_prompt_that_somebody_withdraws_after_a_failure_has_ended(
    world: World, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another page, before we ask for its turn."""
    asked = asyncio.Event()
    promote = ChatSession.promote

    async def late(self: ChatSession, queued_id: int) -> None:
        await self.delete_queued(queued_id)
        asked.set()
        await promote(self, queued_id)

    monkeypatch.setattr(ChatSession, "promote", late)
    cell = Cell()
    first = conversation.ask(Ask("one"), Cell())
    await world.puppet.asked()
    second = conversation.ask(Ask("two"), cell)
    await waits(second)
    world.puppet.say(REFUSED)
    async with asyncio.timeout(30):
        ended = [await first, await second]

    assert [reply.status for reply in ended] == ["error", "stopped"]
    assert cell.failure == "Stopped before an answer began."
    assert len(world.puppet.calls) == 1


async def test_a_prompt_never_passes_one_that_somebody_else_queued(
    world: World, conversation: Conversation
) -> None:
    """It has its turn when that one had its own, or was taken back."""
    cell = Cell()
    first = conversation.ask(Ask("one"), Cell())
    await world.puppet.asked()
    async with asyncio.timeout(20):
        while first.chat_id is None:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    client = Client(world.url, world.admin.account.token)
    theirs = await client.messages.send(first.chat_id, "theirs")
    assert theirs.queued_message is not None
    ours = conversation.ask(Ask("ours"), cell)
    await waits(ours)
    world.puppet.say(REFUSED)
    await first

    async with asyncio.timeout(20):
        while "prompts before this one" not in cell.notices[-1]:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    page = await client.messages.list(first.chat_id)
    queue = [queued.id for queued in page.queued_messages]
    await client.queue.delete(first.chat_id, theirs.queued_message.id)
    await world.puppet.asked(2)
    world.puppet.answer("Whole.")
    async with asyncio.timeout(30):
        await ours
    await client.aclose()

    assert queue[0] == theirs.queued_message.id
    assert [len(queue), ours.status, ours.text] == [2, "done", "Whole."]
