"""Frames as v2.34 sends them, with all the fields that are always there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

__all__ = ["CHAT_ID", "KINDS", "RUNNING", "mixed", "parts", "slices"]

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

_AT: Final = "2026-06-01T12:00:00.123456Z"

_CALLS_OF_A_STEP: Final = 8


def _event(kind: str, **value: Any) -> dict[str, Any]:
    return {"type": kind, "chat_id": CHAT_ID, **value}


def _part(**part: Any) -> dict[str, Any]:
    return {"text": "", **part, **_ALWAYS}


def _streamed(**part: Any) -> dict[str, Any]:
    value = {"role": "assistant", "part": _part(**part)}
    return _event("message_part", message_part=value)


def _message(number: int, role: str, *parts: dict[str, Any]) -> dict[str, Any]:
    message = {
        "id": number,
        "chat_id": CHAT_ID,
        "model_config_id": CHAT_ID,
        "created_at": _AT,
        "role": role,
        "content": [_part(**part) for part in parts],
    }
    return _event("message", message=message)


def _call(number: int) -> dict[str, Any]:
    return {
        "type": "tool-call",
        "tool_call_id": f"call_{number}",
        "tool_name": "execute",
        "args": {"command": "ls"},
    }


def _result(call: dict[str, Any]) -> dict[str, Any]:
    names = {name: call[name] for name in ("tool_call_id", "tool_name")}
    return {"type": "tool-result", "result": {"output": "x" * 80}, **names}


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
        found = {"type": "tool-result", "result": {"output": "x"}, **call}
        step += [_streamed(**_call(number)), _streamed(**found)]
        step.append(_message(number, "assistant", thought, text, _call(number)))
        step.append(_message(number + 1, "tool", found))
        number += 2
    return step[:count]


def _thoughts(count: int) -> list[dict[str, Any]]:
    return [_streamed(type="reasoning", text=f"so {i % 10} ") for i in range(count)]


def _args(count: int) -> list[dict[str, Any]]:
    """The arguments of one long call, in pieces."""
    call = {"tool_call_id": "call_1", "tool_name": "write_file"}
    return [
        _streamed(type="tool-call", args_delta=f"word{i % 10} ", **call)
        for i in range(count)
    ]


def _calls(count: int) -> list[dict[str, Any]]:
    """Whole calls, each a new one; some to a step, as its message ends it."""
    calls: list[dict[str, Any]] = []
    for number in range(count):
        step = range(number - _CALLS_OF_A_STEP, number)
        if number and number % _CALLS_OF_A_STEP == 0:
            calls.append(_message(number, "assistant", *map(_call, step)))
        calls.append(_streamed(**_call(number)))
    return calls[:count]


def _results(count: int) -> list[dict[str, Any]]:
    """Steps of calls made at once: the calls, their message, what each answered."""
    step: list[dict[str, Any]] = []
    number = 2
    while len(step) < count:
        calls = [_call(number + i) for i in range(_CALLS_OF_A_STEP)]
        found = [_result(call) for call in calls]
        step += [_streamed(**call) for call in calls]
        step.append(_message(number, "assistant", *calls))
        step += [_streamed(**result) for result in found]
        number += 1
        for result in found:
            step.append(_message(number, "tool", result))
            number += 1
    return step[:count]


def _messages(count: int) -> list[dict[str, Any]]:
    """Stored messages of one part each."""
    text = {"type": "text", "text": "word " * 8}
    return [_message(number, "assistant", text) for number in range(2, count + 2)]


def _statuses(count: int) -> list[dict[str, Any]]:
    """The status of turns, each told twice."""
    words = ("running", "running", "waiting", "waiting")
    return [_event("status", status={"status": words[i % 4]}) for i in range(count)]


def _retries(count: int) -> list[dict[str, Any]]:
    return [
        _event(
            "retry",
            retry={
                "attempt": i + 1,
                "delay_ms": 1000,
                "error": "The provider is overloaded.",
                "kind": "overloaded",
                "provider": "openai",
                "status_code": 529,
                "retrying_at": _AT,
            },
        )
        for i in range(count)
    ]


def _queues(count: int) -> list[dict[str, Any]]:
    """A queue that grows to two messages and is emptied."""
    waiting = [
        {
            "id": number,
            "chat_id": CHAT_ID,
            "model_config_id": CHAT_ID,
            "content": [_part(type="text", text="word " * 8)],
            "created_at": _AT,
        }
        for number in (1, 2)
    ]
    return [
        _event("queue_update", queued_messages=waiting[: i % 3]) for i in range(count)
    ]


KINDS: Final[dict[str, Callable[[int], list[dict[str, Any]]]]] = {
    "reasoning": _thoughts,
    "args": _args,
    "calls": _calls,
    "results": _results,
    "messages": _messages,
    "statuses": _statuses,
    "retries": _retries,
    "queues": _queues,
}
"""Events of one kind, so many of them; a stream is never made of these alone."""


def slices(events: list[dict[str, Any]], size: int) -> list[str]:
    """Frames of a size, without spaces, as Go writes them."""
    return [
        json.dumps(events[start : start + size], separators=(",", ":"))
        for start in range(0, len(events), size)
    ]
