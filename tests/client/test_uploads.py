"""What can be uploaded, and what is refused before anything is sent."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest

from coderchat_jupyter.client._uploads import Outgoing, pieces_of, prepare
from coderchat_jupyter.errors import InvalidRequestError
from coderchat_jupyter.wire.files import MAX_FILE_BYTES

PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(29)
BOM: Final = b"\xef\xbb\xbf"


async def test_a_path_gives_its_bytes_and_its_last_name(tmp_path: Path) -> None:
    """Where the file lies is nobody's business."""
    path = tmp_path / "a b.csv"
    path.write_bytes(BOM + b"x,y\n1,2\n")

    for source in (path, str(path)):
        file = await prepare(source)
        assert file == Outgoing("a b.csv", "text/csv", BOM + b"x,y\n1,2\n")


@pytest.mark.parametrize(
    "data", [PNG, bytearray(PNG), memoryview(PNG), memoryview(PNG + b"\0").cast("H")]
)
async def test_bytes_of_any_kind_are_taken_as_they_are(data: Any) -> None:
    """A view may count in items of more than a byte."""
    file = await prepare(data, name="a.png")

    assert file == Outgoing("a.png", "image/png", bytes(data))


async def test_an_open_file_is_read_from_where_it_stands_and_left_open(
    tmp_path: Path,
) -> None:
    """Whoever opened it closes it."""
    path = tmp_path / "log.txt"
    path.write_bytes(b"old new")

    with path.open("rb") as opened:
        opened.seek(4)
        file = await prepare(opened)
        is_open = not opened.closed

    assert file == Outgoing("log.txt", "text/plain", b"new")
    assert is_open


async def test_a_file_in_text_mode_is_sent_in_utf_8(tmp_path: Path) -> None:
    """Whatever encoding it was read in."""
    path = tmp_path / "a.txt"
    path.write_text("größe", "latin-1")

    with path.open(encoding="latin-1") as opened:
        file = await prepare(opened)

    assert file.data == "größe".encode()


