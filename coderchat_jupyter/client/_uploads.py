"""Files on their way to a server: read once, checked, and sent in pieces."""

from __future__ import annotations

import asyncio
import errno
import inspect
import io
import os
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

from coderchat_jupyter.errors import ApiError, api_error
from coderchat_jupyter.wire._media import (
    MAX_FILE_NAME_BYTES,
    MEDIA_TYPES,
    OCTET_STREAM,
    is_compatible,
    plain_type,
    stored_media_type,
    stored_name,
)
from coderchat_jupyter.wire.files import MAX_FILE_BYTES
from coderchat_jupyter.wire.routes import FILES

__all__ = [
    "Frame",
    "Outgoing",
    "PandasFrame",
    "PolarsFrame",
    "Progress",
    "Readable",
    "Source",
    "pieces_of",
    "prepare",
]

_PIECE: Final = 65_536
_LONGEST_ENDING: Final = 32

# Texts that today's servers refuse, by rules that may change: the server may judge.
_DOUBTFUL: Final = frozenset({"application/geo+json", "application/x-ndjson"})

Progress: TypeAlias = Callable[[int, int], object]
"""Called with the bytes that were sent so far, and with how many there are.

First with 0, then after each piece. It may be async. What it raises ends the upload.
"""


@runtime_checkable
class Readable(Protocol):
    """An open file: binary or text, seekable or not, with a plain or async `read`."""

    def read(self, size: int = ..., /) -> Any: ...


@runtime_checkable
class PandasFrame(Protocol):
    """A table of pandas: a data frame or a series."""

    @property
    def index(self) -> Any: ...

    @property
    def to_csv(self) -> Callable[..., Any]: ...


@runtime_checkable
class PolarsFrame(Protocol):
    """A table of polars."""

    @property
    def write_csv(self) -> Callable[..., Any]: ...


Frame: TypeAlias = PandasFrame | PolarsFrame

Source: TypeAlias = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | Readable | Frame
)
"""What can be uploaded. A `str` is a path, never the text itself."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file that is ready to be sent: no rule speaks against it."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


async def prepare(source: Source, *, name: str = "", media_type: str = "") -> Outgoing:
    """Read a source, and check what the server would refuse.

    Args:
        source: Read once, and not further than the server's cap.
        name: What the file is called; taken from the source if empty.
        media_type: What it is said to be; found out if empty.

    Raises:
        InvalidRequestError: The server would refuse it.
        OSError: It cannot be read.
        TypeError: It is nothing that can be uploaded.
    """
    given = name or _name_of(source)
    if isinstance(source, Readable) and inspect.iscoroutinefunction(source.read):
        data = await _read_async(source)
        return await asyncio.to_thread(_checked, data, given, media_type)
    return await asyncio.to_thread(
        lambda: _checked(_read(source), given, media_type),
    )


async def pieces_of(data: bytes, progress: Progress | None) -> AsyncIterator[bytes]:
    """Give the data in pieces; when the next one is asked for, the last was sent."""
    await _tell(progress, 0, len(data))
    for start in range(0, len(data), _PIECE):
        piece = data[start : start + _PIECE]
        yield piece
        await _tell(progress, start + len(piece), len(data))


async def _tell(progress: Progress | None, sent: int, total: int) -> None:
    said = progress(sent, total) if progress is not None else None
    if isinstance(said, Awaitable):
        await said


def _name_of(source: Source) -> str:
    if isinstance(source, str | os.PathLike):
        return os.path.basename(os.fspath(source))  # noqa: PTH119  a str may be one
    if isinstance(source, PandasFrame | PolarsFrame):
        return "data.csv"
    name = getattr(source, "name", "")
    # Standard streams are called <stdin>, and pipes by a number.
    if isinstance(name, str) and not name.startswith("<"):
        return os.path.basename(name)  # noqa: PTH119
    return ""


def _read(source: Source) -> bytes:
    if isinstance(source, str | os.PathLike):
        return _read_path(os.fspath(source))
    if isinstance(source, bytes | bytearray | memoryview):
        size = source.nbytes if isinstance(source, memoryview) else len(source)
        if size > MAX_FILE_BYTES:
            raise _too_large(size)
        return bytes(source)
    if isinstance(source, PandasFrame | PolarsFrame):
        return _read_frame(source)
    if isinstance(source, Readable):
        return _read_file(source)
    raise TypeError(
        "A path, bytes, an open file or a data frame can be uploaded, not "
        f"{type(source).__name__}."
    )


def _read_path(path: str) -> bytes:
    found = os.stat(path)  # noqa: PTH116
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not stat.S_ISREG(found.st_mode):
        # A pipe or a device may never end, or never begin.
        raise OSError(errno.EINVAL, "Not a regular file", path)
    if found.st_size > MAX_FILE_BYTES:
        raise _too_large(found.st_size)
    with open(path, "rb") as file:  # noqa: PTH123
        return _read_file(file)


def _read_file(file: Readable) -> bytes:
    data = bytearray()
    while piece := _bytes(file.read(_room(data))):
        data += piece
        _check_size(data)
    return bytes(data)


async def _read_async(file: Readable) -> bytes:
    data = bytearray()
    while piece := _bytes(await file.read(_room(data))):
        data += piece
        _check_size(data)
    return bytes(data)


def _room(data: bytearray) -> int:
    return MAX_FILE_BYTES + 1 - len(data)


def _bytes(piece: Any) -> bytes:
    if isinstance(piece, str):
        # Half a surrogate has no bytes; it becomes what it becomes everywhere.
        whole = piece.encode("utf-16-le", "surrogatepass")
        return whole.decode("utf-16-le", "replace").encode()
    if isinstance(piece, bytes | bytearray | memoryview):
        return bytes(piece)
    raise TypeError(f"read() gave {type(piece).__name__}, neither bytes nor text")


class _Bounded(io.IOBase):
    """Takes text or bytes up to the server's cap."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.data += _bytes(data)
        _check_size(self.data)
        return len(data)


