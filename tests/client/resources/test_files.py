"""Files over a real socket: sent in pieces, fetched in pieces, and cut off."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    BusyError,
    CoderChatError,
    ConnectionLostError,
    InvalidRequestError,
    NotFoundError,
    ProtocolError,
    UnsupportedError,
)
from coderchat_jupyter.wire.files import MAX_FILE_BYTES, UploadedFile
from coderchat_jupyter.wire.ids import FileId, OrganizationId
from coderchat_jupyter.wire.messages import FileInput
from tests.fakes.recorded_server import TOKEN, RecordedServer, recorded

FILE: Final = FileId("e1df7599-e5e9-4978-9837-a2210a4f2ad8")
HOME: Final = OrganizationId("11111111-1111-4111-8111-111111111111")
AT: Final = f"/chats/files/{FILE}"


@asynccontextmanager
async def deployment(
    release: str = "v2.34.0",
) -> AsyncIterator[tuple[RecordedServer, Client]]:
    async with recorded(release) as server, Client(server.url, TOKEN) as client:
        yield server, client


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def uploads(server: RecordedServer) -> list[Any]:
    return [one for one in server.asked if one.call == "POST /chats/files"]


async def test_an_upload_is_the_bytes_with_a_type_a_name_and_a_home() -> None:
    """As the Go client sends it, with the length told."""
    async with deployment() as (server, client):
        stored = await client.files.upload(
            b"a,b\n1,2\n", name="a b.csv", organization_id=HOME
        )

    [asked] = uploads(server)
    assert stored == UploadedFile(id=FILE)
    assert asked.query == [("organization", HOME)]
    assert asked.body == b"a,b\n1,2\n"
    assert asked.headers["content-type"] == "text/csv"
    assert asked.headers["content-disposition"] == 'attachment; filename="a b.csv"'
    assert asked.headers["content-length"] == "8"
    assert "transfer-encoding" not in asked.headers


async def test_without_a_home_the_callers_own_is_taken() -> None:
    """As for a chat, so that both are in the same place."""
    async with deployment() as (server, client):
        server.answer(
            "GET", "/api/v2/users/me", body={"id": "u", "organization_ids": [HOME]}
        )
        await client.files.upload(b"", name="empty.txt")

    [asked] = uploads(server)
    assert asked.query == [("organization", HOME)]
    assert asked.headers["content-length"] == "0"


async def test_an_uploaded_file_is_a_part_of_a_message() -> None:
    """By its id alone."""
    assert UploadedFile(id=FILE).input_part == FileInput(file_id=FILE)


async def test_a_file_and_a_frame_arrive_whole(tmp_path: Path) -> None:
    """The largest one, and one that only now becomes bytes."""
    path = tmp_path / "big.txt"
    path.write_bytes(b"0123456789abcdef" * (MAX_FILE_BYTES // 16))
    told: list[tuple[int, int]] = []

    async with deployment() as (server, client):
        await client.files.upload(
            path, organization_id=HOME, progress=lambda *now: told.append(now)
        )
        await client.files.upload(pd.DataFrame({"x": [1]}), organization_id=HOME)

    big, table = uploads(server)
    assert big.body == path.read_bytes()
    assert table.body == b"x\n1\n"
    assert told[0] == (0, MAX_FILE_BYTES)
    assert told[-1] == (MAX_FILE_BYTES, MAX_FILE_BYTES)
    assert len(told) > 100


async def test_what_would_be_refused_is_not_sent() -> None:
    """Not even the question for the caller's organisation."""
    async with deployment() as (server, client):
        with pytest.raises(InvalidRequestError, match="Nothing was sent"):
            await client.files.upload(b"PK\x03\x04", name="a.zip")

    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, InvalidRequestError), (413, InvalidRequestError), (429, BusyError)],
)
async def test_a_refusal_of_the_server_is_told_in_its_own_words(
    status: int, error: type[CoderChatError]
) -> None:
    """Rules of a newer server are not ours to know."""
    body = {"message": "Not this one.", "detail": "Never."}
    async with deployment() as (server, client):
        server.answer("POST", "/chats/files", status, body)
        with pytest.raises(error, match="Not this one") as refused:
            await client.files.upload(b"x", name="a.txt", organization_id=HOME)

    assert TOKEN not in str(refused.value)
    assert HOME not in str(refused.value)