async def test_a_pipe_is_read_to_its_end() -> None:
    """It cannot be measured, sought or read twice."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as reader:
        with os.fdopen(writing, "wb") as writer:
            writer.write(b"first\n")
            writer.flush()
            writer.write(b"last\n")
        file = await prepare(reader, name="pipe.txt")

    assert file.data == b"first\nlast\n"


async def test_a_file_that_is_slow_to_read_does_not_stop_the_loop() -> None:
    """Everything else of the notebook runs on the same loop."""
    may_go_on = threading.Event()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert may_go_on.wait(10)
            return super().read(size)

    reading = asyncio.create_task(prepare(Slow(b"text"), name="a.txt"))
    await asyncio.sleep(0)
    may_go_on.set()

    assert (await reading).data == b"text"


async def test_a_file_with_an_async_read_is_awaited() -> None:
    """As those of anyio and aiofiles are."""

    class Async:
        name = "folder/a.txt"

        def __init__(self) -> None:
            self.pieces = [b"", b"two", b"one "]

        async def read(self, size: int = -1, /) -> bytes:
            await asyncio.sleep(0)
            return self.pieces.pop()

    assert await prepare(Async()) == Outgoing("a.txt", "text/plain", b"one two")


async def test_a_data_frame_becomes_csv_without_its_row_numbers() -> None:
    """A counter is no column; a quoted field keeps its comma and its line break."""
    frame = pd.DataFrame({"a": [1, 2], "b": ["x, y", "line\nbreak"]})

    file = await prepare(frame)

    assert file == Outgoing("data.csv", "text/csv", b'a,b\n1,"x, y"\n2,"line\nbreak"\n')


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (pd.DataFrame({"a": [1]}, index=["x"]), b",a\nx,1\n"),
        (
            pd.Series([1.5], index=pd.Index(["k"], name="key"), name="v"),
            b"key,v\nk,1.5\n",
        ),
    ],
)
async def test_an_index_that_means_something_is_a_column(
    frame: Any, text: bytes
) -> None:
    """It would be lost without a word otherwise."""
    assert (await prepare(frame, name="t.csv")).data == text


async def test_a_frame_of_polars_writes_itself() -> None:
    """Whatever has `write_csv` does; polars itself is not needed here."""

    class Frame:
        def write_csv(self, target: Any) -> None:
            target.write(b"a,b\n")
            target.write(b"1,2\n")

    assert await prepare(Frame()) == Outgoing("data.csv", "text/csv", b"a,b\n1,2\n")


async def test_a_frame_that_wraps_the_refusal_is_refused_all_the_same() -> None:
    """As polars does; it must not pass for trouble with a file."""

    class Frame:
        def write_csv(self, target: Any) -> None:
            try:
                target.write(b"a" * (MAX_FILE_BYTES + 1))
            except InvalidRequestError as error:
                raise OSError(str(error)) from error

    with pytest.raises(InvalidRequestError, match="10 MiB"):
        await prepare(Frame())


async def test_exactly_ten_mebibytes_are_taken(tmp_path: Path) -> None:
    """The server takes as many, and refuses one byte more."""
    data = b"a" * MAX_FILE_BYTES
    path = tmp_path / "big.txt"
    path.write_bytes(data)

    for source in (path, data, io.BytesIO(data)):
        file = await prepare(source, name="big.txt")
        assert file.data == data


class Endless(io.RawIOBase):
    """A file without an end, which notes how much was taken of it."""

    taken = 0

    def read(self, size: int = -1, /) -> bytes:
        self.taken += size
        return b"a" * size


def one_more(kind: str, tmp_path: Path) -> Any:
    data = b"a" * (MAX_FILE_BYTES + 1)
    if kind == "path":
        path = tmp_path / "big.txt"
        path.write_bytes(data)
        return path
    return {
        "bytes": lambda: data,
        "file": lambda: io.BytesIO(data),
        "frame": lambda: pd.DataFrame({"a": ["b" * (MAX_FILE_BYTES + 1)]}),
        "endless": Endless,
    }[kind]()


@pytest.mark.parametrize("kind", ["path", "bytes", "file", "frame", "endless"])
async def test_one_byte_more_is_refused_before_anything_is_sent(
    kind: str, tmp_path: Path
) -> None:
    """The status is the one that the server would answer with."""
    source = one_more(kind, tmp_path)

    with pytest.raises(InvalidRequestError, match="10 MiB") as refused:
        await prepare(source, name="a.txt")

    assert refused.value.status == 413
    assert "Nothing was sent" in str(refused.value)
    assert getattr(source, "taken", 0) <= MAX_FILE_BYTES + 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", b"PK\x03\x04"),
        ("fake.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.xml", b"<?xml version='1.0'?><a/>"),
        ("a.txt", b"a\x00b"),
    ],
)
async def test_a_file_of_another_type_is_refused_whatever_its_name(
    name: str, data: bytes
) -> None:
    """The message says what would be taken."""
    with pytest.raises(InvalidRequestError, match="image/webp") as refused:
        await prepare(data, name=name)

    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("media_type", "words"),
    [
        ("application/zip", "application/zip"),
        ("text/plain; x=\r\nX-Evil: 1", "such characters"),
        ("text/plain; x=é", "such characters"),
    ],
)
async def test_a_declared_type_that_no_server_takes_is_refused(
    media_type: str, words: str
) -> None:
    """Also if the contents would do, and before it could become a header."""
    with pytest.raises(InvalidRequestError, match=words):
        await prepare(b"text", name="a.txt", media_type=media_type)


async def test_half_a_surrogate_in_a_text_file_is_replaced() -> None:
    """It has no bytes; Go writes the same in its place."""
    file = await prepare(io.StringIO("a\ud800b"), name="a.txt")

    assert file.data.decode() == "a\ufffdb"


async def test_a_declared_type_that_the_contents_belie_is_refused() -> None:
    """Both are named, as the server would."""
    with pytest.raises(InvalidRequestError, match=r"image/png.*text/plain"):
        await prepare(b"hello", name="x.png", media_type="image/png")


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("text/plain", "x.json"),
        ("application/octet-stream", "o.txt"),
        ("text/csv; charset=utf-8", "t.csv"),
    ],
)
async def test_a_declared_type_that_fits_is_sent_as_it_was_given(
    media_type: str, name: str
) -> None:
    """The server refines it itself."""
    file = await prepare(b"1", name=name, media_type=media_type)

    assert file.media_type == media_type


@pytest.mark.parametrize("data", [b'{"a":1}\n{"a":2}\n', b'{"type": "Feature"}'])
async def test_a_text_that_only_some_servers_refuse_is_left_to_the_server(
    data: bytes,
) -> None:
    """Nothing is claimed of it, so that no claim can be wrong."""
    file = await prepare(data, name="a.txt")

    assert file.media_type == "application/octet-stream"


@pytest.mark.parametrize("name", ["", "  ", "\r\n"])
async def test_bytes_without_a_name_are_refused(name: str) -> None:
    """The server would not store them."""
    with pytest.raises(InvalidRequestError, match="name="):
        await prepare(b"text", name=name)


async def test_a_long_name_keeps_its_ending() -> None:
    """By the ending the server tells kinds of text apart."""
    file = await prepare(b"x", name="ü" * 300 + ".md")

    assert file.name.endswith("ü.md")
    assert len(file.name.encode()) <= 255
    assert file.media_type == "text/markdown"


async def test_a_name_cannot_break_out_of_its_header() -> None:
    """Line breaks are dropped, all else is somebody's name."""
    file = await prepare(b"x", name='a"\r\nX-Evil: 1\r\n\r\n\u202e.txt')

    assert file.name == 'a"X-Evil: 1\u202e.txt'


