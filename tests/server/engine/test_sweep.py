"""Chats left behind with a queue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from coderchat_jupyter.server.engine.parking import Deadlines
from coderchat_jupyter.server.engine.sweep import Sweep
from coderchat_jupyter.server.providers._protocol import ProviderError
from tests.server.world import Person, World


async def _left_behind(world: World, admin: Person) -> str:
    """A chat that failed with a message in its queue, and was then interrupted."""
    chat = await admin.create("one")
    await world.puppet.asked()
    await admin.send(chat["id"], "two")
    world.puppet.say(ProviderError("nope", status_code=400))
    await admin.settled(chat["id"], "error")
    await admin.call("POST", f"/chats/{chat['id']}/interrupt")
    await admin.settled(chat["id"], "waiting")
    return str(chat["id"])


def _later(world: World, seconds: float) -> None:
    """Let the server's clock run ahead."""
    clock = world.service.moves.clock
    world.service.moves.clock = lambda: clock() + timedelta(seconds=seconds)


async def _sweep(world: World) -> None:
    moves = world.service.moves
    await Sweep(moves, Deadlines(moves)).once()


async def test_the_head_of_a_queue_left_behind_runs_at_last(
    world: World, admin: Person
) -> None:
    chat = await _left_behind(world, admin)
    _later(world, 301)
    world.puppet.answer("Two.")

    await _sweep(world)
    await admin.settled(chat)

    assert (await admin.history(chat))[-2:] == [("user", "two"), ("assistant", "Two.")]


@pytest.mark.parametrize("why", ["too early", "archived"])
async def test_what_is_not_left_behind_stays(
    world: World, admin: Person, why: str
) -> None:
    chat = await _left_behind(world, admin)
    if why == "archived":
        await admin.call("PATCH", f"/chats/{chat}", {"archived": True})
    _later(world, 301 if why == "archived" else 200)

    await _sweep(world)

    found = (await admin.call("GET", f"/chats/{chat}/messages")).json()
    assert len(found["queued_messages"]) == 1
    assert (await admin.settled(chat))["status"] == "waiting"
