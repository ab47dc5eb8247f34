"""An exported chat as Markdown, to be read; the JSON form is the exact one."""

from __future__ import annotations

import json
from typing import Any

from coderchat_jupyter.bridge._clean import safe_markdown, strip_controls

__all__ = ["markdown_of"]

_MICROS = 1_000_000


def markdown_of(chat: dict[str, Any]) -> str:
    """A chat, with nothing in it that a viewer or a terminal would obey."""
    facts = [
        f"Chat `{_line(chat['id'])}` of {_line(chat.get('owner_username', ''))}",
        f"begun {_line(chat['created_at'])}",
        _line(chat["status"]),
        f"cost {chat['total_cost_micros'] / _MICROS:.6f} USD",
    ]
    blocks = [f"# {_line(chat['title']) or 'Untitled'}", ", ".join(facts)]
    for message in chat["messages"]:
        blocks.append(f"## {_heading(message)}")
        blocks += map(_part, message["content"])
    for waiting in chat["queued_messages"]:
        blocks.append("## user, not sent yet")
        blocks += map(_part, waiting["content"])
    if error := chat.get("last_error"):
        blocks.append(f"**Error:** {_line(error.get('message', ''))}")
    return "\n\n".join(block for block in blocks if block) + "\n"


def _heading(message: dict[str, Any]) -> str:
    words = [_line(message["role"]), _line(message["created_at"])]
    if message["cost_micros"] is not None:
        words.append(f"{message['cost_micros'] / _MICROS:.6f} USD")
    return " · ".join(words)


def _part(part: dict[str, Any]) -> str:
    match part.get("type"):
        case "text":
            return safe_markdown(str(part.get("text", "")).strip())
        case "reasoning":
            thought = safe_markdown(str(part.get("text", "")).strip())
            return "\n".join(f"> {line}".rstrip() for line in thought.split("\n"))
        case "tool-call":
            called = part.get("args", part.get("args_delta", ""))
            return _tool("Call of", part, called)
        case "tool-result":
            return _tool("Result of", part, part.get("result", ""))
    # Sources, files and what a later version knows.
    told = {name: value for name, value in part.items() if name != "data"}
    return _fenced(json.dumps(told, ensure_ascii=False, indent=2))


def _tool(what: str, part: dict[str, Any], value: object) -> str:
    shown = (
        value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, indent=2)
    )
    return f"**{what}** {_line(part.get('tool_name', ''))}\n\n{_fenced(shown)}"


def _fenced(text: str) -> str:
    clean, fence = strip_controls(text), "```"
    while fence in clean:
        fence += "`"
    return f"{fence}\n{clean}\n{fence}"


def _line(text: object) -> str:
    """One line that Markdown takes as it is."""
    flat = " ".join(strip_controls(str(text)).split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>&#|~!" else c for c in flat)
