"""Bodies of streamed answers: whole chunks from the wire, all else from the library."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from itertools import pairwise

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.server.providers import _network_body
from coderchat_jupyter.server.providers._network_body import Body, chunks
from coderchat_jupyter.server.providers._transport import new_http_client
from tests.server.providers.networks import peer

_LONG = 20.0
_HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n%b\r\n"
_END = b"0\r\n\r\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@given(pieces=st.lists(st.binary(min_size=1)), more=st.binary(min_size=1))
def test_whole_chunks_are_found_and_nothing_of_what_follows(
    pieces: list[bytes], more: bytes
) -> None:
    whole = b"".join(map(_chunk, pieces))
    part = _chunk(more)

    for cut in range(len(part)):
        assert chunks(whole + part[:cut]) == (b"".join(pieces), len(whole))
    assert chunks(whole + _END) == (b"".join(pieces), len(whole))


@given(st.binary() | st.from_regex(rb"[0-9a-fA-F+_ -]{0,8}\r\n.*"))
def test_what_is_no_chunk_is_left_to_the_library(raw: bytes) -> None:
    data, size = chunks(raw)

    assert 0 <= size <= len(raw)
    assert len(data) <= size


@pytest.mark.parametrize(
    "raw", [b"1;x=y\r\na\r\n", b"1\na\n", b"+1\r\na\r\n", b"1\r\nab\r\n", b"g\r\n\r\n"]
)
def test_an_odd_chunk_is_not_taken_for_one(raw: bytes) -> None:
    assert chunks(raw) == (b"", 0)


class _Taken:
    """How often chunks were taken past the library."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.times = 0
        patch.setattr(_network_body, "chunks", self._chunks)

    def _chunks(self, raw: bytes) -> tuple[bytes, int]:
        found = chunks(raw)
        self.times += bool(found[1])
        return found


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> _Taken:
    return _Taken(monkeypatch)


class _Vendor:
    """Answers each request by the same writes, each once it is asked for."""

    def __init__(self, *writes: bytes) -> None:
        self.writes = writes
        self.connections = 0
        self.is_over = False
        self.go_on = asyncio.Event()

    async def answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        while True:
            await reader.readuntil(b"\r\n\r\n")
            for write in self.writes:
                writer.write(write)
                await self.go_on.wait()
                if self.is_over:
                    return
                self.go_on.clear()

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[Callable[[], AsyncGenerator[bytes, None]]]:
        """A function that asks and gives what comes, at most a write at a time."""
        async with peer(self.answer) as port:
            url = f"http://127.0.0.1:{port}"
            async with new_http_client(url, is_anonymous=True) as client:
                client.timeout = httpx2.Timeout(_LONG)

                async def ask() -> AsyncGenerator[bytes, None]:
                    async with client.stream("GET", url) as response:
                        self.go_on.set()
                        async for piece in response.aiter_bytes():
                            yield piece
                            self.go_on.set()
                    self.go_on.set()

                try:
                    yield ask
                finally:
                    self.is_over = True
                    self.go_on.set()

    async def said(self, times: int = 1) -> list[bytes]:
        """What it says to each of some requests, one after the other."""
        async with self.asked() as ask, asyncio.timeout(_LONG):
            return [b"".join([p async for p in ask()]) for _ in range(times)]


def _writes(pieces: Iterable[bytes], head: bytes = b"") -> list[bytes]:
    return [_HEAD % head, *map(_chunk, pieces), _END]


async def test_whole_chunks_go_past_the_library_and_the_connection_is_kept(
    taken: _Taken,
) -> None:
    vendor = _Vendor(*_writes([b"one", b"two", b"\r\n", b"0\r\n\r\n", b"three"]))

    said = await vendor.said(times=3)

    assert said == [b"onetwo\r\n0\r\n\r\nthree"] * 3
    assert vendor.connections == 1
    assert taken.times >= 3 * 3


