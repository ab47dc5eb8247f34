"""Frames are read as the library reads them, wherever the bytes are cut."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from random import Random

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from coderchat_jupyter.client import Client, _socket
from coderchat_jupyter.client._frames import is_fit
from coderchat_jupyter.errors import CloseReason, StreamClosedError
from tests.client.speaking import Said, speaking
from tests.fakes.chat import CHAT_ID
from tests.fakes.raw_web import close_frame, ping_frame, read_client_frame, text_frame

SIZES = (2, 3, 125, 126, 127, 65_535, 65_536, 200_000)


def life(dice: Random) -> tuple[list[bytes], bytes]:
    """Some texts, and all that a server may say around them."""
    texts, said = [], b""
    for number in range(dice.randint(1, 12)):
        size = dice.choice(SIZES) if dice.random() < 0.4 else dice.randint(2, 400)
        text = f"{number}".encode().ljust(size, b".")
        texts.append(text)
        if dice.random() < 0.3:
            said += ping_frame()
        said += text_frame(text, pieces=3 if dice.random() < 0.1 else 1)
    return texts, said + close_frame(1000)


def cut(dice: Random, said: bytes) -> list[bytes]:
    """The same bytes in pieces, also between two bytes of a head."""
    count = dice.randint(0, 30)
    places = sorted(dice.randrange(len(said)) for _ in range(count))
    borders = [0, *places, len(said)]
    return [said[a:b] for a, b in pairwise(borders) if a < b]


@pytest.mark.parametrize("seed", range(40))
async def test_frames_are_read_as_the_library_reads_them(seed: int) -> None:
    """Small and large, in pieces, with pings between them, cut anywhere."""
    dice = Random(seed)  # noqa: S311
    texts, said = life(dice)
    pieces = cut(dice, said)

    async def say(one: Said) -> None:
        await one.write(*pieces)
        while (frame := await read_client_frame(one.reader)) and frame[0] != 8:
            pass

    async with speaking(say) as server, Client(server.url, "a-b") as client:
        dialer = client.chats._streams._dialer  # type: ignore[attr-defined]
        ours = []
        async with dialer.dial("/x", max_size=2**20) as socket:
            while (frame := await socket.receive()) is not None:
                ours.append(frame)
        async with connect(f"ws{server.url[4:]}/x", proxy=None) as plain:
            theirs = [text async for text in plain]

    assert ours == texts
    assert [text.encode() for text in theirs if isinstance(text, str)] == texts


class Buffered(asyncio.BufferedProtocol):
    """A release that lends asyncio a buffer to fill."""

    async def recv(self, decode: bool | None = None) -> bytes:
        """A frame."""
        raise NotImplementedError


class Decoded(asyncio.Protocol):
    """A release that gives out text alone."""

    async def recv(self) -> str:
        """A frame."""
        raise NotImplementedError


@pytest.mark.parametrize(
    ("kind", "fits"),
    [(ClientConnection, True), (Buffered, False), (Decoded, False), (object, False)],
)
def test_only_a_release_that_is_told_of_its_bytes_is_built_upon(
    kind: type, fits: bool
) -> None:
    """Of any other we would not see a single frame."""
    assert is_fit(kind) is fits


@pytest.mark.parametrize("seed", range(3))
async def test_a_release_that_reads_in_another_way_reads_everything_itself(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is slower, and says the same."""
    dice = Random(seed)  # noqa: S311
    texts, said = life(dice)

    async def say(one: Said) -> None:
        await one.write(*cut(dice, said))
        while (frame := await read_client_frame(one.reader)) and frame[0] != 8:
            pass

    monkeypatch.setattr(_socket, "is_fit", lambda: False)
    async with speaking(say) as server, Client(server.url, "a-b") as client:
        dialer = client.chats._streams._dialer  # type: ignore[attr-defined]
        async with dialer.dial("/x", max_size=2**20) as socket:
            kind, frames = type(socket._connection), []
            while (frame := socket.take() or await socket.receive()) is not None:
                frames.append(frame)

    assert kind is ClientConnection
    assert frames == texts


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (text_frame(b"x" * 100), CloseReason.TOO_BIG),
        (text_frame(b"x" * 70_000), CloseReason.TOO_BIG),
        (b"\x81\x82abcdxx", CloseReason.PROTOCOL),
        (b"\xc1\x01x", CloseReason.PROTOCOL),
        (b"\x83\x01x", CloseReason.PROTOCOL),
        (b"\x80\x01x", CloseReason.PROTOCOL),
        (b"\x88\x01x", CloseReason.PROTOCOL),
        (b"\x09\x01x", CloseReason.PROTOCOL),
        (b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", CloseReason.TOO_BIG),
        (close_frame(1006), CloseReason.PROTOCOL),
    ],
)
async def test_frames_against_the_rules_end_the_connection(
    said: bytes, reason: CloseReason
) -> None:
    """Masked, with unknown bits, of unknown kinds, larger than agreed."""

    async def say(one: Said) -> None:
        await one.write(text_frame(b"ok"), said)
        await one.reader.read(100)

    async with speaking(say) as server, Client(server.url, "a-b") as client:
        dialer = client.chats._streams._dialer  # type: ignore[attr-defined]
        async with dialer.dial("/x", max_size=64) as socket:
            first = await socket.receive()
            with pytest.raises(StreamClosedError) as caught:
                await socket.receive()

    assert first == b"ok"
    assert caught.value.reason is reason


