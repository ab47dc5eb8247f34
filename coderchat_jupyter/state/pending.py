"""The calls that a parked chat waits for, read from what is stored of it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from coderchat_jupyter.wire.messages import Message
from coderchat_jupyter.wire.parts import ToolCallPart, ToolResultPart
from coderchat_jupyter.wire.tools import DynamicToolCall

__all__ = ["pending_calls"]


def pending_calls(messages: Sequence[Message]) -> tuple[DynamicToolCall, ...]:
    """The unanswered calls of the last assistant message, in order.

    For a chat in `requires_action` these are what its client has to run: the server
    answers its own calls before it parks a chat. They are not told again to whoever
    comes late.

    Args:
        messages: Stored ones, by ascending id, up to the newest.
    """
    found: dict[str, DynamicToolCall] = {}
    answered: set[str] = set()
    for message in reversed(messages):
        if message.role == "assistant":
            for part in message.content:
                if isinstance(part, ToolResultPart):
                    answered.add(part.tool_call_id)
                elif isinstance(part, ToolCallPart) and not part.provider_executed:
                    found.setdefault(part.tool_call_id, _call(part))
            break
        answered |= {
            part.tool_call_id
            for part in message.content
            if isinstance(part, ToolResultPart)
        }
    return tuple(call for call in found.values() if call.tool_call_id not in answered)


def _call(part: ToolCallPart) -> DynamicToolCall:
    args = part.args if part.args is not None else {}
    return DynamicToolCall(
        tool_call_id=part.tool_call_id,
        tool_name=part.tool_name,
        args=json.dumps(args, ensure_ascii=False),
    )
