"""Servers that tell of calls in other ways than ours: early, twice, or not at all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import ChatSession
from coderchat_jupyter.wire.events import (
    ActionRequired,
    ActionRequiredEvent,
    StreamedToolCall,
)
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import TOKEN, FakeCoder, listen, serving
from tests.server.world import eventually


class Parking(FakeCoder):
    """A deployment without a watch that parks its one chat; it keeps what is posted."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[list[dict[str, Any]]] = []

    def app(self) -> Starlette:
        app = super().app()
        path = f"/api/experimental/chats/{CHAT_ID}/tool-results"
        app.router.routes.insert(0, Route(path, self._results, methods=["POST"]))
        return app

    def require(self, *calls: tuple[str, str], copies: int = 1) -> None:
        """Tell of calls: their ids and words."""
        told = tuple(
            StreamedToolCall(
                tool_call_id=i, tool_name="note", args=f'{{"word": "{w}"}}'
            )
            for i, w in calls
        )
        event = ActionRequiredEvent(
            chat_id=CHAT_ID, action_required=ActionRequired(tool_calls=told)
        )
        for _ in range(copies):
            self.chat.tell(event)

    async def _results(self, request: Request) -> Response:
        if self.chat.status != "requires_action":
            return JSONResponse({"message": "Not waiting."}, 409)
        self.posts.append((await request.json())["results"])
        self.chat.set_status("running")
        return Response(status_code=204)


class Notebook:
    """What the tool was called with; it goes on when it is let."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.may_go_on = threading.Event()

    def note(self, word: str) -> str:
        self.words.append(word)
        self.may_go_on.wait(20)
        return word


@pytest.fixture
async def server() -> AsyncIterator[Parking]:
    found = Parking()
    async with serving(found, listen()):
        yield found


@pytest.fixture
async def notebook(server: Parking) -> AsyncIterator[Notebook]:
    """A function lent to the chat, over a live session."""
    found = Notebook()
    async with Client(server.url, TOKEN) as client:
        session = await ChatSession.open(client, CHAT_ID, tools=[found.note])
        await eventually(lambda: _holds(session.link.phase == "live"))
        yield found
        found.may_go_on.set()
        await session.aclose()


async def _holds(fact: bool) -> bool:
    return fact


async def test_an_event_that_comes_again_and_again_runs_a_call_once(
    server: Parking, notebook: Notebook
) -> None:
    """Before, between and after the two copies of the status, and while it runs."""
    server.require(("a", "one"))
    server.chat.set_status("requires_action")
    server.require(("a", "one"), copies=3)
    await eventually(lambda: _holds(bool(notebook.words)))
    server.require(("a", "one"), copies=3)
    notebook.may_go_on.set()
    await eventually(lambda: _holds(bool(server.posts)))
    server.require(("a", "one"))
    server.chat.set_status("waiting")

    server.chat.set_status("requires_action")
    server.require(("b", "two"))
    await eventually(lambda: _holds(len(server.posts) == 2))

    assert notebook.words == ["one", "two"]
    assert [[r["tool_call_id"] for r in post] for post in server.posts] == [
        ["a"],
        ["b"],
    ]
    assert server.posts[0][0] == {
        "tool_call_id": "a",
        "output": "one",
        "is_error": False,
    }


async def test_an_old_status_in_between_ends_no_call(
    server: Parking, notebook: Notebook
) -> None:
    """v2.34 tells each twice, in two lanes."""
    server.chat.set_status("requires_action", copies=1)
    server.require(("a", "one"))
    await eventually(lambda: _holds(bool(notebook.words)))

    server.chat.set_status("running", copies=1)
    server.chat.set_status("requires_action", copies=1)
    notebook.may_go_on.set()
    await eventually(lambda: _holds(bool(server.posts)))

    assert notebook.words == ["one"]


async def test_a_connection_that_breaks_meanwhile_ends_no_call(
    server: Parking, notebook: Notebook
) -> None:
    """The snapshot of the next says that the chat still waits."""
    server.chat.set_status("requires_action")
    server.require(("a", "one"))
    await eventually(lambda: _holds(bool(notebook.words)))

    before = server.chat.connections
    server.chat.drop(1011)
    await eventually(lambda: _holds(server.chat.connections > before))
    notebook.may_go_on.set()
    await eventually(lambda: _holds(bool(server.posts)))

    assert notebook.words == ["one"]


async def test_many_calls_at_once_are_answered_in_their_order(
    server: Parking, notebook: Notebook
) -> None:
    """Two with the same id are one: results are matched by it."""
    notebook.may_go_on.set()
    server.chat.set_status("requires_action")
    calls = [(f"call_{n}", str(n)) for n in range(50)]

    server.require(*calls, calls[0])
    await eventually(lambda: _holds(bool(server.posts)))

    assert [r["tool_call_id"] for r in server.posts[0]] == [i for i, _ in calls]
    assert sorted(notebook.words) == sorted(w for _, w in calls)


async def test_closing_a_session_does_not_wait_for_a_function_that_hangs(
    server: Parking,
) -> None:
    """Its thread cannot be ended; what it gives is heard by nobody."""
    notebook = Notebook()
    async with Client(server.url, TOKEN) as client:
        session = await ChatSession.open(client, CHAT_ID, tools=[notebook.note])
        await eventually(lambda: _holds(session.link.phase == "live"))
        server.chat.set_status("requires_action")
        server.require(("a", "one"))
        await eventually(lambda: _holds(bool(notebook.words)))

        async with asyncio.timeout(5):
            await session.aclose()
    notebook.may_go_on.set()

    assert not server.posts
