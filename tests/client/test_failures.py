"""Whatever goes wrong on the way becomes one short error of ours."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.client._failures import from_exception
from coderchat_jupyter.client._refusals import from_response
from coderchat_jupyter.errors import (
    AuthenticationError,
    BusyError,
    ConfigurationError,
    ConflictError,
    ConnectionLostError,
    ForbiddenError,
    InvalidRequestError,
    NotCoderError,
    NotFoundError,
    ServerUnreachableError,
    UnsupportedError,
    UsageLimitError,
)
from coderchat_jupyter.wire.ids import ChatId, OrganizationId

ADDRESS = "https://coder.example.com"
TOKEN = "abcdefghij-verysecretverysecret"
CHAT = ChatId("11111111-1111-4111-8111-111111111111")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (httpx.ConnectError("refused"), ServerUnreachableError, "No server answers"),
        (httpx.ConnectTimeout("x"), ServerUnreachableError, "No server answers"),
        (httpx.ReadTimeout("x"), ConnectionLostError, "too long"),
        (httpx.ProxyError("x"), ServerUnreachableError, "HTTPS_PROXY"),
        (httpx.RemoteProtocolError("x"), ConnectionLostError, "broke off"),
        (ConnectionResetError(), ConnectionLostError, "broke off"),
        (OSError(113, "No route"), ServerUnreachableError, "No server answers"),
        (TimeoutError(), ServerUnreachableError, "No server answers"),
        (UnicodeError("label empty or too long"), ConfigurationError, "no address"),
    ],
)
def test_the_text_says_what_to_look_at(
    error: Exception, kind: type[Exception], words: str
) -> None:
    """Which of the many causes it is decides what a person does next."""
    ours = from_exception(error, address=ADDRESS)

    assert type(ours) is kind
    assert words in str(ours)


def test_an_untrusted_certificate_is_named() -> None:
    """The most common trouble behind a company's own authority."""
    cause = ssl.SSLCertVerificationError(1, "self-signed certificate")
    cause.verify_message = "self-signed certificate"
    error = httpx.ConnectError("x")
    error.__cause__ = cause

    ours = from_exception(error, address=ADDRESS)

    assert isinstance(ours, ServerUnreachableError)
    assert "self-signed certificate" in str(ours)
    assert "SSL_CERT_FILE" in str(ours)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequestError),
        (401, AuthenticationError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (409, ConflictError),
        (410, UnsupportedError),
        (412, InvalidRequestError),
        (413, InvalidRequestError),
        (429, BusyError),
        (503, BusyError),
    ],
)
def test_a_status_decides_the_error(status: int, kind: type[Exception]) -> None:
    """So that callers catch what they can mend."""
    body = b'{"message":"It went wrong.","detail":"why"}'

    error = from_response(
        status,
        body,
        call="GET /chats",
        address=ADDRESS,
        content_type="application/json",
    )

    assert type(error) is kind


def test_facts_of_a_failure_are_attributes() -> None:
    """A form marks the field; a log keeps the detail."""
    body = (
        b'{"message":"No.","detail":"why","validations":[{"field":"a","detail":"b"}]}'
    )

    error = from_response(
        400, body, call="POST /x", address=ADDRESS, content_type="application/json"
    )

    assert isinstance(error, InvalidRequestError)
    assert (error.message, error.detail) == ("No.", "why")
    assert error.validations == (("a", "b"),)


def test_a_spent_budget_is_told_apart_from_other_conflicts() -> None:
    """Both are 409; only one has a date on which it passes."""
    body = (
        b'{"message":"Limit reached.","spent_micros":5000000,"limit_micros":4000000,'
        b'"resets_at":"2026-07-01T00:00:00Z"}'
    )

    error = from_response(
        409, body, call="POST /chats", address=ADDRESS, content_type="application/json"
    )

    assert isinstance(error, UsageLimitError)
    assert "$5.00 of $4.00" in str(error)


def test_a_budget_is_read_of_json_only() -> None:
    """A page of a proxy is quoted as such, whatever it holds."""
    body = b'{"message":"L","limit_micros":1,"resets_at":"2026-07-01T00:00:00Z"}'

    error = from_response(
        409, body, call="POST /x", address=ADDRESS, content_type="text/plain"
    )

    assert type(error) is ConflictError


