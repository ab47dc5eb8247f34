"""What the scripted vendor says: plays by name, each a list of turns.

The last user text names a play: `#slow go on`. A turn answers the user, the next one
the results of the tools that were called, and so on; the last repeats.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["FOX", "USAGE", "Call", "Play", "chosen", "filled"]

FOX: Final = "The quick brown fox jumps over the lazy dog. "
USAGE: Final = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Call:
    """A call of a tool. `$UUID` in it is the first id in the newest result."""

    name: str
    args: dict[str, Any]
    id: str = ""

    @property
    def call_id(self) -> str:
        return self.id or f"call_{self.name}_0"


@dataclass(frozen=True)
class Play:
    """What to answer: reasoning, then text in pieces, then calls; or a failure."""

    text: str = ""
    piece: int = 4
    pause: float = 0.0
    reasoning: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    usage: dict[str, Any] = field(default_factory=lambda: dict(USAGE))
    drops: bool = False
    status: int = 200
    error: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def _error(status: int, message: str, kind: str, code: str | None, **more: str) -> Play:
    body = {"message": message, "type": kind, "code": code, "param": None}
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    return Play(status=status, error=body, headers=headers)


_HELLO: Final = Play("Hello, world!\n\nThis is **bold**.")
_QUESTION: Final = {
    "header": "Colour",
    "question": "Which colour?",
    "options": [
        {"label": "Red", "description": "warm"},
        {"label": "Blue", "description": "cold"},
    ],
}
_CHILD: Final = {
    "type": "general",
    "prompt": "#hello from the child",
    "title": "The child",
}
_CACHED: Final = {
    **USAGE,
    "prompt_tokens_details": {"cached_tokens": 600},
    "completion_tokens_details": {"reasoning_tokens": 100},
}
_PLAYS: Final[dict[str, tuple[Play, ...]]] = {
    "hello": (_HELLO,),
    "think": (Play("Forty-two.", reasoning=("Let me think about it. ", "Done.")),),
    "slow": (Play(FOX * 12, 5, 0.05),),
    "slower": (Play(FOX * 40, 5, 0.05),),
    "cache": (Play("cached", usage=_CACHED),),
    "err400": (_error(400, "bad request", "invalid_request_error", None),),
    "err401": (
        _error(
            401,
            "Incorrect API key provided",
            "invalid_request_error",
            "invalid_api_key",
        ),
    ),
    "errquota": (
        _error(
            429,
            "You exceeded your current quota, please check your plan and billing "
            "details",
            "insufficient_quota",
            "insufficient_quota",
        ),
    ),
    "retry429": (
        _error(
            429,
            "Rate limit reached",
            "requests",
            "rate_limit_exceeded",
            retry_after="2",
        ),
    ),
    "drop": (Play("partial answer ", drops=True),),
    "tool": (
        Play(
            "Let me look. ", 99, calls=(Call("lookup", {"city": "Paris", "days": 3}),)
        ),
        Play("It is sunny in Paris."),
    ),
    "ask": (
        Play(calls=(Call("ask_user_question", {"questions": [_QUESTION]}),)),
        Play("Noted."),
    ),
    "plan": (
        Play(calls=(Call("propose_plan", {"path": "/home/coder/PLAN.md"}),)),
        Play("Planned."),
    ),
    "spawnwait": (
        Play(calls=(Call("spawn_agent", _CHILD),)),
        Play(calls=(Call("wait_agent", {"chat_id": "$UUID"}, "call_wait"),)),
        Play("The child is done."),
    ),
}
_DEFAULT: Final = Play("Short answer")
_FAIL_ONCE: Final = frozenset({"retry429", "drop"})
_AFTER: Final = Play("Recovered.")

_failed: Counter[str] = Counter()


def chosen(messages: list[dict[str, Any]]) -> Play:
    """What to answer to a conversation."""
    prompt, turn = "", 0
    for message in reversed(messages):
        if message["role"] == "assistant":
            turn += 1
        elif message["role"] == "user" and (prompt := _text(message)):
            break
    named = re.search(r"#(\w+)", prompt)
    if not named or named[1] not in _PLAYS:
        return _DEFAULT
    if named[1] in _FAIL_ONCE:
        _failed[prompt] += 1
        if _failed[prompt] > 1:
            return _AFTER
    turns = _PLAYS[named[1]]
    return turns[min(turn, len(turns) - 1)]


def filled(call: Call, messages: list[dict[str, Any]]) -> str:
    """The arguments of a call as text."""
    results = [json.dumps(message) for message in messages if message["role"] == "tool"]
    found = _UUID.findall(results[-1]) if results else []
    return json.dumps(call.args).replace("$UUID", found[0] if found else "none")


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content)
