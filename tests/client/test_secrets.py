"""No failure shows the token, a query or a body: not in words, causes or locals."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import CoderChatError
from coderchat_jupyter.wire.ids import ChatId, FileId, OrganizationId
from tests.client.speaking import Said, answering, speaking
from tests.fakes.raw_web import answer

CHAT = ChatId("11111111-1111-4111-8111-111111111111")
TOKEN = "abcdefghij-verysecretverysecret"

Act = Callable[[Client], Awaitable[None]]

FAULTS = {
    "hangs up": b"",
    "odd status": b"HTTP/1.1 999 \r\n\r\n",
    "no http": b"nonsense\r\n\r\n",
    "login": answer(401, {"message": f"No: {TOKEN}"}),
    "fault": answer(500, {"message": TOKEN, "detail": TOKEN}),
    "moved": answer(302, b"", headers={"Location": f"http://x/?t={TOKEN}"}),
    "moved to": answer(302, b"", headers={"Location": f"http://{TOKEN}.evil/"}),
    "odd type": answer(200, b"<p>", content_type=TOKEN),
    "version": answer(410, {}, headers={"X-Coder-Build-Version": f"v2.34.0+{TOKEN}"}),
    "half json": answer(200, b"{", headers={"X": TOKEN}),
    "other json": answer(200, [{"labels": {TOKEN: 1}}, TOKEN]),
    "no gzip": answer(200, TOKEN.encode(), headers={"Content-Encoding": "gzip"}),
    "page": answer(502, TOKEN.encode(), content_type="text/html"),
}


def shown(error: BaseException) -> str:
    """All that a verbose traceback would show of ours and of the libraries."""
    seen: list[str] = []
    link: BaseException | None = error
    while link is not None:
        frames = traceback.StackSummary.extract(
            traceback.walk_tb(link.__traceback__), capture_locals=True
        )
        # This file knows the token, and may say so.
        seen += [f"{f.name} {f.locals}" for f in frames if f.filename != __file__]
        seen += [str(link), repr(vars(link)), repr(link.args)]
        link = link.__cause__ or link.__context__
    return "\n".join(seen)


async def chat_stream(client: Client) -> None:
    async with client.chats.stream(CHAT) as batches:
        _ = [batch async for batch in batches]


async def a_call(client: Client) -> None:
    await client.chats.list(query="secret-query")


async def a_send(client: Client) -> None:
    await client.messages.send(CHAT, "secret" + "-body")


async def an_upload(client: Client) -> None:
    home = OrganizationId("o")
    await client.files.upload(b"secret-body", name="a.txt", organization_id=home)


@pytest.mark.parametrize("act", [chat_stream, a_call, a_send, an_upload])
@pytest.mark.parametrize("fault", FAULTS)
async def test_no_failure_shows_the_token_a_query_or_a_body(
    fault: str, act: Act
) -> None:
    """Verbose tracebacks show locals, and they are pasted into issues."""
    async with (
        answering(FAULTS[fault]) as url,
        Client(url, TOKEN, timeout=5) as client,
    ):
        with pytest.raises(CoderChatError) as caught:
            await act(client)

    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert TOKEN not in shown(error)
    assert "secret-" not in str(error)


@pytest.mark.parametrize("act", [chat_stream, a_call, a_send])
async def test_giving_up_in_the_middle_shows_no_token(act: Act) -> None:
    """An interrupt travels through the frames of the libraries as well."""
    taken = asyncio.Event()

    async def silent(one: Said) -> None:
        taken.set()
        await one.reader.read(1000)

    async with speaking(silent) as server, Client(server.url, TOKEN) as client:
        task = asyncio.ensure_future(act(client))
        await taken.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task

    assert TOKEN not in shown(caught.value)


async def test_a_download_that_cannot_be_read_shows_nothing_of_it() -> None:
    """The frames of the libraries hold what came, and the request for it."""
    async with answering(FAULTS["no gzip"]) as url, Client(url, TOKEN) as client:
        with pytest.raises(CoderChatError) as caught:
            await client.files.download(FileId("f"))

    assert caught.value.__context__ is None
    assert TOKEN not in shown(caught.value)
