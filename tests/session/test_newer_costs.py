"""What chats cost, on servers that count each chat by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.session.costs import CostReader, Ledger, Scope
from coderchat_jupyter.wire.ids import ChatId
from tests.fakes.recorded_server import TOKEN, RecordedServer, recorded

ONE: Final = "00000000-0000-4000-8000-000000000001"
TWO: Final = "00000000-0000-4000-8000-000000000002"
AT: Final = "2026-06-01T12:00:00Z"
NOW: Final = datetime(2026, 6, 2, tzinfo=UTC)


def chat(chat_id: str) -> dict[str, Any]:
    return {"id": chat_id, "created_at": AT, "updated_at": AT, "status": "waiting"}


async def costs(server: RecordedServer) -> Ledger:
    for chat_id, number in ((ONE, 1), (TWO, 2)):
        usage = {"input_tokens": 10, "output_tokens": 5}
        answer = {
            "id": number,
            "chat_id": chat_id,
            "created_at": AT,
            "role": "assistant",
            "usage": usage,
        }
        page = {"messages": [answer], "queued_messages": [], "has_more": False}
        server.answer("GET", f"/chats/{chat_id}", 200, chat(chat_id))
        server.answer("GET", f"/chats/{chat_id}/messages", 200, page)
    async with Client(server.url, TOKEN) as client:
        scope = Scope.of([ChatId(ONE), ChatId(TWO)])
        return await CostReader(client).read(scope, now=NOW)


@pytest.mark.parametrize("version", ["v2.37.0", "v2.38.2", "v2.39.0-devel+0a1b2c3"])
async def test_newer_servers_are_asked_for_each_chat(version: str) -> None:
    """They have no sums for a user; a chat's sum has its sub-agents in it."""
    async with recorded("none", version=version) as server:
        server.answer("GET", "/chats/model-configs", 200, [])
        server.answer("GET", f"/chats/{ONE}/cost", 200, total(ONE, 700))
        server.answer("GET", f"/chats/{TWO}/cost", 200, total(TWO, 50))

        ledger = await costs(server)

    assert ledger.server_micros == 750


async def test_a_server_that_tells_no_costs_is_done_without() -> None:
    """What the messages say is there all the same."""
    async with recorded("none", version="v2.38.0") as server:
        server.answer("GET", "/chats/model-configs", 200, [])

        ledger = await costs(server)

    assert ledger.server_micros is None
    assert len(ledger.requests) == 2


def total(chat_id: str, micros: int) -> dict[str, Any]:
    return {
        "chat_id": chat_id,
        "total_cost_micros": micros,
        "request_count": 1,
        "unpriced_request_count": 0,
    }
