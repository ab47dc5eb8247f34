"""Files that were uploaded, and the chats that they are linked to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Row, Select, exists, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.readers import may_read
from coderchat_jupyter.server.storage.rows import UserRow
from coderchat_jupyter.server.storage.tables import chat_files, chats, files
from coderchat_jupyter.wire.files import MAX_FILES_PER_CHAT
from coderchat_jupyter.wire.ids import ChatId, FileId, OrganizationId, UserId

__all__ = [
    "FileRow",
    "LoadedFile",
    "add_file",
    "file_data",
    "files_of_chat",
    "link_files",
    "load_files",
    "readable_files",
]


MAX_SHOWN_BYTES: Final = 33_554_432
"""How much of a chat's files a model is shown in one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file, without its bytes."""

    id: FileId
    owner_id: UserId
    organization_id: OrganizationId
    name: str
    media_type: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """What a model is shown of a file."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


_META = (
    files.c.id,
    files.c.owner_id,
    files.c.organization_id,
    files.c.name,
    files.c.media_type,
    files.c.created_at,
)


async def add_file(
    connection: AsyncConnection,
    now: datetime,
    *,
    owner_id: UserId,
    organization_id: OrganizationId,
    name: str,
    media_type: str,
    data: bytes,
) -> FileId:
    """Store a file that belongs to no chat yet."""
    file_id = FileId(str(uuid4()))
    await connection.execute(
        insert(files).values(
            id=file_id,
            owner_id=owner_id,
            organization_id=organization_id,
            name=name,
            media_type=media_type,
            data=data,
            created_at=now,
        )
    )
    return file_id


async def readable_files(
    connection: AsyncConnection, reader: UserRow, ids: Collection[str]
) -> dict[str, FileRow]:
    """Those of the files that somebody may read: their own, and those of chats.

    An administrator may read every file.
    """
    query = select(*_META).where(files.c.id.in_(set(ids)))
    if not reader.is_admin:
        linked = exists(
            select(chat_files.c.chat_id)
            .join(chats, chats.c.id == chat_files.c.chat_id)
            .where(chat_files.c.file_id == files.c.id, may_read(reader))
        )
        query = query.where(or_(files.c.owner_id == reader.id, linked))
    return {row.id: row for row in await _rows(connection, query)}


async def file_data(connection: AsyncConnection, file_id: FileId) -> bytes:
    """The bytes of a file."""
    found = await connection.execute(select(files.c.data).where(files.c.id == file_id))
    return bytes(found.scalar_one())


async def load_files(
    connection: AsyncConnection, ids: Sequence[str]
) -> dict[str, LoadedFile]:
    """Files with their bytes, for a model; the last ones, if all are too much.

    Args:
        connection: To the database.
        ids: In the order of the conversation. Files that are gone are left out.
    """
    if not ids:
        return {}
    sized = select(files.c.id, func.length(files.c.data).label("size"))
    found = await connection.execute(sized.where(files.c.id.in_(set(ids))))
    sizes = {row.id: row.size for row in found}
    wanted, room = [], MAX_SHOWN_BYTES
    for file_id in dict.fromkeys(reversed(ids)):
        room -= sizes.get(file_id, 0)
        if room < 0:
            break
        wanted.append(file_id)
    query = select(files.c.id, files.c.name, files.c.media_type, files.c.data)
    loaded = await connection.execute(query.where(files.c.id.in_(wanted)))
    return {
        row.id: LoadedFile(
            name=row.name, media_type=row.media_type, data=bytes(row.data)
        )
        for row in loaded
    }


async def files_of_chat(connection: AsyncConnection, chat_id: ChatId) -> list[FileRow]:
    """The files linked to a chat, the oldest first."""
    query = (
        select(*_META)
        .join(chat_files, chat_files.c.file_id == files.c.id)
        .where(chat_files.c.chat_id == chat_id)
        .order_by(files.c.created_at, files.c.id)
    )
    return await _rows(connection, query)


async def link_files(
    connection: AsyncConnection, chat_id: ChatId, ids: Iterable[str]
) -> str:
    """Link files to a chat: all of them, or none.

    Returns:
        Why none was linked, for a person; empty if all are.
    """
    linked = await connection.execute(
        select(chat_files.c.file_id).where(chat_files.c.chat_id == chat_id)
    )
    known = set(linked.scalars())
    new = [file_id for file_id in dict.fromkeys(ids) if file_id not in known]
    if not new:
        return ""
    if len(known) + len(new) > MAX_FILES_PER_CHAT:
        return (
            f"file linking skipped: {len(new)} file(s) would exceed the limit of "
            f"{MAX_FILES_PER_CHAT} files per chat"
        )
    await connection.execute(
        insert(chat_files), [{"chat_id": chat_id, "file_id": one} for one in new]
    )
    return ""


async def _rows(connection: AsyncConnection, query: Select[Any]) -> list[FileRow]:
    return [_row(row) for row in await connection.execute(query)]


def _row(row: Row[Any]) -> FileRow:
    return FileRow(**row._mapping)
