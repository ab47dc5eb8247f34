"""How streams end: in words, and in time."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    CloseReason,
    ConnectionLostError,
    StreamClosedError,
)
from coderchat_jupyter.wire.ids import ChatId
from tests.client.speaking import Said, says, speaking
from tests.fakes.raw_web import close_frame

CHAT = ChatId("11111111-1111-4111-8111-111111111111")
TOKEN = "abcdefghij-verysecretverysecret"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1002, CloseReason.PROTOCOL),
        (1003, CloseReason.UNREADABLE),
        (1007, CloseReason.UNREADABLE),
        (1008, CloseReason.REFUSED),
        (1009, CloseReason.TOO_BIG),
        (1011, CloseReason.SERVER_ERROR),
        (1012, CloseReason.TRY_LATER),
        (1013, CloseReason.TRY_LATER),
        (3000, CloseReason.OTHER),
        (4999, CloseReason.OTHER),
    ],
)
async def test_a_close_code_is_a_reason(code: int, reason: CloseReason) -> None:
    """Whoever follows decides by it, and reads no numbers."""
    said = says(close_frame(code, f"because \x1b[31m of {TOKEN}"))

    async with speaking(said) as server, Client(server.url, TOKEN) as client:
        with pytest.raises(StreamClosedError) as caught:
            async with client.chats.stream(CHAT) as batches:
                _ = [batch async for batch in batches]

    error = caught.value
    assert (error.reason, error.code) == (reason, code)
    assert error.detail == "because [31m of [token]"
    assert isinstance(error, ConnectionLostError)


async def test_a_failure_of_the_chat_does_not_end_its_stream() -> None:
    """Whoever promotes what waits, or writes again, is heard on the same connection."""
    failed = {"type": "error", "chat_id": CHAT, "error": {"message": "No key."}}
    again = {"type": "status", "chat_id": CHAT, "status": {"status": "pending"}}
    said = says(json.dumps([failed]), json.dumps([again]), close_frame(1000, ""))

    async with (
        speaking(said) as server,
        Client(server.url, TOKEN) as client,
        client.chats.stream(CHAT) as batches,
    ):
        kinds = [event.type async for batch in batches for event in batch]

    assert kinds == ["error", "status"]


async def test_a_connection_that_answers_no_pings_is_given_up() -> None:
    """A laptop that slept, a router that forgot: nobody says that it is over."""
    given_up = asyncio.Event()

    async def say_nothing(one: Said) -> None:
        while await one.reader.read(1000):
            pass
        given_up.set()

    async with speaking(say_nothing) as server, Client(server.url, TOKEN) as client:
        dialer = client.chats._streams._dialer  # type: ignore[attr-defined]
        dialer._ping_interval = dialer._ping_timeout = 0.05
        with pytest.raises(StreamClosedError) as caught:
            async with client.chats.stream(CHAT) as batches:
                _ = [batch async for batch in batches]
        async with asyncio.timeout(10):
            await given_up.wait()

    assert caught.value.reason is CloseReason.SILENT


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (close_frame(1000, ""), None),
        (close_frame(1011, ""), CloseReason.SERVER_ERROR),
        (b"\xf1\x00", CloseReason.PROTOCOL),
    ],
)
async def test_a_socket_that_stays_open_after_the_end_keeps_nobody(
    last: bytes, reason: CloseReason | None
) -> None:
    """A stalled server has said goodbye, or was told one, and then does nothing."""
    gone = asyncio.Event()

    async def stall(one: Said) -> None:
        await one.write(last)
        while await one.reader.read(1000):
            pass
        gone.set()

    async with speaking(stall) as server, Client(server.url, TOKEN) as client:
        client.chats._streams._dialer._close_timeout = 0.05  # type: ignore[attr-defined]
        found = None
        try:
            async with asyncio.timeout(10), client.chats.stream(CHAT) as batches:
                assert [batch async for batch in batches] == []
        except StreamClosedError as caught:
            found = caught.reason
        async with asyncio.timeout(10):
            await gone.wait()

    assert found is reason


async def test_a_server_that_never_accepts_is_given_up() -> None:
    """It took the connection, and says nothing."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with Client(url, TOKEN) as client:
        client.chats._streams._dialer._open_timeout = 0.05  # type: ignore[attr-defined]
        with pytest.raises(ConnectionLostError):
            async with client.chats.stream(CHAT):
                pass
    server.close()
    await server.wait_closed()


async def test_a_goodbye_that_is_cut_short_leaves_no_connection() -> None:
    """A session may be closed while its stream is just being let go."""
    gone = asyncio.Event()

    async def never_close(one: Said) -> None:
        with contextlib.suppress(OSError):
            while await one.reader.read(1000):
                pass
        gone.set()

    async with speaking(never_close) as server, Client(server.url, TOKEN) as client:
        dialer = client.chats._streams._dialer  # type: ignore[attr-defined]
        async with dialer.dial("/x", max_size=64) as socket:
            goodbye = asyncio.create_task(socket.aclose())
            await asyncio.sleep(0)
            goodbye.cancel()
            with pytest.raises(asyncio.CancelledError):
                await goodbye
            assert socket._connection.transport.is_closing()
        async with asyncio.timeout(10):
            await gone.wait()


async def test_pings_of_older_servers_are_no_batches() -> None:
    """v2.32 sends them as text, and an error that ends the stream."""
    status = f'{{"type":"status","chat_id":"{CHAT}","status":{{"status":"waiting"}}}}'
    said = says(
        '{"type":"ping"}',
        f'{{"type":"data","data":[{status}]}}',
        '{"type":"error","data":{"message":"Gone","detail":"why"}}',
        f'{{"type":"data","data":[{status}]}}',
    )

    async with (
        speaking(said) as server,
        Client(server.url, TOKEN) as client,
        client.chats.stream(CHAT) as batches,
    ):
        types = [[e.type for e in batch] async for batch in batches]

    assert types == [["status"], ["error"]]