async def test_a_callback_that_raises_ends_the_upload_with_its_own_error() -> None:
    """And the next call finds the client in order."""

    class StopError(Exception):
        pass

    def stop(sent: int, total: int) -> None:
        if sent > 100_000:
            raise StopError

    async with deployment() as (server, client):
        with pytest.raises(StopError):
            await client.files.upload(
                b"a" * 3_000_000, name="a.txt", organization_id=HOME, progress=stop
            )
        await client.files.upload(b"b", name="b.txt", organization_id=HOME)

    assert uploads(server)[-1].body == b"b"


Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def speaking(talk: Conversation) -> AsyncIterator[Client]:
    """A server that says what a test makes it say, after a proper build info."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"/buildinfo" in head:
                writer.write(plain(200, b'{"version":"v2.34.0"}'))
            else:
                await talk(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Client(f"http://127.0.0.1:{port}", TOKEN) as client:
        yield client


def plain(status: int, body: bytes, *headers: str, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    lines = [
        f"HTTP/1.1 {status} X",
        "Content-Type: application/json",
        f"Content-Length: {size}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


BIG: Final = b"a" * 8_000_000


async def test_a_refusal_in_the_middle_of_an_upload_is_heard() -> None:
    """A server that has seen enough answers and hangs up while we still send."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(50_000)
        writer.write(plain(413, b'{"message":"Too much for me."}'))
        await writer.drain()
        writer.write_eof()
        while await reader.read(65_536):
            pass

    async with speaking(talk) as client:
        with pytest.raises(InvalidRequestError, match="Too much for me"):
            await client.files.upload(BIG, name="a.txt", organization_id=HOME)


async def test_a_connection_that_breaks_in_the_middle_is_not_tried_again() -> None:
    """The server may have stored the file: it is for the caller to decide."""
    calls = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        await reader.readexactly(50_000)
        writer.transport.abort()

    async with speaking(talk) as client:
        with pytest.raises(ConnectionLostError):
            await client.files.upload(BIG, name="a.txt", organization_id=HOME)

    assert calls == 1


