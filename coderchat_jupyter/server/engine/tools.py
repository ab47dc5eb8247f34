"""What becomes of the calls a model makes.

This server offers no tools yet, so whatever a model calls is answered with the
error that a chat gives for a tool it does not have.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from coderchat_jupyter.wire.parts import ToolCallPart, ToolResultPart

__all__ = ["CUT_SHORT", "result_part", "run_tool"]

CUT_SHORT: Final = "tool call was interrupted before it produced a result"


def run_tool(call: ToolCallPart, now: datetime) -> ToolResultPart:
    """The result of one call."""
    text = f"Tool not active in this turn: {call.tool_name}"
    return result_part(call, {"error": text}, is_error=True, created_at=now)


def result_part(
    call: ToolCallPart,
    result: Any,
    *,
    is_error: bool = False,
    created_at: datetime | None = None,
) -> ToolResultPart:
    """A result that belongs to `call`."""
    return ToolResultPart(
        tool_call_id=call.tool_call_id,
        tool_name=call.tool_name,
        result=result,
        is_error=is_error,
        created_at=created_at,
    )
