"""A server that is killed again and again, at moments that a dice chooses.

`KILLS=200 pytest tests/server/test_kills.py` throws it more often.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from pathlib import Path
from threading import Timer
from typing import Any, Final

import httpx
import pytest

from coderchat_jupyter import client as clients
from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from coderchat_jupyter.session import (
    Backoff,
    ChatSession,
    background,
    shutdown_background,
)
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import message_text
from coderchat_jupyter.wire.ids import ChatId
from tests.fakes.processes import Running, add_user, serve
from tests.server.caller import Client
from tests.server.databases import BOTH, told
from tests.server.resting import rest

_KILLS: Final = int(os.environ.get("KILLS", "2"))
_FOLLOWED: Final = 3
_SOON: Final = Backoff(base=0.05, cap=0.2)
_PATIENCE: Final = 60.0
_STALE: Final = 2.0
"""Seconds without a word after which a chat is taken up: as short as can be."""
_RESTS_AFTER: Final = 20
"""So many kills; and at the end."""
_USAGE: Final = {"input_tokens": 10, "output_tokens": 5}
_PRICES: Final = {
    "input_price_per_million_tokens": "3",
    "output_price_per_million_tokens": "15",
}
_MICROS_AN_ANSWER: Final = 10 * 3 + 5 * 15
_SCRIPTS: Final = {
    "default": [[{"text": "w{i} ", "repeat": 8, "delay_ms": 10}, {"usage": _USAGE}]]
}


class _Record:
    """What a client tried, and what the server said it had."""

    def __init__(self) -> None:
        self._number = 0
        self.opened: set[str] = set()
        self.tried: dict[str, set[str]] = {}
        self.kept: dict[str, set[str]] = {}

    def talk(self, server: Running, client: Client, dice: random.Random) -> None:
        """Make chats and send messages until the server is killed."""
        self._act(client, dice)
        deadline = Timer(dice.uniform(0.02, 0.8), server.process.kill)
        deadline.start()
        try:
            while True:
                self._act(client, dice)
        except httpx.TransportError:
            pass
        finally:
            deadline.join()
            server.process.wait(10)

    def _act(self, client: Client, dice: random.Random) -> None:
        self._number += 1
        words = f"message {self._number}"
        if len(self.tried) < 3 or dice.random() < 0.05:
            self.opened.add(words)
            chat = client.create(words)
            self.tried[chat], self.kept[chat] = {words}, {words}
            return
        chat = dice.choice(sorted(self.tried))
        self.tried[chat].add(words)
        answer = client.send(chat, words)
        # A full queue takes no more, and says so.
        if "queued" in answer:
            self.kept[chat].add(words)


class _Followers:
    """Sessions of our client that stay open, whatever becomes of their server."""

    def __init__(self, url: str, token: str) -> None:
        self._client = clients.Client(url, token)
        self._sessions: dict[str, ChatSession] = {}

    def follow(self, chats: list[str]) -> None:
        """Open a session for each of the first chats."""
        for chat in chats[:_FOLLOWED]:
            if chat not in self._sessions:
                opened = ChatSession.open(self._client, ChatId(chat), backoff=_SOON)
                self._sessions[chat] = background().run(opened, _PATIENCE)

    def seen(self, chat: str, count: int) -> list[tuple[str, str]] | None:
        """Roles and texts, once there are so many and nothing runs; None if unknown."""
        session = self._sessions.get(chat)
        if session is None:
            return None

        def rests(state: ChatState) -> bool:
            return len(state.messages) == count and state.status == "waiting"

        state = background().run(session.until(rests), _PATIENCE)
        return [(m.role, message_text(m)) for m in state.messages]

    def close(self) -> None:
        """Leave."""
        for session in self._sessions.values():
            background().run(session.aclose(), _PATIENCE)
        background().run(self._client.aclose(), _PATIENCE)
        shutdown_background()


def _tell(what: str, record: _Record, more: str = "") -> None:
    """Say how far it is; `pytest -s` shows it."""
    kept = sum(map(len, record.kept.values()))
    print(f"{what}: {kept} messages acknowledged{more}", file=sys.stderr, flush=True)


def _set_prices(client: Client) -> None:
    (model,) = client.call("GET", "/model-configs")
    body = {"model_config": {"cost": _PRICES}}
    client.call("PATCH", f"/model-configs/{model['id']}", body)


def _messages(client: Client, chat: str) -> list[tuple[str, str]]:
    """Roles and texts of a chat that rests, oldest first."""
    found: list[dict[str, Any]] = []
    while True:
        before = f"&before_id={found[-1]['id']}" if found else ""
        page = client.call("GET", f"/{chat}/messages?limit=200{before}")
        found += page["messages"]
        if not page["has_more"]:
            break
    ids = [m["id"] for m in found]
    assert ids == sorted(set(ids), reverse=True)
    return [
        (m["role"], "".join(p["text"] for p in m["content"])) for m in reversed(found)
    ]


@BOTH
@pytest.mark.timeout(120 + 30 * _KILLS)
def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(
    tmp_path: Path, address: DatabaseAddress
) -> None:
    dice = random.Random(20260301)  # noqa: S311  a dice
    database = told(address)
    user = add_user(database, "admin", "--admin")
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"scripts": _SCRIPTS}))
    flags = ("--scripted", str(script), "--stale-seconds", str(_STALE))
    record = _Record()
    followers: _Followers | None = None
    port = 0
    try:
        for number in range(_KILLS + 1):
            with (
                serve(database, *flags, port=port) as server,
                Client(server.url, user) as client,
            ):
                # The same address again, for those who follow.
                port = int(server.url.rsplit(":", 1)[1])
                if followers is None:
                    followers = _Followers(server.url, user["token"])
                # Some were made, and killed before they could be acknowledged.
                made = [chat["id"] for chat in client.call("GET", "?limit=200")]
                if (number and number % _RESTS_AFTER == 0) or number == _KILLS:
                    still = rest(client, made, _STALE)
                    more = f", none stood still for more than {still:.2f} s"
                    _tell(f"{number} kills", record, more)
                if number < _KILLS:
                    _set_prices(client)
                    followers.follow(list(record.tried))
                    record.talk(server, client, dice)
                    continue
                found_in = {chat: _messages(client, chat) for chat in made}
                seen_in = {
                    chat: followers.seen(chat, len(found))
                    for chat, found in found_in.items()
                }
                total = client.call("GET", "/cost/me/summary")["total_cost_micros"]
    finally:
        if followers is not None:
            followers.close()

    answer = "".join(f"w{i} " for i in range(8))
    answers = 0
    assert set(record.tried) <= set(made)
    for chat, found in found_in.items():
        asked = Counter(words for role, words in found if role == "user")
        assert set(asked.values()) <= {1}
        assert set(asked) <= record.tried.get(chat, record.opened)
        assert set(asked) >= record.kept.get(chat, set())
        # Each message has its answer, whole, behind it.
        assert [role for role, _ in found] == ["user", "assistant"] * len(asked)
        assert {words for role, words in found if role == "assistant"} == {answer}
        assert seen_in[chat] in (found, None)
        answers += len(asked)
    assert any(record.kept.values())
    assert any(seen_in.values())
    assert total == _MICROS_AN_ANSWER * answers
    _tell("in the end", record, f", {answers} answered, {total} micros")
