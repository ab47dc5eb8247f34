"""What the scripted model answers to the contract's conversations."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["LOOKUP", "SCRIPTS", "TITLE"]

TITLE: Final = "Scripted title"
_USAGE: Final = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
_FULL: Final = {"input_tokens": 10**6, "output_tokens": 5, "total_tokens": 10**6 + 5}

_QUESTION: Final = {
    "header": "Colour",
    "question": "Which colour?",
    "options": [
        {"label": "Red", "description": "warm"},
        {"label": "Blue", "description": "cold"},
    ],
}

LOOKUP: Final = {
    "name": "lookup",
    "description": "Weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
"""A tool that the client runs."""

SCRIPTS: Final[dict[str, Any]] = {
    "default": [[{"text": "Hello, <b>you</b>.", "chunk": 5}, {"usage": _USAGE}]],
    "think": [[{"reasoning": "Hm."}, {"source": "https://x.test/"}, {"text": "Yes."}]],
    "hang": [[{"text": "Working. ", "chunk": 4}, {"hang": True}]],
    "hangtool": [[{"text": "So "}, {"tool": "nowhere", "args": {}}, {"hang": True}]],
    "many": [[{"text": "w", "repeat": 600}, {"hang": True}]],
    "tools": [
        [{"text": "Look. "}, {"tool": "one", "args": {"b": 1}}, {"tool": "two"}],
        [{"text": "Done."}],
    ],
    "lookup": [
        [{"tool": "lookup", "args": {"city": "Paris"}, "id": "call_1"}],
        [{"text": "Sunny."}],
    ],
    "lookupfail": [
        [{"tool": "lookup", "args": {"city": "Paris"}, "id": "call_1"}],
        [{"text": "Oh."}, {"error": {"status": 400, "message": "no"}}],
    ],
    "mixed": [
        [{"tool": "one"}, {"tool": "lookup", "args": {"city": "Rome"}, "id": "call_2"}],
        [{"text": "Sunny."}],
    ],
    "empty": [[]],
    "flaky": [
        {
            "attempts": [
                [{"text": "Half"}, {"error": {"status": 503, "message": "busy"}}],
                [{"text": "Back."}],
            ]
        }
    ],
    "thought": [[{"reasoning": "Only that."}]],
    "failstep": [[{"tool": "one"}], [{"error": {"status": 400, "message": "no"}}]],
    "flakystep": [
        [{"tool": "one"}],
        {
            "attempts": [
                [{"text": "Half"}, {"error": {"status": 503, "message": "busy"}}],
                [{"text": "Back."}],
            ]
        },
    ],
    "flakyfail": [
        {
            "attempts": [
                [{"text": "Half"}, {"error": {"status": 503, "message": "busy"}}],
                [{"error": {"status": 400, "message": "no"}}],
            ]
        }
    ],
    "ask": [
        [{"tool": "ask_user_question", "args": {"questions": [_QUESTION]}}],
        [{"text": "Then not."}],
    ],
    "late": [[{"error": {"status": 503, "retry_after_ms": 600_000}}]],
    "fail": [[{"error": {"status": 400, "message": "no such thing"}}]],
    "full": [[{"text": "Much."}, {"usage": _FULL}]],
    "summary": [[{"text": "A summary."}]],
    "propose_title": [[{"tool": "propose_title", "args": {"title": TITLE}}]],
    "propose_turn_status_label": [
        [{"tool": "propose_turn_status_label", "args": {"label": "Said hello"}}]
    ],
}
