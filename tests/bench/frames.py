"""Frames as v2.34 sends them, with all the fields that are always there."""

from __future__ import annotations

import json
from typing import Any, Final

__all__ = ["CHAT_ID", "RUNNING", "mixed", "parts", "slices"]

CHAT_ID: Final = "e142083e-c094-4d06-81ad-cdd4ad910c58"

_ALWAYS: Final[dict[str, Any]] = {
    "mcp_server_config_id": None,
    "url": "",
    "media_type": "",
    "file_id": None,
    "file_name": "",
    "start_line": 0,
    "end_line": 0,
    "content": "",
    "context_file_path": "",
    "context_file_agent_id": None,
    "skill_name": "",
}


def _event(kind: str, **value: Any) -> dict[str, Any]:
    return {"type": kind, "chat_id": CHAT_ID, **value}


def _streamed(**part: Any) -> dict[str, Any]:
    inner = {"text": "", **part, **_ALWAYS}
    return _event("message_part", message_part={"role": "assistant", "part": inner})


def _message(number: int, role: str, *parts: dict[str, Any]) -> dict[str, Any]:
    message = {
        "id": number,
        "chat_id": CHAT_ID,
        "model_config_id": CHAT_ID,
        "created_at": "2026-06-01T12:00:00.123456Z",
        "role": role,
        "content": [{"text": "", **part, **_ALWAYS} for part in parts],
    }
    return _event("message", message=message)


RUNNING: Final = json.dumps([_event("status", status={"status": "running"})])


def parts(count: int) -> list[dict[str, Any]]:
    """Text as a model writes it, a word a part."""
    return [_streamed(type="text", text=f"word{i % 10} ") for i in range(count)]


def mixed(count: int) -> list[dict[str, Any]]:
    """Steps of a turn: reasoning, text, a call in pieces, its result, messages."""
    step: list[dict[str, Any]] = []
    number = 2
    while len(step) < count:
        call = {"tool_call_id": f"call_{number}", "tool_name": "execute"}
        step += [_streamed(type="reasoning", text=f"so {i} ") for i in range(8)]
        step += [_streamed(type="text", text=f"word{i} ") for i in range(16)]
        step += [
            _streamed(type="tool-call", args_delta=f'"a{i}', **call) for i in range(4)
        ]
        thought = {"type": "reasoning", "text": "".join(f"so {i} " for i in range(8))}
        text = {"type": "text", "text": "".join(f"word{i} " for i in range(16))}
        asked = {"type": "tool-call", "args": {"command": "ls"}, **call}
        found = {"type": "tool-result", "result": {"output": "x"}, **call}
        step += [_streamed(**asked), _streamed(**found)]
        step.append(_message(number, "assistant", thought, text, asked))
        step.append(_message(number + 1, "tool", found))
        number += 2
    return step[:count]


def slices(events: list[dict[str, Any]], size: int) -> list[str]:
    """Frames of a size, without spaces, as Go writes them."""
    return [
        json.dumps(events[start : start + size], separators=(",", ":"))
        for start in range(0, len(events), size)
    ]