def _read_frame(frame: Frame) -> bytes:
    """Write a table as CSV, in UTF-8 with one line a row."""
    sink = _Bounded()
    try:
        if isinstance(frame, PandasFrame):
            # A plain row counter is no column of anybody's data.
            counts = type(frame.index).__name__ == "RangeIndex" and not frame.index.name
            frame.to_csv(sink, index=not counts, lineterminator="\n")
        else:
            frame.write_csv(sink)
    except Exception:
        # polars makes an OSError of whatever its target raises.
        _check_size(sink.data)
        raise
    return bytes(sink.data)


def _checked(data: bytes, name: str, media_type: str) -> Outgoing:
    declared = plain_type(media_type)
    if not media_type.isascii() or not media_type.isprintable():
        raise _unsupported("a type with such characters")
    if declared and declared not in (*MEDIA_TYPES, OCTET_STREAM):
        raise _unsupported(f"the type {declared!r}")
    short = _shortened(name)
    if not short:
        raise _refused(
            "The file has no name. Give it one: upload(…, name='table.csv').", 400
        )
    found = stored_media_type(short, data)
    if found not in MEDIA_TYPES and found not in _DOUBTFUL:
        raise _unsupported(f"{short!r}, which is {found}")
    if declared and found in MEDIA_TYPES and not is_compatible(declared, found):
        raise _refused(
            f"{short!r} is said to be {declared}, but by its contents it is {found}. "
            "Leave media_type out.",
            400,
        )
    return Outgoing(short, media_type or _declared(found), data)


def _declared(found: str) -> str:
    return found if found in MEDIA_TYPES else OCTET_STREAM


def _shortened(name: str) -> str:
    """The name as the server keeps it, but cut before its ending and not after."""
    clean = stored_name(name)
    root, ending = os.path.splitext(name.strip())  # noqa: PTH122
    tail = stored_name(ending)
    size = len(tail.encode())
    if clean.endswith(tail) or not 1 < size <= _LONGEST_ENDING:
        return clean
    room = MAX_FILE_NAME_BYTES - size
    return stored_name(root).encode()[:room].decode("utf-8", "ignore") + tail


def _check_size(data: bytearray) -> None:
    if len(data) > MAX_FILE_BYTES:
        raise _too_large(None)


def _too_large(size: int | None) -> ApiError:
    what = "The file" if size is None else f"A file of {size:,} bytes"
    cap = MAX_FILE_BYTES
    return _refused(
        f"{what} is too large: the server takes {cap >> 20} MiB ({cap:,} bytes).", 413
    )


def _unsupported(what: str) -> ApiError:
    return _refused(
        f"The server does not take {what}. It takes {', '.join(MEDIA_TYPES)}.", 400
    )


def _refused(message: str, status: int) -> ApiError:
    return api_error(
        f"{message} Nothing was sent.", status=status, call=f"POST {FILES}"
    )
