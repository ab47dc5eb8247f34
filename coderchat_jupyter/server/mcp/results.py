"""What a lent tool answered, as a result of the engine. Pure: JSON in, a value out."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from coderchat_jupyter.server.engine.tools import Outcome
from coderchat_jupyter.server.foreign_json import read_whole, whole_text
from coderchat_jupyter.server.mcp.limits import Limits

__all__ = ["outcome_of"]

_MAX_DEPTH: Final = 64
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9.+-]{1,63}/[a-z0-9.+-]{1,63}")
_ANY_BYTES: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class _Media:
    data: str
    media_type: str


def outcome_of(answer: Mapping[str, Any], limits: Limits) -> Outcome:
    """The result of a call.

    Args:
        answer: A `CallToolResult` of the protocol, as JSON.
        limits: What is too much.

    Text that is JSON is kept as JSON, any other as `{"output": text}`, or
    `{"error": text}` if the call failed. The first picture or sound makes it a media
    result with the text beside it; there can be one only.
    """
    texts: list[str] = []
    media: _Media | None = None
    for block in answer.get("content") or ():
        for found in _read(block, limits):
            if isinstance(found, str):
                texts.append(found)
            elif media is None:
                media = found
    structured = answer.get("structuredContent")
    if structured is not None and not texts:
        # What has a form of its own is told as text too, by servers that follow
        # the protocol.
        texts.append(json.dumps(structured, ensure_ascii=False))
    text = _cut("\n".join(map(_clean, texts)), limits)
    failed = bool(answer.get("isError"))
    if media is not None:
        result = {"data": media.data, "mime_type": media.media_type, "text": text}
        return Outcome(result, is_error=failed, is_media=True)
    value = _json(text)
    if value is not None:
        return Outcome(value, is_error=failed)
    return Outcome({"error" if failed else "output": text}, is_error=failed, text=text)


def _read(block: Any, limits: Limits) -> Iterator[str | _Media]:
    """The text or the media of one block."""
    if not isinstance(block, Mapping):
        return
    kind = block.get("type")
    match kind:
        case "text":
            yield str(block.get("text", ""))
        case "image" | "audio":
            yield _media(block.get("data"), block.get("mimeType"), limits)
        case "resource":
            resource = block.get("resource")
            if isinstance(resource, Mapping) and "blob" in resource:
                yield _media(resource["blob"], resource.get("mimeType"), limits)
            elif isinstance(resource, Mapping):
                yield str(resource.get("text", ""))
        case "resource_link":
            named = (block.get(part) for part in ("name", "uri", "description"))
            yield f"[resource: {' '.join(str(part) for part in named if part)}]"
        case _:
            yield f"[content of the unknown type {str(kind)[:40]!r}]"


def _media(data: Any, media_type: Any, limits: Limits) -> str | _Media:
    kind = str(media_type or "").lower()
    if _MEDIA_TYPE.fullmatch(kind) is None:
        kind = _ANY_BYTES
    try:
        size = len(base64.b64decode(data, validate=True))
    except (binascii.Error, TypeError, ValueError):
        return f"[{kind} that is not readable]"
    if size > limits.media_bytes:
        return f"[{kind} of {size} bytes, too large to be shown]"
    return _Media(data, kind)


def _clean(text: str) -> str:
    """Text that can be stored and sent: whole characters, and not NUL."""
    return whole_text(text).replace("\0", "\N{REPLACEMENT CHARACTER}")


def _cut(text: str, limits: Limits) -> str:
    if len(text) <= limits.text_characters:
        return text
    left = len(text) - limits.text_characters
    return f"{text[: limits.text_characters]}\n[{left} more characters are left out]"


def _json(text: str) -> Any:
    """The value that a text is; None if it is no JSON, or none that can be kept."""
    try:
        value = read_whole(text)
    except ValueError:
        return None
    return value if _is_shallow(value) and _has_no_nul(value) else None


def _is_shallow(value: Any) -> bool:
    layer = [value]
    for _ in range(_MAX_DEPTH):
        layer = [
            inner
            for outer in layer
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not layer:
            return True
    return False


def _has_no_nul(value: Any) -> bool:
    """Whether no text in it hides NUL behind an escape."""
    return "\\u0000" not in json.dumps(value, ensure_ascii=False)
