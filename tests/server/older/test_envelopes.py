"""The older stream: envelopes, with errors as texts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import websockets

from coderchat_jupyter.client import Client
from coderchat_jupyter.server.providers._protocol import ProviderError
from coderchat_jupyter.wire.events import (
    ErrorEvent,
    Event,
    MessagePartEvent,
    QueueUpdateEvent,
    Status,
    StatusEvent,
)
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.parts import TextPart
from tests.server.world import CHATS, World, open_world


@pytest.fixture
async def older(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, speak="g0") as world:
        yield world


async def until(batches: AsyncIterator[tuple[Event, ...]], kind: type[Event]) -> Event:
    """The next event of a type."""
    async with asyncio.timeout(10):
        async for batch in batches:
            for event in batch:
                if isinstance(event, kind):
                    return event
    raise AssertionError("the stream ended")


async def test_a_chat_is_followed_through_answer_queue_and_error(older: World) -> None:
    puppet = older.puppet
    async with Client(older.url, older.admin.account.token) as client:
        await client.server.generation()
        chat = await client.chats.create("one")
        await puppet.asked()
        async with client.chats.stream(chat.id) as batches:
            puppet.say("Hel")
            part = await until(batches, MessagePartEvent)
            await client.messages.send(chat.id, "two")
            queue = await until(batches, QueueUpdateEvent)
            puppet.finish()
            await puppet.asked(2)
            puppet.say(ProviderError("no", status_code=401))
            failed = await until(batches, ErrorEvent)
        found = await client.chats.get(chat.id)

    assert isinstance(part, MessagePartEvent)
    assert isinstance(part.message_part.part, TextPart)
    assert part.message_part.part.text == "Hel"
    assert isinstance(queue, QueueUpdateEvent) and len(queue.queued_messages) == 1
    assert isinstance(failed, ErrorEvent)
    assert (found.status, bool(failed.error.message)) == ("error", True)
    assert found.last_error is not None
    assert found.last_error.message == failed.error.message


async def test_every_frame_is_an_envelope_and_an_error_is_the_last(
    older: World,
) -> None:
    """Bare bytes: `ping` first, then `data`; `error` for who reads too slowly."""
    chat = await older.admin.create()
    await older.puppet.asked()
    url = f"{older.url.replace('http', 'ws', 1)}{CHATS}/{chat['id']}/stream"
    token = older.admin.account.token.get_secret_value()
    headers = {"Coder-Session-Token": token}
    async with websockets.connect(url, additional_headers=headers) as socket:
        ping, data = await socket.recv(), json.loads(await socket.recv())
        chat_id = ChatId(chat["id"])
        status = StatusEvent(chat_id=chat_id, status=Status(status="running"))
        # All at once: more than may wait for one reader.
        older.service.hub.publish(chat_id, [status] * 10_001)
        rest = [json.loads(frame) async for frame in socket]
        code = socket.close_code

    assert ping == '{"type":"ping"}\n'
    assert list(data) == ["type", "data"]
    assert data["data"][0] == {
        "type": "status",
        "chat_id": chat["id"],
        "status": {"status": "running"},
    }
    assert {frame["type"] for frame in rest[:-1]} == {"data"}
    assert sum(len(frame["data"]) for frame in rest[:-1]) == 10_000
    assert rest[-1] == {
        "type": "error",
        "data": {"message": "The client reads too slowly."},
    }
    assert code == 1001
