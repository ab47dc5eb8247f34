"""Every error of the libraries becomes one of ours, wherever it comes up."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import httpx
import pytest
import websockets.exceptions
from pydantic import SecretStr
from websockets.datastructures import Headers
from websockets.frames import Close
from websockets.http11 import Response

from coderchat_jupyter.client import Client, _socket
from coderchat_jupyter.client._failures import from_exception
from coderchat_jupyter.client._frames import QuickConnection
from coderchat_jupyter.client._http import HttpxHttp
from coderchat_jupyter.client._place import Place
from coderchat_jupyter.client._socket import Socket
from coderchat_jupyter.errors import CoderChatError
from coderchat_jupyter.wire.ids import ChatId
from tests.client.speaking import answering
from tests.fakes.raw_web import answer

ADDRESS = "https://coder.example.com"
TOKEN = "abcdefghij-verysecretverysecret"
CHAT = ChatId("11111111-1111-4111-8111-111111111111")


def subclasses(base: type[Exception]) -> list[type[Exception]]:
    return [
        base,
        *(found for kind in base.__subclasses__() for found in subclasses(kind)),
    ]


def of_httpx() -> list[Exception]:
    request = httpx.Request("GET", ADDRESS)
    made: list[Exception] = []
    for kind in subclasses(httpx.HTTPError):
        if kind is httpx.HTTPStatusError:
            made.append(
                httpx.HTTPStatusError(
                    "x", request=request, response=httpx.Response(500)
                )
            )
        else:
            made.append(kind("x"))
    made += [httpx.InvalidURL("x"), httpx.CookieConflict("x"), httpx.StreamClosed()]
    made += [httpx.StreamConsumed(), httpx.ResponseNotRead(), httpx.RequestNotRead()]
    return made


def of_websockets() -> list[Exception]:
    exceptions = websockets.exceptions
    answer = Response(400, "Bad", Headers(), b"")
    closed = (Close(1011, "x"), None, None)
    special: dict[str, Callable[[], Exception]] = {
        "InvalidStatus": lambda: exceptions.InvalidStatus(answer),
        "InvalidProxyStatus": lambda: exceptions.InvalidProxyStatus(answer),
        "ConnectionClosed": lambda: exceptions.ConnectionClosed(*closed),
        "ConnectionClosedOK": lambda: exceptions.ConnectionClosedOK(*closed),
        "ConnectionClosedError": lambda: exceptions.ConnectionClosedError(*closed),
        "PayloadTooBig": lambda: exceptions.PayloadTooBig(2, 1),
    }
    made = []
    for kind in subclasses(exceptions.WebSocketException):
        if kind.__module__ != "websockets.exceptions":
            continue
        build = special.get(kind.__name__)
        made.append(build() if build is not None else _positional(kind))
    return made


def _positional(kind: type[Exception]) -> Exception:
    if not inspect.isfunction(kind.__init__):  # made like any Exception
        return kind("x")
    needed = [
        p
        for p in inspect.signature(kind).parameters.values()
        if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    return kind(*("x" for _ in needed))


def test_every_public_error_of_the_libraries_is_among_those_that_are_tried() -> None:
    """One that a new release adds fails here, and nowhere at a user."""
    theirs = {
        kind
        for module in (httpx, websockets.exceptions)
        for name in module.__all__
        if isinstance(kind := getattr(module, name), type)
        and issubclass(kind, Exception)
    }
    # What the library keeps for its old interface, which is not used here.
    legacy = {k for k in theirs if k.__module__.startswith("websockets.legacy")}

    tried = {type(error) for error in (*of_httpx(), *of_websockets())}
    assert theirs - legacy - {httpx.StreamError, httpx.HTTPStatusError} <= tried


@pytest.mark.parametrize("error", of_httpx(), ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("act", ["get", "send", "open"])
async def test_every_error_of_httpx_is_caught_where_it_comes_up(
    error: Exception, act: str
) -> None:
    """In a call, in a change, and while a body is read: none gets past."""

    class Failing(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise error

    async def at_once(seconds: float) -> None:
        pass

    place = Place(ADDRESS, SecretStr(TOKEN), use_environment=False)
    http = HttpxHttp(place, timeout=5, sleep=at_once, transport=Failing())
    with pytest.raises(CoderChatError) as caught:
        if act == "get":
            await http.get("/api/v2/users/me", returns=None)
        elif act == "send":
            await http.send("POST", "/api/v2/x", {})
        else:
            async with http.open("GET", "/api/v2/x"):
                pass
    await http.aclose()

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "error", of_websockets(), ids=lambda error: type(error).__name__
)
async def test_every_error_of_websockets_is_caught_where_it_comes_up(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a stream is opened, and while it is read."""

    async def fail(*args: object) -> None:
        raise error

    monkeypatch.setattr(QuickConnection, "receive", fail)
    async with answering(answer(200, b"")) as url, Client(url, TOKEN) as client:
        monkeypatch.setattr(_socket._Connect, "connect", fail)
        with pytest.raises(CoderChatError) as opened:
            async with client.chats.stream(CHAT):
                pass
        socket = Socket(QuickConnection.__new__(QuickConnection), url)
        try:
            ended = await socket.receive()
        except CoderChatError as failure:
            assert failure.__cause__ is None
        else:
            assert ended is None
            assert isinstance(error, websockets.exceptions.ConnectionClosedOK)

    assert opened.value.__cause__ is None
    assert opened.value.__context__ is None


@pytest.mark.parametrize(
    "error",
    [*of_httpx(), *of_websockets()],
    ids=lambda error: f"{type(error).__module__}.{type(error).__name__}",
)
def test_every_error_of_the_libraries_is_translated(error: Exception) -> None:
    """A caller needs one `except`, and never sees a stack of strange modules."""
    ours = from_exception(error, address=ADDRESS)

    assert isinstance(ours, CoderChatError)
    assert 0 < len(str(ours)) < 300
    assert str(ours)[-1] in ".:"
