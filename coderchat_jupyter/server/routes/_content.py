"""What a user may send: checked part by part, and turned into stored parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from coderchat_jupyter.server.engine.step import stored
from coderchat_jupyter.server.failures import bad_request
from coderchat_jupyter.server.routes._endpoint import Call
from coderchat_jupyter.server.storage.chats import get_chat
from coderchat_jupyter.server.storage.files import (
    FileRow,
    link_files,
    readable_files,
)
from coderchat_jupyter.server.storage.rows import StoredPart
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.parts import FilePart, FileReferencePart, TextPart

__all__ = ["Content", "link_content", "read_content"]

Content: TypeAlias = tuple[StoredPart, ...]


async def read_content(call: Call, parts: Sequence[Any] | None) -> Content:
    """Check the `content` of a request.

    Raises:
        RequestError: 400, naming the part that is wrong.
    """
    if not parts:
        raise bad_request("Content is required.", detail="Content cannot be empty.")
    named = [part.file_id for part in parts if part.file_id is not None]
    found: dict[str, FileRow] = {}
    if named:
        async with call.service.database.read() as connection:
            found = await readable_files(connection, call.user, named)
    return tuple(_part(index, part, found) for index, part in enumerate(parts))


async def link_content(call: Call, chat: ChatId, content: Content) -> tuple[str, ...]:
    """Link the files of a message to its chat: for its list of files.

    Returns:
        Warnings for the answer: that they could not be linked, and, unless strictly
        v2.34 is spoken, which settings of the chat's model its provider ignores.
    """
    named = [part["file_id"] for part in content if part["type"] == "file"]
    warning = None
    if named:
        async with call.service.database.write() as connection:
            warning = await link_files(connection, chat, named)
    linked = (warning,) if warning else ()
    return (*linked, *await _ignored(call, chat))


async def _ignored(call: Call, chat_id: ChatId) -> tuple[str, ...]:
    if call.service.settings.strict_g1:
        return ()
    async with call.service.database.read() as connection:
        chat = await get_chat(connection, chat_id)
    if chat is None:
        return ()
    return await call.service.models.warnings_of(chat.last_model_config_id)


def _part(index: int, part: Any, files: Mapping[str, FileRow]) -> StoredPart:
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
            file = files.get(part.file_id)
            if file is None:
                raise _invalid(
                    f"{where}.file_id references a file that does not exist."
                )
            return stored(
                FilePart(file_id=file.id, media_type=file.media_type, name=file.name)
            )
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
