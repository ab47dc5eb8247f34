"""What a model is shown of a chat. Pure: rows in, a conversation out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from coderchat_jupyter.server.present import INTERNAL
from coderchat_jupyter.server.providers._protocol import (
    MessageContent,
    ModelMessage,
    ReasoningContent,
    TextContent,
    ToolCallContent,
    ToolResultContent,
)
from coderchat_jupyter.server.storage.rows import MessageRow, StoredPart

__all__ = ["conversation", "reference_text", "system_texts"]


def system_texts(rows: Iterable[MessageRow]) -> tuple[str, ...]:
    """The system messages, in order."""
    return tuple(
        part.get("text", "")
        for row in rows
        if row.role == "system"
        for part in row.content
    )


def conversation(
    rows: Iterable[MessageRow], as_written: Mapping[str, str] = MappingProxyType({})
) -> tuple[ModelMessage, ...]:
    """Everything else, in order; a message without anything to read is left out.

    Args:
        rows: What is stored.
        as_written: The text of results by call, for those that this run made in a
            form of their own.
    """
    found = []
    for row in rows:
        if row.role not in ("user", "assistant", "tool"):
            continue
        parts = tuple(_contents(row.content, as_written))
        if parts:
            found.append(ModelMessage(role=_role(row.role), parts=parts))
    return tuple(found)


def reference_text(part: StoredPart) -> str:
    """A quoted piece of a file as text, for models and titles."""
    name, start, end = part["file_name"], part["start_line"], part["end_line"]
    lines = str(start) if start == end else f"{start}-{end}"
    marker = f"[file-reference] {name}:{lines}"
    content = part.get("content", "").strip()
    return f"{marker}\n```{name}\n{content}\n```" if content else marker


def _role(role: str) -> Any:
    return role


def _contents(
    parts: Iterable[StoredPart], as_written: Mapping[str, str]
) -> Iterator[MessageContent]:
    for part in parts:
        match part["type"]:
            case "text":
                yield TextContent(part["text"])
            case "file-reference":
                yield TextContent(reference_text(part))
            case "reasoning":
                signature = part.get(INTERNAL, {}).get("signature")
                yield ReasoningContent(part["text"], signature)
            case "tool-call":
                yield ToolCallContent(
                    part["tool_call_id"], part["tool_name"], _json(part["args"])
                )
            case "tool-result":
                yield ToolResultContent(
                    part["tool_call_id"],
                    part["tool_name"],
                    as_written.get(part["tool_call_id"]) or _result_text(part),
                    is_error=part.get("is_error", False),
                )


def _result_text(part: StoredPart) -> str:
    """An error is read as its text alone, anything else as JSON."""
    result = part.get("result")
    if (
        part.get("is_error")
        and isinstance(result, dict)
        and isinstance(result.get("error"), str)
    ):
        return str(result["error"])
    return _json(result)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
