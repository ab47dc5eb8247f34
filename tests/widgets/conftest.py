"""Widgets without a kernel: what they send is kept, what a page sends is given."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import ChatSession, shutdown_background
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import TOKEN, FakeCoder, listen, serving


class Wire(BaseComm):
    """A comm that leads nowhere and remembers.

    Attributes:
        sent: Custom messages, in order.
        threads: Names of the threads that sent them.
        is_open: Neither side has closed it.
    """

    def __init__(self, **fields: Any) -> None:
        self.sent: list[dict[str, Any]] = []
        self.states: list[dict[str, Any]] = []
        self.threads: set[str] = set()
        self.is_open = True
        super().__init__(**fields)

    def publish_msg(self, msg_type: str, data: Any = None, *_: Any, **__: Any) -> None:
        """Called by everything that travels to a page."""
        method = (data or {}).get("method")
        if msg_type == "comm_close":
            self.is_open = False
        elif method == "custom":
            self.sent.append(data["content"])
            self.threads.add(threading.current_thread().name)
        elif method == "update":
            self.states.append(data["state"])

    def page_sends(self, content: object) -> None:
        """A page sends a custom message; the kernel reads it on this thread."""
        data = {"method": "custom", "content": content}
        self.handle_msg({"content": {"data": data}, "buffers": []})

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The messages of one kind that were sent."""
        return [message for message in list(self.sent) if message["kind"] == kind]


@pytest.fixture(autouse=True)
def _wires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", Wire)


@pytest.fixture(autouse=True)
def _own_loop() -> Iterator[None]:
    yield
    shutdown_background()


@pytest.fixture
async def coder() -> AsyncIterator[FakeCoder]:
    coder = FakeCoder()
    async with serving(coder, listen()):
        yield coder


@pytest.fixture
async def client(coder: FakeCoder) -> AsyncIterator[Client]:
    async with Client(coder.url, TOKEN) as client:
        yield client


@pytest.fixture
async def session(coder: FakeCoder, client: Client) -> AsyncIterator[ChatSession]:
    session = await ChatSession.open(client, CHAT_ID)
    yield session
    await session.aclose()


async def until(condition: Callable[[], Any]) -> Any:
    """Wait, for a bounded time, until a condition holds; its value."""
    async with asyncio.timeout(20):
        while not (value := condition()):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return value
