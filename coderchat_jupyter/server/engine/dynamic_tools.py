"""The tools that a chat's client runs. Pure: rows in, what to offer and await out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from coderchat_jupyter.server.providers._protocol import ToolSpec
from coderchat_jupyter.server.storage.rows import ChatRow, MessageRow, StoredPart

__all__ = ["NO_PARAMETERS", "dynamic_specs", "pending_calls"]

NO_PARAMETERS: Final[dict[str, object]] = {"type": "object", "properties": {}}
"""What is offered of a tool whose declaration says nothing of its arguments."""


def dynamic_specs(chat: ChatRow) -> tuple[ToolSpec, ...]:
    """What the client of a chat declared, as it is told to a model."""
    return tuple(
        ToolSpec(
            name=tool["name"],
            description=tool.get("description") or "",
            parameters=_parameters(tool.get("input_schema")),
        )
        for tool in chat.dynamic_tools
    )


def pending_calls(chat: ChatRow, rows: Sequence[MessageRow]) -> tuple[StoredPart, ...]:
    """The calls that a parked chat waits for, in the order they were made.

    They stand in its last assistant message, name a declared tool, and nothing
    after that message answers them.
    """
    last = _last_assistant(rows)
    if last is None:
        return ()
    declared = {tool["name"] for tool in chat.dynamic_tools}
    answered = {
        part["tool_call_id"]
        for row in rows[last + 1 :]
        for part in _parts(row, "tool-result")
    }
    return tuple(
        part
        for part in _parts(rows[last], "tool-call")
        if part.get("tool_name") in declared and part["tool_call_id"] not in answered
    )


def _last_assistant(rows: Sequence[MessageRow]) -> int | None:
    places = reversed(range(len(rows)))
    return next((at for at in places if rows[at].role == "assistant"), None)


def _parts(row: MessageRow, kind: str) -> Iterable[StoredPart]:
    return (part for part in row.content if part["type"] == kind)


def _parameters(schema: Any) -> dict[str, object]:
    return dict(schema) if isinstance(schema, dict) and schema else NO_PARAMETERS
