"""The conversation of the record that is about tools of the client."""

from __future__ import annotations

from typing import Any, Final

from tests.conform.player import Player

__all__ = ["dynamic_tool"]

_TOOLS: Final = [
    {
        "name": "lookup",
        "description": "Weather of a city",
        "input_schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city"],
        },
    }
]
_PARKED: Final = "Waiting for user input"
_CALL: Final = "call_lookup_0"

_REFUSED: Final[tuple[list[dict[str, Any]], ...]] = (
    [],
    [{"tool_call_id": "nope", "output": {"a": 1}, "is_error": False}],
    [{"tool_call_id": _CALL, "output": 1}, {"tool_call_id": _CALL, "output": 2}],
    [{"tool_call_id": _CALL}],
)


async def dynamic_tool(player: Player) -> None:
    """A call parks the chat; wrong results, then right ones, then late ones."""
    async with player.listen("/chats/watch"):
        chat = await player.create("#tool weather", unsafe_dynamic_tools=_TOOLS)
        path = f"/chats/{chat}/tool-results"
        async with player.stream(chat) as socket:
            parked = await socket.status("requires_action")
            await player.look(chat, _PARKED)
            for results in _REFUSED:
                await player.call("POST", path, {"results": results})
            good = {"tool_call_id": _CALL, "output": {"sky": "blue"}, "is_error": False}
            await player.call("POST", path, {"results": [good]})
            await socket.status("waiting", after=parked)
            late = {"tool_call_id": _CALL, "output": 1}
            await player.call("POST", path, {"results": [late]})
        await player.look(chat)
