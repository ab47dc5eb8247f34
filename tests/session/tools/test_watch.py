"""Calls that are heard of from the watch over all chats."""

from __future__ import annotations

import asyncio

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.session._backoff import Backoff
from coderchat_jupyter.session.tools._watch import ActionWatch
from tests.fakes.raw_web import answer, handshake, read_request, text_frame

CHAT = "11111111-1111-4111-8111-111111111111"
NOW = "2026-06-01T00:00:00Z"
ACTION = (
    f'{{"kind":"action_required","chat":{{"id":"{CHAT}","status":"requires_action",'
    f'"created_at":"{NOW}","updated_at":"{NOW}"}},"tool_calls":'
    '[{"tool_call_id":"1","tool_name":"look","args":"{}"}]}'
)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_refusal_that_passes_does_not_end_the_watch(status: int) -> None:
    """A limiter that had enough for a moment would else make it deaf for good."""
    refusals = [answer(status, {"message": "Later."})]
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        if request is not None and refusals:
            writer.write(refusals.pop())
        elif request is not None:
            writer.write(handshake(request) + text_frame(ACTION.encode()))
            await reader.read(100)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    watch = ActionWatch(Backoff(base=0.01))
    async with server, Client(url, "a-token") as client:
        watch.acquire(client, watch, lambda _, event: heard.put_nowait(event.chat.id))
        async with asyncio.timeout(10):
            assert await heard.get() == CHAT
        await watch.release(client, watch)
