"""Files on their way from a server: bounded, and saved without trusting a name."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from coderchat_jupyter.client import _failures
from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client._retry import delay_before_retry
from coderchat_jupyter.errors import CoderChatError, ProtocolError
from coderchat_jupyter.wire._disposition import name_of
from coderchat_jupyter.wire._media import plain_type, stored_name
from coderchat_jupyter.wire.ids import FileId

if TYPE_CHECKING:
    import httpx

__all__ = ["DownloadedFile", "fetch", "read_all", "save"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DownloadedFile:
    """A file as the server keeps it.

    Attributes:
        id: The file's id.
        name: What its uploader called it; made safe to be a file's name here.
        media_type: What the server took it for, without parameters.
        data: The bytes.
    """

    id: FileId
    name: str
    media_type: str
    data: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The bytes as text: UTF-8, with or without a byte order mark."""
        return self.data.decode("utf-8-sig", "replace")


async def fetch(
    http: Http, path: str, read: Callable[[httpx.Response], Awaitable[T]]
) -> T:
    """Open an answer and read it; once more from the start when it breaks off."""
    attempt = 0
    while True:
        attempt += 1
        try:
            async with http.open("GET", path) as answer:
                return await read(answer)
        except CoderChatError as error:
            failed = error
        wait = delay_before_retry(
            attempt,
            error=failed,
            is_unsent=False,
            is_repeatable=True,
            chance=random.random(),  # noqa: S311  no secret
        )
        if wait is None:
            # Without what led to it: those frames hold the answer.
            raise _failures.bare(failed)
        await asyncio.sleep(wait)


async def read_all(
    answer: httpx.Response, file_id: FileId, *, max_bytes: int
) -> DownloadedFile:
    """Read a file into memory.

    Raises:
        ProtocolError: It is larger than `max_bytes`.
    """
    data = bytearray()
    _check(int(answer.headers.get("Content-Length") or 0), max_bytes)
    async for piece in answer.aiter_bytes():
        data += piece
        _check(len(data), max_bytes)
    return DownloadedFile(
        file_id, _file_name(answer, file_id), _media_type(answer), bytes(data)
    )


async def save(
    answer: httpx.Response,
    file_id: FileId,
    to: str | os.PathLike[str],
    *,
    max_bytes: int,
) -> Path:
    """Write a file to the disk, whole or not at all.

    Args:
        answer: The open answer.
        file_id: The file's id.
        to: A path, which is replaced, or a folder, in which nothing is.
        max_bytes: How large it may be.

    Raises:
        FileExistsError: The folder has a file of that name.
        ProtocolError: It is larger than `max_bytes`.
    """
    _check(int(answer.headers.get("Content-Length") or 0), max_bytes)
    target = Path(to)
    is_folder = await asyncio.to_thread(target.is_dir)
    if is_folder:
        target /= _file_name(answer, file_id)
    # At once, so that nobody who cancels leaves a file without a name behind.
    part, file = _beside(target)
    try:
        size = 0
        with file:
            async for piece in answer.aiter_bytes():
                size += len(piece)
                _check(size, max_bytes)
                await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(_put, part, target, may_replace=not is_folder)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
    return target


def _check(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise ProtocolError(
            f"The file is larger than {max_bytes:,} bytes. Give max_bytes to take it."
        )


def _media_type(answer: httpx.Response) -> str:
    return plain_type(answer.headers.get("Content-Type", ""))


def _file_name(answer: httpx.Response, file_id: FileId) -> str:
    """The name that the server tells, without any way out of a folder."""
    told = stored_name(name_of(answer.headers.get("Content-Disposition", "")))
    name = told.replace("\\", "/").rpartition("/")[2].lstrip(".").strip()
    return name or file_id


def _beside(target: Path) -> tuple[Path, BinaryIO]:
    handle, path = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    return Path(path), os.fdopen(handle, "wb")


def _put(part: Path, target: Path, *, may_replace: bool) -> None:
    if not may_replace:
        # Fails if the name is taken, also by a link that leads elsewhere.
        target.touch(exist_ok=False)
    part.replace(target)
