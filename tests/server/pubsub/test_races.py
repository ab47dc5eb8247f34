"""Many things at once, at two servers: nothing is lost, doubled or stuck."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from coderchat_jupyter.server.storage.addresses import PostgresUrl
from tests.server.pubsub.replicas import second_server
from tests.server.races import Chatterbox, act, check, drain
from tests.server.world import open_world

_SEEDS = int(os.environ.get("RACES", "2"))


@pytest.mark.parametrize("seed", range(_SEEDS))
async def test_every_message_is_there_once_whichever_server_was_called(
    seed: int, tmp_path: Path, address: PostgresUrl
) -> None:
    """Sends, interrupts and promotions collide; both streams tell the same."""
    dice = random.Random(seed)  # noqa: S311  a dice
    async with (
        open_world(tmp_path, database=address, puppet=Chatterbox(seed)) as one,
        second_server(one, address, Chatterbox(seed + 1)) as two,
    ):
        people = [one.admin, two.admin]
        chat = (await one.admin.create("message 0"))["id"]
        async with one.admin.stream(chat) as near, two.admin.stream(chat) as far:
            sent = {"message 0"}
            for start in range(1, 25, 3):
                numbers = range(start, start + 3)
                acts = [act(dice.choice(people), chat, dice, n) for n in numbers]
                sent |= set(await asyncio.gather(*acts)) - {""}
                await asyncio.sleep(dice.choice([0, 0.005, 0.03]))
            await drain(dice.choice(people), chat)
            await check(one.admin, chat, sent, near, far)
        runs = [one.service.moves.runs, two.service.moves.runs]

    assert runs == [{}, {}]
