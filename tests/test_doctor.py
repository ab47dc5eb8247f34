"""`coderchat doctor` against a deployment that is ahead of this release."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from coderchat_jupyter.cli import main
from tests.fakes.recorded_server import TOKEN, RecordedServer, recorded
from tests.wire.contract import contract


def ahead(server: RecordedServer) -> None:
    """Let a server say something of each kind that nobody knows."""
    known = contract("g1")
    chat = known.sample("Chat", "full") | {"status": "napping", "mood": "blue"}
    part: dict[str, Any] = {"type": "hologram"}
    message = known.sample("ChatMessage", "full") | {"content": [part, part]}
    page = {"messages": [message], "queued_messages": [], "has_more": False}
    server.answer("GET", "/chats", 200, [chat])
    server.answer("GET", "/chats/{id}/messages", 200, page)


async def test_the_doctor_tells_what_a_newer_deployment_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By name and number, and with an end that is no failure."""
    async with recorded("v2.36.0", version="v2.99.0") as server:
        ahead(server)
        monkeypatch.setenv("CODER_URL", server.url)
        monkeypatch.setenv("CODER_SESSION_TOKEN", TOKEN)
        ended = await asyncio.to_thread(main, ["doctor"])

    told = capsys.readouterr().out
    assert ended == 0
    assert "server version v2.99.0" in told
    assert "2 x part type hologram" in told
    assert "1 x Chat.status = napping" in told
    assert "1 x Chat.mood" in told
    assert TOKEN not in told


async def test_the_doctor_says_when_all_is_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A deployment of the release that this one was made for."""
    async with recorded("v2.34.0") as server:
        server.answer("GET", "/chats", 200, [])
        monkeypatch.setenv("CODER_URL", server.url)
        monkeypatch.setenv("CODER_SESSION_TOKEN", TOKEN)
        await asyncio.to_thread(main, ["doctor"])

    assert "All that it says is known to this release." in capsys.readouterr().out
