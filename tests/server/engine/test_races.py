"""Many things at once: whatever their order, nothing is lost, doubled or stuck."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from coderchat_jupyter.wire.ids import ChatId
from tests.server.databases import BOTH
from tests.server.races import Chatterbox, act, check, drain
from tests.server.world import World, open_world


async def _play(world: World, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  a dice
    person = world.admin
    chat = (await person.create("message 0"))["id"]
    async with person.stream(chat) as feed:
        sent = {"message 0"}
        for start in range(1, 25, 3):
            acts = [act(person, chat, dice, n) for n in range(start, start + 3)]
            sent |= set(await asyncio.gather(*acts)) - {""}
            await asyncio.sleep(dice.choice([0, 0.005, 0.03]))
        await drain(person, chat)
        await check(person, chat, sent, feed)

    assert world.service.moves.runs == {}


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