@pytest.mark.parametrize("body", [b"", b"[]", b'{"id":7}', b"<html>"])
async def test_an_answer_that_is_no_receipt_is_said_to_be_unreadable(
    body: bytes,
) -> None:
    """The file may be stored; nobody can tell under which id."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        writer.write(plain(201, body))

    async with speaking(talk) as client:
        with pytest.raises(ProtocolError):
            await client.files.upload(b"x", name="a.txt", organization_id=HOME)


NAMED: Final = {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": "inline; filename*=utf-8''pr%C3%AFces.csv",
}


async def test_a_download_has_bytes_a_type_and_a_name() -> None:
    """All that the server knows of a file."""
    async with deployment() as (server, client):
        server.answer("GET", AT, body=b"\xef\xbb\xbfa\n1\n", headers=NAMED)
        file = await client.files.download(FILE)

    assert (file.id, file.name, file.media_type) == (FILE, "prïces.csv", "text/csv")
    assert file.data == b"\xef\xbb\xbfa\n1\n"
    assert file.text == "a\n1\n"
    assert "a\\n1" not in repr(file)


async def test_a_file_that_is_gone_is_not_found() -> None:
    """As recorded: one text for gone and forbidden."""
    async with deployment() as (server, client):
        server.answer("GET", AT, 404, {"message": "Resource not found."})
        with pytest.raises(NotFoundError):
            await client.files.download(FILE)
        with pytest.raises(InvalidRequestError, match="Invalid file ID"):
            await client.files.download(FileId("x"))


@pytest.mark.parametrize("is_told", [True, False])
async def test_a_download_larger_than_allowed_is_broken_off(is_told: bool) -> None:
    """By its announced length, or when so much has come; also out of a small zip."""
    data = bytes(200_000)
    coded = {} if is_told else {"Content-Encoding": "gzip"}
    async with deployment() as (server, client):
        body = data if is_told else gzip.compress(data)
        server.answer("GET", AT, body=body, headers=coded)
        with pytest.raises(ProtocolError, match="larger than 100,000 bytes"):
            await client.files.download(FILE, max_bytes=100_000)


async def test_a_file_is_saved_under_a_path_or_in_a_folder(tmp_path: Path) -> None:
    """A path is replaced; in a folder it takes its own name."""
    (tmp_path / "here.csv").write_text("old")
    async with deployment() as (server, client):
        server.answer("GET", AT, body=b"a\n1\n", headers=NAMED)
        named = await client.files.save(FILE, tmp_path / "here.csv")
        own = await client.files.save(FILE, tmp_path)

    assert named.read_bytes() == b"a\n1\n"
    assert own == tmp_path / "prïces.csv"
    assert names_in(tmp_path) == ["here.csv", own.name]


async def test_nothing_in_a_folder_is_replaced(tmp_path: Path) -> None:
    """The name is the uploader's choice, and may be chosen with care."""
    (tmp_path / "prïces.csv").symlink_to(tmp_path / "elsewhere")
    async with deployment() as (server, client):
        server.answer("GET", AT, body=b"new", headers=NAMED)
        with pytest.raises(FileExistsError):
            await client.files.save(FILE, tmp_path)

    assert names_in(tmp_path) == ["prïces.csv"]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("../../evil.sh", "evil.sh"),
        ("..\\\\..\\\\evil.sh", "evil.sh"),
        ("/etc/passwd", "passwd"),
        (".bashrc", "bashrc"),
        ("..", FILE),
        ("", FILE),
    ],
)
async def test_a_name_leads_nowhere_but_into_the_folder(
    told: str, kept: str, tmp_path: Path
) -> None:
    """A server is not to choose where files of this machine lie."""
    header = {"Content-Disposition": f'inline; filename="{told}"'}
    async with deployment() as (server, client):
        server.answer("GET", AT, body=b"x", headers=header)
        saved = await client.files.save(FILE, tmp_path)

    assert saved == tmp_path / kept


async def test_a_download_that_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    """What was there before stays; half a file is never seen."""
    (tmp_path / "a.txt").write_text("old")
    calls = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        writer.write(plain(200, b"half", length=1000))

    async with speaking(talk) as client:
        with pytest.raises(ConnectionLostError):
            await client.files.save(FILE, tmp_path / "a.txt")

    assert calls == 3
    assert names_in(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


async def test_a_download_that_breaks_off_once_is_read_again() -> None:
    """Reading twice changes nothing; the halves are not mixed."""
    calls = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        writer.write(plain(200, b"ha") if calls > 1 else plain(200, b"h", length=2))

    async with speaking(talk) as client:
        file = await client.files.download(FILE)

    assert (file.data, calls) == (b"ha", 2)


async def test_an_older_server_gives_no_address_of_a_file() -> None:
    """It is an endpoint of releases after v2.36."""
    async with deployment() as (_, client):
        with pytest.raises(UnsupportedError, match=r"v2\.34"):
            await client.files.download_url(FILE)


async def test_an_address_of_a_file_is_not_shown() -> None:
    """Whoever has it may fetch the file."""
    body = {"url": "https://files.test/secret", "size_bytes": 3, "name": "a.txt"}
    async with recorded("main", version="v2.37.0") as server:
        server.answer("POST", f"{AT}/download-url", body=body)
        async with Client(server.url, TOKEN) as client:
            found = await client.files.download_url(FILE)

    assert found.url == "https://files.test/secret"
    assert "secret" not in repr(found)
