"""Who runs a chat, when any of several servers could."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from coderchat_jupyter.server.engine import commands
from coderchat_jupyter.server.engine.moves import Moves
from coderchat_jupyter.server.engine.step import stored
from coderchat_jupyter.server.service import Service
from coderchat_jupyter.server.storage.addresses import PostgresUrl
from coderchat_jupyter.server.storage.chats import change_chat
from coderchat_jupyter.server.streaming.hub import Hub
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.parts import TextPart
from tests.server.pubsub.replicas import second_server
from tests.server.world import World, eventually, open_world

_CHATS = 24
_SERVERS = 3


async def _store(world: World) -> None:
    """Make chats that no server is told of: all find them for themselves."""
    user = world.admin.account.user
    database = world.service.database
    moves = Moves(database, Hub(strict_g1=False))
    model = await commands.model_of_new_chat(database, user, None)
    for number in range(_CHATS):
        await commands.create_chat(
            moves,
            user,
            (stored(TextPart(text=f"chat {number}")),),
            organization_id=user.organization_ids[0],
            model_config_id=model,
            title=f"chat {number}",
            system_prompt="",
            labels={},
            client_type="api",
        )


async def test_each_of_many_chats_is_run_once_by_one_of_many_servers(
    tmp_path: Path, address: PostgresUrl
) -> None:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(open_world(tmp_path, database=address))
        worlds = [one]
        for _ in range(_SERVERS - 1):
            more = second_server(one, address)
            worlds.append(await stack.enter_async_context(more))
        for world in worlds:
            for _ in range(_CHATS):
                world.puppet.answer("Yes.")
        await _store(one)
        takers = [world.service.worker.take_pending for world in worlds]
        await asyncio.gather(*(take() for take in takers * 3))

        async def rest() -> bool:
            chats = (await one.admin.call("GET", "/chats", limit=100)).json()
            return all(chat["status"] == "waiting" for chat in chats)

        await eventually(rest)
        chats = (await one.admin.call("GET", "/chats", limit=100)).json()
        histories = [await one.admin.history(chat["id"]) for chat in chats]

    asked = Counter(
        call.messages[0].parts[0].text  # type: ignore[union-attr]
        for world in worlds
        for call in world.puppet.calls
    )
    assert asked == {f"chat {number}": 1 for number in range(_CHATS)}
    assert all(
        [role for role, _ in found] == ["user", "assistant"] for found in histories
    )


async def test_who_waits_for_a_client_is_given_up_on_though_its_server_is_gone(
    tmp_path: Path, address: PostgresUrl
) -> None:
    async with open_world(tmp_path, database=address, stale_seconds=1.0) as one:
        async with second_server(one, address) as two:
            chat = await two.admin.create("hi", unsafe_dynamic_tools=[{"name": "t"}])
            await two.puppet.asked()
            two.puppet.call("t")
            await two.admin.settled(chat["id"], "requires_action")
        clock = one.service.moves.clock
        one.service.moves.clock = lambda: clock() + timedelta(minutes=6)
        found = await one.admin.settled(chat["id"], "error")

    assert found["last_error"]["message"] == "Dynamic tool execution timed out."


async def test_a_run_whose_row_names_another_ends(
    tmp_path: Path, address: PostgresUrl
) -> None:
    """Found out by the next heartbeat, should all else have been missed."""
    async with open_world(tmp_path, database=address, stale_seconds=5.0) as world:
        chat = (await world.admin.create())["id"]
        await world.puppet.asked()
        world.puppet.say("Half an ")
        await _steal(world.service, chat)
        await asyncio.wait_for(world.puppet.cut.wait(), 10)
        found = await world.admin.history(chat)

    assert found == [("user", "hello")]


async def test_a_server_that_stops_hands_back_nothing_that_another_runs(
    tmp_path: Path, address: PostgresUrl
) -> None:
    async with open_world(tmp_path, database=address) as one:
        async with second_server(one, address) as two:
            chat = (await two.admin.create("first"))["id"]
            await two.puppet.asked()
            await _steal(one.service, chat, one.service.moves.ownership.worker_id)
        found = (await one.admin.call("GET", f"/chats/{chat}")).json()

    assert found["status"] == "running"
    assert one.puppet.calls == []


async def _steal(service: Service, chat_id: str, worker_id: str = "") -> None:
    """Let a chat's row name another server, or one that is gone."""
    columns = {"worker_id": worker_id or str(uuid4())}
    async with service.database.write() as connection:
        await change_chat(connection, ChatId(chat_id), columns)


async def test_a_queue_that_a_gone_server_was_asked_to_go_on_with_runs_at_last(
    tmp_path: Path, address: PostgresUrl
) -> None:
    """An interrupt leaves the queue to who has the partial answer."""
    async with open_world(tmp_path, database=address, stale_seconds=2.0) as world:
        chat = (await world.admin.create("first"))["id"]
        await world.puppet.asked()
        await world.admin.send(chat, "second")
        await _steal(world.service, chat)
        answer = await world.admin.call("POST", f"/chats/{chat}/interrupt")
        await world.puppet.asked(2)
        world.puppet.answer("Two.")
        await world.admin.settled(chat)
        found = await world.admin.history(chat)

    assert answer.json()["status"] == "waiting"
    assert found == [("user", "first"), ("user", "second"), ("assistant", "Two.")]
