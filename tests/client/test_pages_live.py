"""Lists in pages, read from a real server while they change."""

from __future__ import annotations

from pathlib import Path

from coderchat_jupyter.client import Client
from coderchat_jupyter.wire.chats import UpdateChat
from coderchat_jupyter.wire.ids import ChatId
from tests.server.world import open_world


async def test_every_chat_comes_once_though_one_becomes_active_meanwhile(
    tmp_path: Path,
) -> None:
    """A pinned chat stands first, one that changes jumps to the head behind it."""
    async with (
        open_world(tmp_path) as world,
        Client(world.url, world.admin.account.token) as client,
    ):
        made = [ChatId((await world.admin.create(f"no {n}"))["id"]) for n in range(7)]
        await client.chats.update(made[0], UpdateChat(pin_order=1))
        found = []

        async for chat in client.chats.iterate(page_size=3):
            found.append(chat.id)
            if len(found) == 2:
                # The last one of the list, which is two pages away.
                await client.chats.update(made[1], UpdateChat(labels={"a": "b"}))

        assert found[0] == made[0]
        assert sorted(found) == sorted(made)
        newest = await client.chats.iterate(page_size=3).all(limit=2)
        assert [chat.id for chat in newest] == [made[0], made[1]]


async def test_messages_come_in_both_directions(tmp_path: Path) -> None:
    """Downwards from the newest, upwards from an id."""
    async with (
        open_world(tmp_path) as world,
        Client(world.url, world.admin.account.token) as client,
    ):
        chat = ChatId((await world.admin.answered("one"))["id"])
        for number, words in enumerate(("two", "three"), 2):
            await world.admin.send(chat, words)
            await world.puppet.asked(number)
            world.puppet.answer("Yes.")
            await world.admin.settled(chat)

        down = [m.id async for m in client.messages.iterate(chat, page_size=2)]
        first = min(down)
        up = client.messages.iterate(chat, after_id=first, page_size=2)

        assert len(down) == 6
        assert down == sorted(down, reverse=True)
        assert [m.id async for m in up] == sorted(down)[1:]
