"""A chat is named by one at a time, whichever server they call."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from coderchat_jupyter.server.engine.titles import naming
from coderchat_jupyter.wire.ids import ChatId
from tests.server.pubsub.replicas import Pair


async def test_a_chat_that_is_named_at_one_server_is_not_named_at_another(
    pair: Pair,
) -> None:
    chat = await pair.here.answered()
    path = f"/chats/{chat['id']}/title/propose"
    puppet = pair.one.puppet
    puppet.short["propose_title"] = "A title"
    puppet.held = asyncio.Event()
    first = asyncio.create_task(pair.here.call("POST", path))
    await asyncio.wait_for(puppet.holding.wait(), 30)

    busy = await pair.there.call("POST", path)
    during = (await pair.there.call("GET", f"/chats/{chat['id']}")).json()
    puppet.held.set()
    done = await first
    pair.two.puppet.short["propose_title"] = "Another"
    after = await pair.there.call("POST", path)

    assert (busy.status_code, done.status_code, after.status_code) == (409, 200, 200)
    assert during["updated_at"] == chat["updated_at"]


async def test_a_running_chat_is_named_at_one_server_at_a_time_too(pair: Pair) -> None:
    chat = (await pair.here.create())["id"]
    puppet = pair.one.puppet
    await puppet.asked()
    # It is also named beside its first turn.
    await puppet.asked_for("propose_title")
    path = f"/chats/{chat}/title/propose"
    puppet.short["propose_title"] = pair.two.puppet.short["propose_title"] = "Title"
    puppet.held = asyncio.Event()
    first = asyncio.create_task(pair.here.call("POST", path))
    await asyncio.wait_for(puppet.holding.wait(), 30)

    busy = await pair.there.call("POST", path)
    puppet.held.set()
    done = await first
    after = await pair.there.call("POST", path)

    assert (busy.status_code, done.status_code, after.status_code) == (409, 200, 200)


async def test_a_name_that_never_came_keeps_nobody_out_for_more_than_a_minute(
    pair: Pair,
) -> None:
    """As when the server that was at it was killed."""
    chat = await pair.here.answered()
    path = f"/chats/{chat['id']}/title/propose"
    puppet = pair.one.puppet
    puppet.short["propose_title"] = pair.two.puppet.short["propose_title"] = "Title"
    puppet.held = asyncio.Event()
    first = asyncio.create_task(pair.here.call("POST", path))
    await asyncio.wait_for(puppet.holding.wait(), 30)

    clock = pair.two.service.moves.clock
    pair.two.service.moves.clock = lambda: clock() + timedelta(seconds=61)
    later = await pair.there.call("POST", path)
    puppet.held.set()
    await first

    assert later.status_code == 200


async def test_who_is_cancelled_while_asking_keeps_nobody_out(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = ChatId((await pair.here.create())["id"])
    await pair.one.puppet.asked()
    here, there = pair.one.service.moves, pair.two.service.moves
    claim, is_claimed = here.pubsub.claim, asyncio.Event()

    async def claim_and_wait(name: str) -> bool:
        if await claim(name):
            is_claimed.set()
        await asyncio.Event().wait()
        return True

    async def name_it() -> None:
        async with naming(here, chat):
            pass

    monkeypatch.setattr(here.pubsub, "claim", claim_and_wait)
    asking = asyncio.create_task(name_it())
    await asyncio.wait_for(is_claimed.wait(), 30)
    asking.cancel()
    await asyncio.wait((asking,))

    assert await there.pubsub.claim(chat)
    await there.pubsub.disclaim(chat)
