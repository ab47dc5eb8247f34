"""A function that agents call, and a model that calls it."""

from __future__ import annotations

from typing import Any

from coderchat_jupyter.server.providers._protocol import ToolCall, ToolResultContent
from coderchat_jupyter.session import tool
from tests.fakes.puppet import Puppet

__all__ = ["goes_on", "lookup", "results"]


@tool
def lookup(city: str, days: int = 1) -> dict[str, Any]:
    """Weather of a city.

    Args:
        city: Where.
        days: How far ahead.
    """
    return {"city": city, "days": days, "sky": "blue"}


def results(puppet: Puppet) -> dict[str, tuple[str, bool]]:
    """What the model was told last, by call: the text, and whether it is an error."""
    parts = [part for message in puppet.calls[-1].messages for part in message.parts]
    found = [part for part in parts if isinstance(part, ToolResultContent)]
    return {part.call_id: (part.text, part.is_error) for part in found}


async def goes_on(puppet: Puppet, *calls: ToolCall, asked: int = 1) -> None:
    """Let the model make some calls, and answer once it has their results."""
    await puppet.asked(asked)
    puppet.say(*calls)
    puppet.finish("tool_calls")
    await puppet.asked(asked + 1)
    puppet.answer("It is sunny.")
