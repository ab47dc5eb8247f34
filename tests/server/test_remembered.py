"""A server that runs for long keeps nothing in memory of chats that are over."""

from __future__ import annotations

import json

from tests.server.remembered import keepers
from tests.server.world import Person, World, eventually


async def _family(world: World, admin: Person) -> list[str]:
    """A parent that has waited for its child, both at rest."""
    puppet = world.puppet
    before = len(puppet.calls)
    puppet.listen("the child's")
    asked = {"type": "general", "prompt": "the child's"}
    puppet.call("spawn_agent", json.dumps(asked), "spawn")
    chat = await admin.create("the parent's")
    await puppet.asked(before + 3)
    puppet.answer("Done.", to="the child's")
    (child,) = (await admin.call("GET", f"/chats/{chat['id']}")).json()["children"]
    await admin.settled(child["id"])
    puppet.call("wait_agent", json.dumps({"chat_id": child["id"]}), "wait")
    await puppet.asked(before + 4)
    puppet.answer("So it is.")
    await admin.settled(chat["id"])
    return [chat["id"], child["id"]]


async def _interrupted(world: World, admin: Person) -> str:
    before = len(world.puppet.calls)
    chat = str((await admin.create())["id"])
    await world.puppet.asked(before + 1)
    async with admin.stream(chat) as feed:
        await feed.status("running")
        await admin.call("POST", f"/chats/{chat}/interrupt")
        await feed.status("waiting")
    return chat


async def test_chats_that_are_over_are_forgotten(world: World, admin: Person) -> None:
    ids = await _family(world, admin)
    for _ in range(3):
        ids.append(await _interrupted(world, admin))
        async with admin.watch(), admin.stream(ids[0]):
            ids.append((await admin.answered())["id"])

    async def are_forgotten() -> bool:
        return not keepers(world.service, ids)

    await eventually(are_forgotten)


async def test_chats_that_are_at_work_are_found(world: World, admin: Person) -> None:
    """Otherwise the walk would see nothing."""
    chat = (await admin.create())["id"]
    await world.puppet.asked()

    places = keepers(world.service, [chat])
    assert any(place.endswith("moves.runs.keys") for place in places)
