"""Pages that were read before an edit, and arrive after it."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse, Response

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import Backoff, ChatSession
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import is_busy, message_text
from coderchat_jupyter.wire.messages import MessagesPage
from tests.fakes.chat import CHAT_ID, wire
from tests.fakes.server import FakeCoder

PAGES = f"GET /chats/{CHAT_ID}/messages"


def texts(state: ChatState) -> list[str]:
    return [message_text(message) for message in state.messages]


async def test_a_page_from_before_an_edit_brings_nothing_back(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    """The end of a turn is fetched just when somebody edits its prompt."""
    first = coder.chat.store("user", "One")
    coder.chat.store("assistant", "1")
    coder.chat.status = "running"
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await session.until(lambda state: state.connection.status == "running")
    asked, told = asyncio.Event(), asyncio.Event()

    async def late(line: str) -> Response | None:
        if line != PAGES:
            return None
        page = MessagesPage(messages=tuple(reversed(coder.chat.messages)))
        asked.set()
        await told.wait()
        return JSONResponse(wire(page))

    coder.before = late
    coder.chat.set_status("waiting")
    await asyncio.wait_for(asked.wait(), 20)
    coder.chat.edit_openly(first.id, "Two")
    await session.until(lambda state: is_busy(state) and len(state.messages) == 1)
    seen: list[list[str]] = []
    session.subscribe(lambda: seen.append(texts(session.state)))
    pages = coder.requests.count(PAGES)
    told.set()
    async with asyncio.timeout(20):
        while not seen and coder.requests.count(PAGES) == pages:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    coder.chat.store("assistant", "2")
    coder.chat.set_status("waiting")
    state = await session.idle()

    assert texts(state) == ["Two", "2"]
    assert not any("One" in shown for shown in seen)
    await session.aclose()