def test_a_call_that_a_release_lacks_names_release_and_replacement() -> None:
    """An upgrade, not a search through documents, is what helps."""
    error = from_response(
        410,
        b'{"message":"Gone."}',
        call="GET /chats/providers",
        address=ADDRESS,
        content_type="application/json",
        version="v2.34.0+abc",
    )

    assert isinstance(error, UnsupportedError)
    assert "v2.34.0" in str(error)
    assert "/api/v2/ai/providers" in str(error)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (200, NotCoderError, "not like a Coder server"),
        (404, NotCoderError, "not like a Coder server"),
        (500, NotCoderError, "not like a Coder server"),
        (301, NotCoderError, "sends calls on to https://other.example.com"),
        (502, ConnectionLostError, "gateway"),
        (503, ConnectionLostError, "gateway"),
    ],
)
async def test_something_else_that_answers_is_recognised(
    status: int, kind: type[Exception], words: str
) -> None:
    """A mistyped address mostly leads to somebody's web page."""
    headers = (
        "Location: https://other.example.com/a?token=x\r\n" if status == 301 else ""
    )
    async with (
        answering(
            f"HTTP/1.1 {status} X\r\nContent-Type: text/html\r\n{headers}"
            "Content-Length: 4\r\nConnection: close\r\n\r\n<p/>"
        ) as url,
        Client(url, TOKEN) as client,
    ):
        with pytest.raises(kind, match=words) as caught:
            await client.users.me()

    assert "token=x" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    ['404 Not Found|{"message": "Not Found"}', '200 OK|{"ok": true}', "200 OK|[]"],
)
async def test_another_service_that_speaks_json_is_recognised(answer: str) -> None:
    """A Jupyter server, for one, on the port that was meant for Coder."""
    status, body = answer.split("|")
    page = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    )
    async with answering(page) as url, Client(url, TOKEN) as client:
        with pytest.raises(NotCoderError, match="no Coder server"):
            await client.chats.create("Hi")


async def test_an_upload_that_a_web_page_takes_says_so() -> None:
    """A portal in front of the network answers everything with its login."""
    page = (
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n"
        "Connection: close\r\n\r\n<p/>"
    )
    async with answering(page) as url, Client(url, TOKEN) as client:
        with pytest.raises(NotCoderError, match="text/html"):
            await client.files.upload(
                b"text", name="a.txt", organization_id=OrganizationId("o")
            )


async def test_an_answer_that_is_no_http_is_a_lost_connection() -> None:
    """A database, a mail server, a port of a game."""
    hello = "220 mail.example.com ESMTP\r\n"
    async with answering(hello) as url, Client(url, TOKEN) as client:
        with pytest.raises(ConnectionLostError):
            await client.users.me()


async def test_a_stream_refused_by_a_web_page_says_so() -> None:
    """A proxy that knows no WebSockets answers in HTML."""
    page = (
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n"
        "Connection: close\r\n\r\n<p/>"
    )
    async with answering(page) as url, Client(url, TOKEN) as client:
        with pytest.raises(NotCoderError):
            async with client.chats.stream(CHAT):
                pass


async def test_a_stream_does_not_follow_redirects() -> None:
    """The token is for the server that was named, not for where that one points."""
    seen: list[bytes] = []
    page = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with answering(page, seen) as elsewhere:
        moved = (
            f"HTTP/1.1 302 Found\r\nLocation: {elsewhere}/\r\n"
            "Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
        async with answering(moved) as url, Client(url, TOKEN) as client:
            with pytest.raises(NotCoderError):
                async with client.chats.stream(CHAT):
                    pass
            with pytest.raises(NotCoderError):
                await client.users.me()

    assert seen == []


@pytest.mark.parametrize(
    "url",
    ["", "coder.example.com", "ftp://x", "http://", "http://u:p@x", "http://x:port"],
)
def test_an_address_that_cannot_be_right_is_refused_at_once(url: str) -> None:
    """And is not repeated: it may hold a password."""
    with pytest.raises(ConfigurationError, match="must look like") as caught:
        Client(url, TOKEN)

    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "quoté"])
def test_a_token_that_cannot_be_right_is_refused_at_once(token: str) -> None:
    """A line break would begin another header."""
    with pytest.raises(ConfigurationError, match="token"):
        Client(ADDRESS, token)


@asynccontextmanager
async def answering(text: str, seen: list[bytes] | None = None) -> AsyncIterator[str]:
    """Something on a port that says always the same."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        asked = await reader.read(65536)
        if seen is not None:
            seen.append(asked)
        writer.write(text.encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()
