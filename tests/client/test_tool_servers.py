"""A chat made by the client uses the tools of a server that it names."""

from __future__ import annotations

import json
from pathlib import Path

from coderchat_jupyter.client import Client
from coderchat_jupyter.wire.parts import ToolResultPart
from tests.fakes.processes import coderchat
from tests.fakes.real_server import RealServer
from tests.fakes.tool_server import tool_server
from tests.server.mcp.lending import furnish
from tests.server.world import eventually

_SCRIPTS = {
    "default": [
        [{"tool": "tools__weather", "args": {"city": "Rome"}}],
        [{"text": "Take a hat."}],
    ]
}


async def test_a_chat_of_the_client_calls_a_lent_tool(tmp_path: Path) -> None:
    """Server, tool server and client are three, and only talk over sockets."""
    server = RealServer(tmp_path, _SCRIPTS)
    async with tool_server(furnish) as tools:
        where = ["--database", str(tmp_path / "chats.db"), "--json"]
        server.start()
        try:
            added = coderchat("mcp", "add", "tools", tools.url, *where)
            lender = json.loads(added.stdout)["id"]
            async with Client(server.url, server.token) as client:
                chat = await client.chats.create("Hi", mcp_server_ids=[lender])

                async def rests() -> bool:
                    return (await client.chats.get(chat.id)).status == "waiting"

                await eventually(rests)
                page = await client.messages.list(chat.id)
        finally:
            server.stop()

    (result,) = (
        part
        for message in page.messages
        for part in message.content
        if isinstance(part, ToolResultPart)
    )
    assert result.result == {"output": "It is sunny in Rome."}
    assert (result.mcp_server_config_id, chat.mcp_server_ids) == (lender, (lender,))