async def test_a_flood_of_frames_waits_for_its_reader() -> None:
    """Memory is bounded, and nothing is lost: the socket is read again later."""
    count = 30_000
    done = asyncio.Event()

    async def say(one: Said) -> None:
        await one.write(b"".join(text_frame(b"%d" % n) for n in range(count)))
        done.set()
        await one.write(close_frame(1000))
        await one.reader.read(100)

    async with speaking(say) as server, Client(server.url, "a-b") as client:
        dialer = client.chats._streams._dialer  # type: ignore[attr-defined]
        async with dialer.dial("/x", max_size=64) as socket:
            frames = [await socket.receive()]
            held = len(socket._connection._ready)
            while (frame := await socket.receive()) is not None:
                frames.append(frame)

    assert [int(frame) for frame in frames if frame] == list(range(count))
    assert held < count


async def test_a_reader_that_is_cancelled_loses_nothing() -> None:
    """A time limit around a read is an ordinary thing to have."""
    go_on = asyncio.Event()

    async def say(one: Said) -> None:
        await go_on.wait()
        await one.write(text_frame(b"one"), text_frame(b"two"), close_frame(1000))
        await one.reader.read(100)

    async with speaking(say) as server, Client(server.url, "a-b") as client:
        dialer = client.chats._streams._dialer  # type: ignore[attr-defined]
        async with dialer.dial("/x", max_size=64) as socket:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await socket.receive()
            go_on.set()
            frames = [await socket.receive() for _ in range(3)]

    assert frames == [b"one", b"two", None]


async def test_the_library_says_the_same_of_a_connection_that_breaks() -> None:
    """Half of a frame is no frame: the connection is simply gone."""

    async def say(one: Said) -> None:
        await one.write(text_frame(b"whole"), text_frame(b"x" * 60)[:30])
        one.writer.transport.abort()

    async with speaking(say) as server, Client(server.url, "a-b") as client:
        dialer = client.chats._streams._dialer  # type: ignore[attr-defined]
        async with dialer.dial("/x", max_size=64) as socket:
            first = await socket.receive()
            with pytest.raises(StreamClosedError) as caught:
                await socket.receive()
        async with connect(f"ws{server.url[4:]}/x", proxy=None) as plain:
            await plain.recv()
            with pytest.raises(ConnectionClosed):
                await plain.recv()

    assert first == b"whole"
    assert (caught.value.reason, caught.value.code) == (CloseReason.DROPPED, None)


async def test_a_frame_may_come_with_the_handshake() -> None:
    """In one packet, as a server on the same machine sends it."""

    async def say(one: Said) -> None:
        first = '[{"type":"status","chat_id":"%s","status":{"status":"waiting"}}]'
        one.writer.write(text_frame((first % CHAT_ID).encode()) + close_frame(1000))
        await one.reader.read(100)

    async with (
        speaking(say) as server,
        Client(server.url, "a-b") as client,
        client.chats.stream(CHAT_ID) as stream,
    ):
        batches = [batch async for batch in stream]

    assert [[event.type for event in batch] for batch in batches] == [["status"]]
