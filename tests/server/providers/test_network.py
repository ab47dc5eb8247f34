"""Connections to vendors: what they read, when they give up, how they end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpcore2
import httpx2
import pytest

from coderchat_jupyter.server.providers._network import Network, use_network
from coderchat_jupyter.server.providers._transport import new_http_client
from tests.fakes.clocks import LoopClock
from tests.fakes.way import authority
from tests.server.providers.networks import Peer, peer

_MOST = 65536
_SHORT = 0.05
_LONG = 20.0

Stream = httpcore2.AsyncNetworkStream


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ...]:
    """A server's side of TLS, and a client's that trusts it."""
    trusted, server = authority(tmp_path_factory.mktemp("tls"), host="127.0.0.1")
    return server, ssl.create_default_context(cafile=trusted)


@asynccontextmanager
async def connected(answer: Peer) -> AsyncIterator[Stream]:
    async with peer(answer) as port:
        stream = await Network().connect_tcp("127.0.0.1", port, timeout=_LONG)
        try:
            yield stream
        finally:
            await stream.aclose()


async def read_all(stream: Stream) -> bytes:
    found = bytearray()
    while data := await stream.read(_MOST, timeout=_LONG):
        found += data
    return bytes(found)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_MOST):
        writer.write(data)
        await writer.drain()


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(
        # Linger for no time: what is not sent is thrown away, and the other told so.
        1,
        13,
        b"\x01\0\0\0\0\0\0\0",
    )


async def test_what_comes_is_read_as_it_comes() -> None:
    async with connected(echo) as stream:
        heard = []
        for said in (b"one", b"two"):
            await stream.write(said, timeout=_LONG)
            heard.append(await stream.read(_MOST, timeout=_LONG))

    assert heard == [b"one", b"two"]


async def test_no_more_is_read_than_was_asked_for() -> None:
    async with connected(echo) as stream:
        await stream.write(b"abcde")

        heard = [await stream.read(2, timeout=_LONG) for _ in range(3)]

    assert b"".join(heard) == b"abcde"
    assert all(len(piece) <= 2 for piece in heard)


async def test_all_that_was_said_before_the_end_is_read_and_then_nothing() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * 3_000_000)
        writer.write_eof()
        await writer.drain()

    async with connected(talk) as stream:
        heard = await read_all(stream)

        assert len(heard) == 3_000_000
        assert await stream.read(_MOST, timeout=_LONG) == b""


async def test_who_says_more_than_is_read_has_to_wait() -> None:
    waits = asyncio.Event()

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _turn in range(100):
            writer.write(b"x" * 1_000_000)
            try:
                async with asyncio.timeout(_SHORT):
                    await writer.drain()
            except TimeoutError:
                waits.set()
                break
        writer.write_eof()
        await writer.drain()

    async with connected(talk) as stream:
        async with asyncio.timeout(_LONG):
            await waits.wait()
        heard = await read_all(stream)

    assert heard
    assert set(heard) == {ord("x")}


async def test_a_read_ends_when_nothing_comes_and_the_next_one_still_hears() -> None:
    async with connected(echo) as stream:
        with pytest.raises(httpcore2.ReadTimeout):
            await stream.read(_MOST, timeout=_SHORT)
        await stream.write(b"late")

        assert await stream.read(_MOST, timeout=_LONG) == b"late"


async def test_each_read_has_its_whole_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = LoopClock(monkeypatch)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1):
            clock.jump(400)
            writer.write(b".")

    async with connected(drip) as stream:
        heard = bytearray()
        # Together they take longer than one may.
        for _turn in range(6):
            await stream.write(b"?")
            heard += await stream.read(_MOST, timeout=600)

    assert heard == b"......"


async def test_a_shorter_time_counts_from_the_read_it_is_given_for() -> None:
    async with connected(echo) as stream:
        await stream.write(b"x")
        await stream.read(_MOST, timeout=600)

        with pytest.raises(httpcore2.ReadTimeout):
            async with asyncio.timeout(_LONG):
                await stream.read(_MOST, timeout=_SHORT)


async def test_a_connection_that_breaks_is_told_to_reader_and_writer() -> None:
    async with connected(reset) as stream:
        with pytest.raises(httpcore2.ReadError):
            await stream.read(_MOST, timeout=_LONG)
        with pytest.raises(httpcore2.WriteError):
            await stream.write(b"x", timeout=_LONG)


async def test_closing_ends_a_read_that_waits() -> None:
    async with connected(silence) as stream:
        reading = asyncio.create_task(stream.read(_MOST, timeout=_LONG))
        await asyncio.sleep(0)

        await stream.aclose()

        with pytest.raises(httpcore2.ReadError):
            await reading


async def test_who_is_cancelled_while_closing_leaves_nothing_open() -> None:
    is_over = asyncio.Event()

    async def deaf(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await is_over.wait()

    async with connected(deaf) as stream:
        with pytest.raises(httpcore2.WriteTimeout):
            while True:
                await stream.write(b"x" * 1_000_000, timeout=_SHORT)

        closing = asyncio.create_task(stream.aclose())
        asyncio.get_running_loop().call_soon(closing.cancel)
        with pytest.raises(asyncio.CancelledError):
            await closing

        with pytest.raises(httpcore2.WriteError):
            await stream.write(b"x")
        is_over.set()


async def test_closing_does_not_wait_for_who_reads_nothing() -> None:
    is_closed = asyncio.Event()

    async def deaf(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await is_closed.wait()

    async with connected(deaf) as stream:
        with pytest.raises(httpcore2.WriteTimeout):
            while True:
                await stream.write(b"x" * 1_000_000, timeout=_SHORT)

        async with asyncio.timeout(_LONG / 2):
            await stream.aclose()
        is_closed.set()
        with pytest.raises(httpcore2.WriteError):
            await stream.write(b"x")


async def test_nobody_there_is_a_failure_to_connect() -> None:
    async with peer(silence) as port:
        pass

    with pytest.raises(httpcore2.ConnectError):
        await Network().connect_tcp("127.0.0.1", port, timeout=_LONG)


@pytest.mark.parametrize("size", [3, 1_000_000])
async def test_what_is_secured_is_read_like_what_is_not(
    size: int, sides: tuple[ssl.SSLContext, ...]
) -> None:
    server, client = sides
    async with peer(echo, server) as port:
        plain = await Network().connect_tcp("127.0.0.1", port, timeout=_LONG)
        stream = await plain.start_tls(client, "127.0.0.1", timeout=_LONG)
        writing = asyncio.create_task(stream.write(b"x" * size, timeout=_LONG))
        heard = b""
        while len(heard) < size:
            heard += await stream.read(_MOST, timeout=_LONG)
        await writing
        secured_by = stream.get_extra_info("ssl_object")
        await stream.aclose()

    assert heard == b"x" * size
    assert secured_by.version().startswith("TLS")


async def test_a_certificate_that_nobody_vouches_for_is_a_failure_to_connect(
    sides: tuple[ssl.SSLContext, ...],
) -> None:
    server, _ = sides
    async with peer(echo, server) as port:
        plain = await Network().connect_tcp("127.0.0.1", port, timeout=_LONG)

        with pytest.raises(httpcore2.ConnectError):
            await plain.start_tls(
                ssl.create_default_context(), "127.0.0.1", timeout=_LONG
            )


async def test_who_never_secures_the_connection_is_given_up(
    sides: tuple[ssl.SSLContext, ...],
) -> None:
    _, client = sides
    async with peer(silence) as port:
        plain = await Network().connect_tcp("127.0.0.1", port, timeout=_LONG)

        with pytest.raises(httpcore2.ConnectTimeout):
            await plain.start_tls(client, "127.0.0.1", timeout=_SHORT)


@pytest.mark.parametrize("is_secured", [False, True])
async def test_a_client_of_ours_goes_this_way_and_keeps_its_connection(
    sides: tuple[ssl.SSLContext, ...], *, is_secured: bool
) -> None:
    connections = []

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        connections.append(writer)
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")

    server, client_side = sides
    async with peer(answer, server if is_secured else None) as port:
        url = f"http{'s' * is_secured}://127.0.0.1:{port}"
        client = httpx2.AsyncClient(verify=client_side, trust_env=False)
        use_network(client)
        async with client:
            answers = [await client.get(url) for _ in range(2)]

    assert [found.text for found in answers] == ["hi", "hi"]
    assert len(connections) == 1
    stream = answers[0].extensions["network_stream"]
    assert type(stream).__module__ == Network.__module__


async def test_a_connection_that_the_vendor_ended_is_not_used_again() -> None:
    ended = asyncio.Event()

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
        writer.write_eof()
        ended.set()
        await reader.read()

    async with peer(once) as port:
        url = f"http://127.0.0.1:{port}"
        async with new_http_client(url, is_anonymous=True) as client:
            for _ in range(2):
                assert (await client.get(url)).text == "hi"
                await ended.wait()
                ended.clear()


async def test_a_proxy_of_the_environment_is_reached_this_way_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
        await reader.read()

    async with peer(proxy) as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        url = "http://vendor.example/v1"
        async with new_http_client(url, is_anonymous=True) as client:
            answer = await client.get(url)

    assert asked == [b"GET http://vendor.example/v1 HTTP/1.1\r\n"]
    stream = answer.extensions["network_stream"]
    assert type(stream).__module__ == Network.__module__
