"""Calls: repeated only where that is safe, and silent about the token."""

from __future__ import annotations

import asyncio
import logging
import threading
import traceback
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from coderchat_jupyter.client import Client
from coderchat_jupyter.client._http import HttpxHttp
from coderchat_jupyter.client._place import Place
from coderchat_jupyter.client.resources.messages import Messages
from coderchat_jupyter.errors import (
    AuthenticationError,
    BusyError,
    ConnectionLostError,
    InvalidRequestError,
    ServerUnreachableError,
)
from coderchat_jupyter.wire.users import User
from tests.client.speaking import Said, speaking
from tests.fakes.chat import CHAT_ID
from tests.fakes.clocks import LoopClock
from tests.fakes.server import TOKEN, FakeCoder, listen, serving

PLACE = Place("http://coder.test", SecretStr(TOKEN), use_environment=False)
SECRET = "abcdefghij-thisisthesecrettoken"
ME = httpx.Response(200, json={"id": "u"})


class Scripted(httpx.AsyncBaseTransport):
    """Plays a list: an error is raised, a response given."""

    def __init__(self, *script: Exception | httpx.Response) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return httpx.Response(
            step.status_code, headers=step.headers, content=step.content
        )


class Waits:
    """Notes how long it was asked to sleep, and does not."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def http(transport: Scripted, waits: Waits) -> HttpxHttp:
    return HttpxHttp(
        PLACE, timeout=5, sleep=waits, chance=lambda: 0.5, transport=transport
    )


@pytest.fixture
async def coder() -> AsyncIterator[FakeCoder]:
    coder = FakeCoder()
    async with serving(coder, listen()):
        yield coder


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("x"),
        httpx.ReadError("x"),
        httpx.ReadTimeout("x"),
        httpx.RemoteProtocolError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_read_is_repeated_after_a_lost_connection(error: Exception) -> None:
    """It changes nothing, so the user need not hear of it."""
    transport, waits = Scripted(error, error, ME), Waits()

    user = await http(transport, waits).get("/api/v2/users/me", returns=User)

    assert user.id == "u"
    assert waits.seconds == [0.1, 0.4]


async def test_a_read_is_not_repeated_for_ever() -> None:
    """A server that is down is said to be down within a second."""
    transport, waits = Scripted(*[httpx.ConnectError("x")] * 3), Waits()

    with pytest.raises(ServerUnreachableError):
        await http(transport, waits).get("/api/v2/users/me", returns=User)

    assert len(transport.requests) == 3


async def test_a_write_is_repeated_only_if_it_was_never_sent() -> None:
    """Without a connection the server cannot have seen it."""
    sent = httpx.Response(200, json={"queued": False})
    transport, waits = Scripted(httpx.ConnectError("x"), sent), Waits()

    await Messages(http(transport, waits)).send(CHAT_ID, "Hi")

    assert len(transport.requests) == 2


@pytest.mark.parametrize(
    "error",
    [httpx.ReadError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")],
    ids=lambda error: type(error).__name__,
)
async def test_a_message_is_never_sent_twice(error: Exception) -> None:
    """Nobody can tell whether it arrived; twice is worse than an error."""
    transport, waits = Scripted(error), Waits()

    with pytest.raises(ConnectionLostError):
        await Messages(http(transport, waits)).send(CHAT_ID, "Hi")

    assert len(transport.requests) == 1


async def test_a_short_break_that_the_server_asks_for_is_taken() -> None:
    """A rate limit passes; a queue that is full does not, and is a write."""
    refused = httpx.Response(
        429,
        json={"message": "Slow down."},
        headers={"Retry-After": "2", "Content-Type": "application/json"},
    )
    transport, waits = Scripted(refused, ME), Waits()

    await http(transport, waits).get("/api/v2/users/me", returns=User)

    assert waits.seconds == [2.0]
    transport = Scripted(refused)
    with pytest.raises(BusyError) as caught:
        await Messages(http(transport, waits)).send(CHAT_ID, "Hi")
    assert caught.value.retry_after == 2.0


async def test_a_server_that_drips_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each byte is in time, and the answer never ends."""
    clock = LoopClock(monkeypatch)

    async def drip(one: Said) -> None:
        await one.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not one.writer.is_closing():
            clock.jump(20)
            await one.write(b" ")
            await asyncio.sleep(0.01)

    async with speaking(drip) as server, Client(server.url, TOKEN, timeout=30) as it:
        with pytest.raises(ConnectionLostError, match="too long"):
            await it.messages.send(CHAT_ID, "Hi")


