"""Reading costs: pages, sub-agents, what is read once, what is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import ChatSession
from coderchat_jupyter.session.costs import CostReader, Scope
from tests.kernels._server import ChatServer, run_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    with run_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
async def client(server: ChatServer) -> AsyncIterator[Client]:
    async with Client(server.url, server.token) as client:
        yield client


async def talk(client: Client, *prompts: str) -> ChatSession:
    session = await ChatSession.create(client, prompts[0])
    await session.idle()
    for prompt in prompts[1:]:
        await session.send(prompt)
        await session.idle()
    return session


def now() -> datetime:
    return datetime.now().astimezone()


@pytest.mark.parametrize("page", [1, 2, 3, 200])
async def test_no_answer_is_lost_or_doubled_between_pages(
    client: Client, page: int
) -> None:
    """However many messages the server puts on one."""
    session = await talk(client, "One", "Two", "Three")
    scope = Scope.of([session])

    ledger = await CostReader(client, page=page).read(scope, now=now())

    answers = [m.id for m in session.state.messages if m.role == "assistant"]
    assert [request.message_id for request in ledger.requests] == answers
    assert len(answers) == 3
    await session.aclose()


async def test_a_chat_given_twice_counts_once(client: Client) -> None:
    """By id, by session, and both."""
    session = await talk(client, "One")

    scope = Scope.of([session, session.chat_id, session.chat_id])
    ledger = await CostReader(client).read(scope, now=now())

    assert (ledger.chats, len(ledger.requests)) == (1, 1)
    await session.aclose()


async def test_what_was_read_is_read_again_when_the_chat_went_on(
    client: Client,
) -> None:
    """An unchanged chat is remembered, a changed one is not."""
    session = await talk(client, "One")
    reader, scope = CostReader(client), Scope.of([session])

    first = await reader.read(scope, now=now())
    same = await reader.read(scope, now=now())
    await session.send("Two")
    await session.idle()
    second = await reader.read(scope, now=now())

    assert first == same
    assert (len(first.requests), len(second.requests)) == (1, 2)
    await session.aclose()


async def test_a_stopped_answer_costs_nothing(client: Client) -> None:
    """It has no usage, here and at the server."""
    session = await ChatSession.create(client, "#endless")
    await session.until(lambda state: state.preview.blocks != ())
    await session.stop()
    await session.idle()

    ledger = await CostReader(client).read(Scope.of([session]), now=now())

    assert (ledger.chats, ledger.requests) == (1, ())
    await session.aclose()
