"""Tool servers for tests of turns: what they lend, and how chats come by it."""

from __future__ import annotations

import asyncio
from typing import Any

from mcp.server.mcpserver import Image
from mcp.server.mcpserver.exceptions import ToolError

from coderchat_jupyter.server.providers._protocol import ToolResultContent
from tests.fakes.tool_server import ToolServer
from tests.server.world import Person, World

__all__ = [
    "PICTURE",
    "SERVERS",
    "added",
    "called",
    "furnish",
    "offered",
    "parts_of",
]

SERVERS = "/api/experimental/mcp/servers"
PICTURE = b"\x89PNG\r\n\x1a\n"


def furnish(server: ToolServer) -> None:
    """Give a server one tool of each kind."""
    tool = server.sdk.tool

    @tool()
    def weather(city: str) -> str:
        """Tell the weather in a city."""
        server.calls.append(("weather", {"city": city}))
        return f"It is sunny in {city}."

    @tool(structured_output=False)
    def screenshot() -> list[Any]:
        """Show the page."""
        return ["the page", Image(data=PICTURE, format="png")]

    @tool()
    def broken() -> str:
        """Fail."""
        raise ToolError("the roof is on fire")

    @tool()
    async def slow() -> str:
        """Never answer."""
        server.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            server.cut.set()
        return ""


async def added(admin: Person, server: ToolServer, **more: Any) -> str:
    """Set a server up; its id."""
    answer = await admin.call(
        "POST",
        SERVERS,
        {
            "display_name": "Tools",
            "slug": "tools",
            "transport": "streamable_http",
            "url": server.url,
            "auth_type": "none",
            "availability": "default_off",
            "enabled": True,
            **more,
        },
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def offered(world: World, person: Person, **more: Any) -> list[str]:
    """The lent tools that the model of a new chat is offered."""
    asked = len(world.puppet.calls)
    chat = await person.create("hello", **more)
    call = await world.puppet.asked(asked + 1)
    world.puppet.answer("Hi.")
    await person.settled(chat["id"])
    return [tool.name for tool in call.tools if "__" in tool.name]


async def parts_of(person: Person, chat_id: str, kind: str) -> list[dict[str, Any]]:
    """The stored parts of a kind, oldest first."""
    page = (await person.call("GET", f"/chats/{chat_id}/messages")).json()
    return [
        part
        for message in reversed(page["messages"])
        for part in message.get("content", [])
        if part["type"] == kind
    ]


async def called(
    world: World, person: Person, name: str, args: str = "{}", **more: Any
) -> dict[str, Any]:
    """Have a new chat call a tool; its id, what was stored, what the model read."""
    asked = len(world.puppet.calls)
    chat = await person.create("hello", **more)
    await world.puppet.asked(asked + 1)
    world.puppet.call(name, args)
    call = await world.puppet.asked(asked + 2)
    world.puppet.answer("Done.")
    chat = await person.settled(chat["id"])
    (stored,) = await parts_of(person, chat["id"], "tool-result")
    (read,) = call.messages[-1].parts
    assert isinstance(read, ToolResultContent)
    return {"chat": chat, "stored": stored, "read": read.text}
