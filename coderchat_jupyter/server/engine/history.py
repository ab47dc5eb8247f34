"""What a model is shown of a chat. Pure: rows in, a conversation out."""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from coderchat_jupyter.server.present import INTERNAL
from coderchat_jupyter.server.providers._protocol import (
    FileContent,
    MessageContent,
    Metadata,
    ModelMessage,
    ReasoningContent,
    TextContent,
    ToolCallContent,
    ToolResultContent,
)
from coderchat_jupyter.server.storage.files import LoadedFile
from coderchat_jupyter.server.storage.rows import MessageRow, StoredPart

__all__ = [
    "AsWritten",
    "conversation",
    "file_ids",
    "kept_by",
    "reference_text",
    "system_texts",
    "transcript",
]

AsWritten: TypeAlias = Mapping[int, Mapping[str, str]]
"""By message and call, the JSON text of arguments or of a result as it was made.

A run shows a model what it made itself in these words. Whatever was read back from
the database has the database's spacing and order of keys.
"""

_PICTURES: Final = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})

_MAX_PICTURE: Final = 3_750_000
"""Bytes; as text they are the 5 MB that vendors take."""

_MAX_PICTURES: Final = 20 * 2**20
"""Bytes of all pictures of tools that a model is shown, the newest first.

Vendors take some 20 to 32 MB in a request, and every step sends all of it again.
"""

_SUMMARISED: Final = "chat_summarized"


def system_texts(rows: Iterable[MessageRow]) -> tuple[str, ...]:
    """The system messages, in order."""
    return tuple(
        part.get("text", "")
        for row in rows
        if row.role == "system"
        for part in row.content
    )


def conversation(
    rows: Iterable[MessageRow],
    as_written: AsWritten = MappingProxyType({}),
    files: Mapping[str, LoadedFile] = MappingProxyType({}),
) -> tuple[ModelMessage, ...]:
    """Everything else, in order; a message without anything to read is left out.

    Args:
        rows: What is stored.
        as_written: How this run wrote what it made.
        files: The files of the rows, by id; see `file_ids`. Of others only the name
            is told.
    """
    found = []
    kept = _since_summary(rows)
    shown = _newest_pictures(kept)
    for row in kept:
        written = as_written.get(row.id, {})
        parts = tuple(_contents(row.content, written, files, shown))
        if parts:
            found.append(ModelMessage(role=_role(row.role), parts=parts))
    return tuple(found)


def _since_summary(rows: Iterable[MessageRow]) -> list[MessageRow]:
    """What a model is to read: everything, or the newest summary and what follows.

    The message that the user was waiting for an answer to comes right after it.
    """
    kept: list[MessageRow] = []
    for row in rows:
        if row.role not in ("user", "assistant", "tool"):
            continue
        if (newest := kept_by(row)) is not None:
            kept = [row, *(earlier for earlier in kept if earlier.id == newest)]
        elif all(part.get("tool_name") != _SUMMARISED for part in row.content):
            kept.append(row)
    return kept


def kept_by(row: MessageRow) -> int | None:
    """The message that a summary leaves as it is; None if `row` is no summary."""
    for part in row.content:
        if INTERNAL in part and "keeps" in part[INTERNAL]:
            return int(part[INTERNAL]["keeps"])
    return None


def transcript(rows: Iterable[MessageRow]) -> str:
    """The conversation as one text, for a summary of it."""
    told = []
    for message in conversation(rows):
        for part in message.parts:
            match part:
                case TextContent(text=text):
                    told.append(f"{message.role}: {text}")
                case ToolCallContent(name=name, args=args):
                    told.append(f"{message.role} calls {name}: {args}")
                case ToolResultContent(name=name, text=text):
                    told.append(f"result of {name}: {text}")
                case _:
                    continue
    return "\n\n".join(told)


def file_ids(rows: Iterable[MessageRow]) -> tuple[str, ...]:
    """The files that users sent, in order."""
    return tuple(
        part["file_id"]
        for row in rows
        for part in row.content
        if row.role == "user" and part["type"] == "file" and part.get("file_id")
    )


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
    parts: Iterable[StoredPart],
    written: Mapping[str, str],
    files: Mapping[str, LoadedFile],
    shown: frozenset[int],
) -> Iterator[MessageContent]:
    for part in parts:
        match part["type"]:
            case "text":
                yield TextContent(part["text"], _metadata(part))
            case "file-reference":
                yield TextContent(reference_text(part))
            case "file":
                yield _file(part, files.get(part.get("file_id") or ""))
            case "reasoning":
                yield ReasoningContent(part.get("text", ""), _metadata(part))
            case "tool-call":
                call_id, name = part["tool_call_id"], part.get("tool_name", "")
                args = written.get(call_id) or _json(part.get("args"))
                yield ToolCallContent(call_id, name, args, _metadata(part))
            case "tool-result":
                call_id, name = part["tool_call_id"], part.get("tool_name", "")
                text = written.get(call_id) or _result_text(part)
                is_error = part.get("is_error", False)
                picture = _picture(part) if id(part) in shown else None
                yield ToolResultContent(
                    call_id, name, text, is_error=is_error, picture=picture
                )


def _metadata(part: StoredPart) -> Metadata | None:
    """What the vendor wants back with a part; older rows hold a signature alone."""
    hidden = part.get(INTERNAL, {})
    if "signature" in hidden:
        return {"signature": hidden["signature"]}
    found: Metadata | None = hidden.get("metadata")
    return found


def _file(part: StoredPart, found: LoadedFile | None) -> MessageContent:
    if found is None:
        return TextContent(f"[file] {part.get('name', '')}")
    return FileContent(found.name, found.media_type, found.data)


def _result_text(part: StoredPart) -> str:
    """An error is read as its text alone, anything else as JSON.

    Of a picture or a sound there is only told that it is there.
    """
    result = part.get("result")
    if part.get("is_media") and isinstance(result, dict):
        return "\n".join(filter(None, (result.get("text"), _media_note(result))))
    if (
        part.get("is_error")
        and isinstance(result, dict)
        and isinstance(result.get("error"), str)
    ):
        return str(result["error"])
    return _json(result)


def _newest_pictures(rows: Sequence[MessageRow]) -> frozenset[int]:
    """The parts (by identity) whose pictures fit together; see `_MAX_PICTURES`."""
    found: set[int] = set()
    room = _MAX_PICTURES
    for row in reversed(rows):
        for part in reversed(row.content):
            result = part.get("result")
            if not (part.get("is_media") and isinstance(result, dict)):
                continue
            size = len(str(result.get("data") or "")) * 3 // 4
            if size > _MAX_PICTURE:
                continue
            room -= size
            if room < 0:
                return frozenset(found)
            found.add(id(part))
    return frozenset(found)


def _picture(part: StoredPart) -> FileContent | None:
    """The picture of a result, if it is one of a kind that all vendors know."""
    result = part.get("result")
    if not (part.get("is_media") and isinstance(result, dict)):
        return None
    kind = result.get("mime_type")
    if not (isinstance(kind, str) and kind in _PICTURES):
        return None
    try:
        data = binascii.a2b_base64(result.get("data") or "", strict_mode=True)
    except (TypeError, ValueError):
        return None
    name = f"picture.{kind.removeprefix('image/')}"
    return FileContent(name, kind, data) if 0 < len(data) <= _MAX_PICTURE else None


def _media_note(result: Mapping[str, Any]) -> str:
    data = str(result.get("data") or "")
    size = len(data) * 3 // 4 - data[-2:].count("=")
    return f"[{result.get('mime_type')} of {size} bytes, shown to the user]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