async def test_a_body_that_is_packed_is_unpacked(taken: _Taken) -> None:
    packing = zlib.compressobj()
    pieces = [
        packing.compress(b"%d " % n) + packing.flush(zlib.Z_SYNC_FLUSH)
        for n in range(20)
    ]
    pieces[-1] += packing.flush()
    writes = _writes(pieces, b"content-encoding: deflate\r\n")

    (said,) = await _Vendor(*writes).said()

    assert said.split() == [b"%d" % n for n in range(20)]
    assert taken.times


@pytest.mark.parametrize("size", [300_000, 2_000_000])
async def test_a_chunk_of_any_size_is_read(size: int) -> None:
    pieces = [b"a", b"b", b"x" * size, b"c", b"d"]

    (said,) = await _Vendor(b"".join(_writes(pieces))).said()

    assert said == b"".join(pieces)


_ODD = b"".join(
    (
        _HEAD % b"",
        _chunk(b"first"),
        b"00005\r\nsecnd\r\n",
        b"5;name=value\r\nthird\r\n",
        b"A\r\n0123456789\r\n",
        b"3\r\n3\r\n\r\n",
        _chunk(b"last"),
        b"0\r\nTrailer: yes\r\n\r\n",
    )
)
_SAID = b"firstsecndthird01234567893\r\nlast"


@pytest.mark.parametrize("first", range(len(_HEAD) - 2, len(_ODD), 5))
async def test_chunks_are_read_wherever_they_are_cut(first: int) -> None:
    places = [0, first, *range(first + 7, len(_ODD), 7), len(_ODD)]
    vendor = _Vendor(*(_ODD[begin:end] for begin, end in pairwise(places)))
    # What is asked for by nothing that came is asked for by time.
    going = asyncio.create_task(_go_on(vendor))

    said = await vendor.said(times=2)

    going.cancel()
    assert said == [_SAID] * 2
    assert vendor.connections == 1


async def _go_on(vendor: _Vendor) -> None:
    while True:
        await asyncio.sleep(0)
        vendor.go_on.set()


async def test_a_vendor_that_falls_silent_is_given_up(taken: _Taken) -> None:
    async def fall_silent(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_HEAD % b"" + _chunk(b"one"))
        await reader.read()

    async with peer(fall_silent) as port:
        url = f"http://127.0.0.1:{port}"
        async with new_http_client(url, is_anonymous=True) as client:
            client.timeout = httpx2.Timeout(_LONG, read=0.2)
            with pytest.raises(httpx2.ReadTimeout):
                await client.get(url)

    assert not taken.times


@pytest.mark.parametrize("last", [b"", b"5\r\nthr", _chunk(b"three")])
async def test_an_answer_that_breaks_off_is_an_error(last: bytes) -> None:
    async def break_off(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_HEAD % b"" + _chunk(b"one"))
        for piece in (_chunk(b"two"), last):
            await asyncio.sleep(0)
            writer.write(piece)
        writer.write_eof()
        await reader.read()

    async with peer(break_off) as port:
        url = f"http://127.0.0.1:{port}"
        async with new_http_client(url, is_anonymous=True) as client:
            with pytest.raises(httpx2.RemoteProtocolError):
                await client.get(url)


async def test_what_is_closed_in_its_midst_ends_its_connection(taken: _Taken) -> None:
    vendor = _Vendor(*_writes([b"one", b"two", b"three", b"four"]))
    async with vendor.asked() as ask, asyncio.timeout(_LONG):
        for _ in range(2):
            pieces = ask()
            heard = [await anext(pieces) for _ in range(3)]
            await pieces.aclose()

            assert heard == [b"one", b"two", b"three"]

    assert taken.times
    assert vendor.connections == 2


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    ],
)
async def test_a_body_without_chunks_is_left_to_the_library(head: bytes) -> None:
    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + b"abc")

    async with peer(answer) as port:
        url = f"http://127.0.0.1:{port}"
        async with (
            new_http_client(url, is_anonymous=True) as client,
            client.stream("GET", url) as response,
        ):
            assert not isinstance(response.stream, Body)
