"""A session sends files in their place among the texts of a message."""

from __future__ import annotations

from pathlib import Path

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import ChatSession
from coderchat_jupyter.wire.ids import ChatId
from tests.server.world import open_world


async def test_a_file_is_a_piece_of_what_is_sent(tmp_path: Path) -> None:
    """The order of the pieces is the order of the message."""
    async with (
        open_world(tmp_path) as world,
        Client(world.url, world.admin.account.token) as client,
    ):
        chat = await world.admin.answered()
        file = await client.files.upload(b"a,b\n1,2\n", name="t.csv")
        session = await ChatSession.open(client, ChatId(chat["id"]))

        sent = await session.send(["Look at", file, "please"])

        assert sent.message is not None
        kinds = [part.type for part in sent.message.content]
        assert kinds == ["text", "file", "text"]
        assert session.state.messages[-1] == sent.message
        await session.aclose()