async def test_a_chat_that_begins_with_five_megabytes_is_not_even_sent(
    coder: FakeCoder,
) -> None:
    """The server would cut the connection in the middle of it."""
    async with Client(coder.url, TOKEN) as client:
        with pytest.raises(InvalidRequestError, match=r"256 KB.*Nothing was sent"):
            await client.chats.create("x" * 5_000_000)


async def test_a_message_of_five_megabytes_arrives(coder: FakeCoder) -> None:
    """Only what makes a chat is short."""
    async with Client(coder.url, TOKEN) as client:
        sent = await client.messages.send(CHAT_ID, "x" * 5_000_000)

    assert sent.message is not None


async def test_braces_quotes_and_line_breaks_arrive_as_they_are(
    coder: FakeCoder,
) -> None:
    """What a cell holds is sent to the letter, lone surrogates aside."""
    text = "f\"{x}\" 'y' \\n\n{{z}} <b>&amp;</b> \u2028 é 🙂 why?"

    async with Client(coder.url, TOKEN) as client:
        sent = await client.messages.send(CHAT_ID, text)

    assert sent.message is not None
    assert [p.text for p in sent.message.content if p.type == "text"] == [text]


async def test_a_client_serves_any_number_of_loops(coder: FakeCoder) -> None:
    """A kernel's loop, the background loop, a loop in a thread."""
    client = Client(coder.url, TOKEN)
    names: list[str] = []

    def elsewhere() -> None:
        async def ask() -> None:
            names.append((await client.users.me()).id)
            await client.aclose()

        asyncio.run(ask())

    names.append((await client.users.me()).id)
    thread = threading.Thread(target=elsewhere)
    thread.start()
    await asyncio.to_thread(thread.join)
    names.append((await client.users.me()).id)
    await client.aclose()

    assert len(set(names)) == 1
    assert len(names) == 3


async def test_a_proxy_is_not_asked_for_this_machine(
    coder: FakeCoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Companies set one for everything, and it cannot reach a loopback address."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async with Client(coder.url, TOKEN) as client:
        await client.users.me()
        async with client.chats.stream(CHAT_ID) as batches:
            batch = await anext(aiter(batches))

    assert [event.type for event in batch] == ["status"]


async def test_a_client_can_follow_its_server(coder: FakeCoder) -> None:
    """Our own server may come back on another port."""
    client = Client("http://127.0.0.1:9", "old-token")

    client.move(coder.url, TOKEN)
    user = await client.users.me()

    assert user.organization_ids == ("o",)
    assert client.url == coder.url
    await client.aclose()


async def test_the_organization_is_asked_for_once(coder: FakeCoder) -> None:
    """Every chat needs it, and it does not change."""
    async with Client(coder.url, TOKEN) as client:
        await client.chats.create("One")
        await client.chats.create("Two")

    assert coder.requests.count("GET /api/v2/users/me") == 1


async def test_the_token_is_shown_nowhere(
    coder: FakeCoder, caplog: pytest.LogCaptureFixture
) -> None:
    """Tracebacks and logs are pasted into issues."""
    # By name too: a server in this process may have silenced some of them.
    ours = ("coderchat_jupyter", "coderchat_jupyter.client.socket")
    for name in (None, "httpcore", "httpx", "websockets", *ours):
        caplog.set_level(logging.DEBUG, logger=name)
    client = Client(coder.url, SECRET)
    shown = [repr(client), str(client), repr(vars(client))]

    for failing in (client.users.me(), client.messages.send(CHAT_ID, "Hi")):
        try:
            await failing
        except AuthenticationError as error:
            trace = traceback.TracebackException.from_exception(
                error, capture_locals=True
            )
            shown += [str(error), repr(error), "".join(trace.format())]
    async with client.chats.stream(CHAT_ID):
        pass
    await client.aclose()

    assert len(shown) == 9
    logs = [r.getMessage() for r in caplog.records if "uvicorn" not in r.name]
    assert len(logs) > 10
    assert SECRET not in "".join(shown + logs)