async def test_a_folder_a_device_and_a_missing_file_are_the_systems_errors(
    tmp_path: Path,
) -> None:
    """A pipe on the disk would be waited for without end."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    for name, error in (
        ("", IsADirectoryError),
        ("missing", FileNotFoundError),
        ("fifo", OSError),
        ("loop", OSError),
    ):
        with pytest.raises(error):
            await prepare(tmp_path / name)


async def test_a_link_is_followed(tmp_path: Path) -> None:
    """It is called what the link is called."""
    (tmp_path / "real.txt").write_text("text")
    (tmp_path / "link.md").symlink_to(tmp_path / "real.txt")

    assert await prepare(tmp_path / "link.md") == Outgoing(
        "link.md", "text/markdown", b"text"
    )


async def test_a_closed_file_says_so_itself() -> None:
    """As it would to anybody."""
    closed = io.BytesIO(b"x")
    closed.close()

    with pytest.raises(ValueError, match="closed"):
        await prepare(closed, name="a.txt")


@pytest.mark.parametrize("source", [None, 3, ["a"], object()])
async def test_what_is_no_file_at_all_is_a_mistake_of_the_caller(source: Any) -> None:
    """The message says what could be given."""
    with pytest.raises(TypeError, match="path, bytes, an open file or a data frame"):
        await prepare(source, name="a.txt")


async def test_a_read_that_gives_nothing_useful_is_a_mistake_of_the_file() -> None:
    """A file that must not block gives None when it has nothing yet."""

    class Hasty:
        def read(self, size: int = -1, /) -> None:
            return None

    with pytest.raises(TypeError, match="NoneType"):
        await prepare(Hasty(), name="a.txt")


async def test_nothing_of_the_contents_is_shown() -> None:
    """A traceback that prints values must not print a file."""
    assert "secret" not in repr(await prepare(b"secret", name="a.txt"))


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 200_000])
async def test_progress_goes_from_nothing_to_all_in_steps(size: int) -> None:
    """Each piece is told after it was taken, and the whole size each time."""
    told: list[tuple[int, int]] = []
    data = bytes(size)

    sent = b"".join(
        [piece async for piece in pieces_of(data, lambda *now: told.append(now))]
    )

    assert sent == data
    assert told[0] == (0, size)
    assert told[-1] == (size, size)
    assert told == sorted(set(told))


async def test_progress_may_be_async() -> None:
    """It is awaited before the next piece."""
    told: list[int] = []

    async def tell(sent: int, total: int) -> None:
        await asyncio.sleep(0)
        told.append(sent)

    async for _ in pieces_of(b"abc", tell):
        pass

    assert told == [0, 3]
