"""What vendors want back with a part: taken from answers, given to its origin only.

Signed or encrypted reasoning, as a rule. A vendor refuses what another one signed, and
often what another of its own models did.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from coderchat_jupyter.server.foreign_json import read_whole
from coderchat_jupyter.server.providers._protocol import (
    MessageContent,
    Metadata,
    ModelCall,
    ModelMessage,
    PartSigned,
    ProviderError,
    ProviderRow,
    ReasoningContent,
    TextContent,
    ToolCall,
    ToolCallContent,
)

__all__ = [
    "given_back",
    "marked",
    "metadata_of",
    "refuses_metadata",
    "sound",
    "without_metadata",
    "without_reasoning",
]

_WANTED: Final = (
    "extra_content",
    "raw_content",
    "reasoning_details",
    "thought_signature",
)
"""Of what the library keeps of a part for vendors, what they want to see again."""

_CLAUDE: Final = frozenset({"anthropic", "bedrock"})

_REFUSAL: Final = re.compile(
    r"encrypted.content|thought.?signature|reasoning_details"
    r"|invalid `?signature`?|signature in `?thinking"
    r"|(?:item|reasoning) (?:with id )?'?rs_\w+'?",
    re.IGNORECASE,
)


def metadata_of(part: Any) -> Metadata | None:
    """What a vendor wants back with a part of the library; None if nothing."""
    kept = part.provider_details or {}
    found = {
        "signature": getattr(part, "signature", None),
        "details": {name: kept[name] for name in _WANTED if kept.get(name)},
    }
    found = {name: value for name, value in found.items() if value}
    if not found:
        return None
    if part.part_kind == "thinking" and part.id:
        found["id"] = part.id
    return sound(found)


def sound(value: dict[str, Any]) -> Metadata | None:
    """The value as it can be stored and sent; None if it cannot be."""
    try:
        found: dict[str, Any] = read_whole(json.dumps(value))
    except (RecursionError, TypeError, ValueError):
        return None
    return found


def origin_of(row: ProviderRow, model: str) -> str:
    """A mark of one model of one account. Nothing can be read out of it."""
    told = json.dumps([row.type, row.base_url, row.account, model]).encode()
    return hashlib.sha256(told).hexdigest()[:16]


def marked(
    item: PartSigned | ToolCall, row: ProviderRow, model: str
) -> PartSigned | ToolCall:
    """An item whose metadata say where they are from."""
    if item.metadata is None:
        return item
    origin = origin_of(row, model)
    return replace(item, metadata={**item.metadata, "origin": origin})


def given_back(call: ModelCall, row: ProviderRow) -> ModelCall:
    """The call without what another model, or another provider, wanted back."""
    origin = origin_of(row, call.model)

    def is_ours(metadata: Metadata) -> bool:
        # Before origins were told, only Claude's signatures were kept.
        found = metadata.get("origin")
        return row.type in _CLAUDE if found is None else bool(found == origin)

    return _keeping(call, is_ours)


def without_metadata(call: ModelCall) -> ModelCall:
    """The call with nothing that only its vendor can read."""
    return _keeping(call, lambda _: False)


def refuses_metadata(call: ModelCall, error: ProviderError) -> bool:
    """Whether a call failed only because of what was given back with it."""
    return (
        error.status_code == 400
        and _REFUSAL.search(error.message) is not None
        and without_metadata(call) != call
    )


def without_reasoning(call: ModelCall, *, wanted: bool) -> ModelCall:
    """The call without reasoning that its vendor would not believe: what is unsigned.

    Args:
        call: What is asked.
        wanted: Whether reasoning that is signed stays.
    """

    def kept(part: MessageContent) -> bool:
        if not isinstance(part, ReasoningContent):
            return True
        return wanted and bool(part.metadata)

    return _with_parts(call, lambda parts: tuple(filter(kept, parts)))


def _keeping(call: ModelCall, is_kept: Callable[[Metadata], bool]) -> ModelCall:
    def bare(part: MessageContent) -> MessageContent:
        if not isinstance(part, TextContent | ReasoningContent | ToolCallContent):
            return part
        if part.metadata is None or is_kept(part.metadata):
            return part
        return replace(part, metadata=None)

    def kept(parts: tuple[MessageContent, ...]) -> tuple[MessageContent, ...]:
        bared = map(bare, parts)
        # Reasoning of which nobody was told the text says nothing any more.
        return tuple(
            part
            for part in bared
            if not isinstance(part, ReasoningContent) or part.text or part.metadata
        )

    return _with_parts(call, kept)


def _with_parts(
    call: ModelCall,
    changed: Callable[[tuple[MessageContent, ...]], tuple[MessageContent, ...]],
) -> ModelCall:
    def one(message: ModelMessage) -> ModelMessage:
        parts = changed(message.parts)
        return message if parts == message.parts else replace(message, parts=parts)

    return replace(call, messages=tuple(map(one, call.messages)))
