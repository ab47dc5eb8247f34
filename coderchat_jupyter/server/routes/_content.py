"""What a user may send: checked part by part, and turned into stored parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coderchat_jupyter.server.engine.step import stored
from coderchat_jupyter.server.failures import bad_request
from coderchat_jupyter.server.storage.rows import StoredPart
from coderchat_jupyter.wire.parts import FileReferencePart, TextPart

__all__ = ["read_content"]


def read_content(parts: Sequence[Any] | None) -> tuple[StoredPart, ...]:
    """Check the `content` of a request.

    Raises:
        RequestError: 400, naming the part that is wrong.
    """
    if not parts:
        raise bad_request("Content is required.", detail="Content cannot be empty.")
    return tuple(_part(index, part) for index, part in enumerate(parts))


def _part(index: int, part: Any) -> StoredPart:
    kind = part.type.strip().lower()
    where = f"content[{index}]"
    match kind:
        case "text":
            text = part.text.strip()
            if not text:
                raise _invalid(f"{where}.text cannot be empty.")
            return stored(TextPart(text=text))
        case "file":
            if part.file_id is None:
                raise _invalid(f"{where}.file_id is required for file parts.")
            # Files cannot be uploaded here yet, so none exists.
            raise _invalid(f"{where}.file_id references a file that does not exist.")
        case "file-reference":
            if not part.file_name.strip():
                raise _invalid(f"{where}.file_name cannot be empty for file-reference.")
            return stored(
                FileReferencePart(
                    file_name=part.file_name,
                    start_line=part.start_line,
                    end_line=part.end_line,
                    content=part.content,
                )
            )
        case _:
            raise _invalid(f'{where}.type "{part.type}" is not supported.')


def _invalid(detail: str) -> Exception:
    return bad_request("Invalid input part.", detail=detail)
