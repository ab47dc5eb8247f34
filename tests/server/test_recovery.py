"""The server ends in mid-answer: killed, or asked to. Nothing is lost or doubled."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import httpx

from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from tests.fakes.processes import add_user, serve
from tests.server.databases import BOTH, told

_PATIENCE = 20.0
_CHATS = "/api/experimental/chats"


class Client:
    """Somebody who talks to a server that may go away."""

    def __init__(self, url: str, user: dict[str, str]) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"Coder-Session-Token": user["token"]}
        )
        self._organization = user["organization_id"]

    def __enter__(self) -> Self:
        self.wait(lambda: self._http.get("/healthz").status_code == 200)
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def wait(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                if holds():
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < end
            time.sleep(0.02)

    def create(self, words: str) -> str:
        content = [{"type": "text", "text": words}]
        body = {"organization_id": self._organization, "content": content}
        return str(self._http.post(_CHATS, json=body).json()["id"])

    def send(self, chat: str, words: str) -> dict[str, Any]:
        content = [{"type": "text", "text": words}]
        path = f"{_CHATS}/{chat}/messages"
        return dict(self._http.post(path, json={"content": content}).json())

    def chat(self, chat: str) -> dict[str, Any]:
        return dict(self._http.get(f"{_CHATS}/{chat}").json())

    def page(self, chat: str) -> dict[str, Any]:
        return dict(self._http.get(f"{_CHATS}/{chat}/messages").json())

    def words(self, chat: str) -> list[str]:
        messages = reversed(self.page(chat)["messages"])
        return ["".join(p["text"] for p in m["content"]) for m in messages]

    def until(self, chat: str, status: str) -> None:
        self.wait(lambda: self.chat(chat)["status"] == status)


def _script(folder: Path, *actions: dict[str, Any]) -> Path:
    path = folder / "script.json"
    path.write_text(json.dumps({"scripts": {"default": [list(actions)]}}))
    return path


@BOTH
def test_a_chat_killed_in_mid_answer_is_answered_after_the_next_start(
    tmp_path: Path, address: DatabaseAddress
) -> None:
    """Every message that was acknowledged is there once, the queue in its order."""
    database = told(address)
    user = add_user(database, "admin", "--admin")
    script = _script(tmp_path, {"text": "Half an "}, {"hang": True})
    with serve(database, "--scripted", str(script)) as server:
        with Client(server.url, user) as client:
            chat = client.create("first")
            client.until(chat, "running")
            sent = client.send(chat, "second")
        server.kill()
    _script(tmp_path, {"text": "Whole."})
    with (
        serve(database, "--scripted", str(script)) as server,
        Client(server.url, user) as client,
    ):
        client.wait(lambda: not client.page(chat)["queued_messages"])
        client.until(chat, "waiting")
        words = client.words(chat)
        ids = [m["id"] for m in client.page(chat)["messages"]]

    assert sent["queued"] is True
    assert words == ["first", "Whole.", "second", "Whole."]
    assert len(set(ids)) == 4


def test_a_killed_server_knows_what_was_stored_a_moment_before(tmp_path: Path) -> None:
    """An answer the client has seen committed is not made again."""
    database = tmp_path / "server.db"
    user = add_user(database, "admin", "--admin")
    script = _script(tmp_path, {"text": "Done."})
    with serve(database, "--scripted", str(script)) as server:
        with Client(server.url, user) as client:
            chat = client.create("first")
            client.until(chat, "waiting")
            before = client.page(chat)
        server.kill()
    with (
        serve(database, "--scripted", str(script)) as server,
        Client(server.url, user) as client,
    ):
        after = client.page(chat)

    assert before == after
    assert len(after["messages"]) == 2


def test_a_server_told_to_stop_leaves_the_chat_to_the_next(tmp_path: Path) -> None:
    """It ends by itself, soon, and with success."""
    database = tmp_path / "server.db"
    user = add_user(database, "admin", "--admin")
    script = _script(tmp_path, {"text": "Half an "}, {"hang": True})
    with serve(database, "--scripted", str(script)) as server:
        with Client(server.url, user) as client:
            chat = client.create("first")
            client.until(chat, "running")
        server.process.send_signal(signal.SIGTERM)
        status = server.process.wait(_PATIENCE)
    _script(tmp_path, {"text": "Whole."})
    with (
        serve(database, "--scripted", str(script)) as server,
        Client(server.url, user) as client,
    ):
        client.until(chat, "waiting")
        words = client.words(chat)

    assert status in (0, -signal.SIGTERM)
    assert words == ["first", "Whole."]
