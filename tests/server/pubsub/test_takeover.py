"""A server is killed, or sleeps. Another one goes on with its chats."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from coderchat_jupyter.server.storage.addresses import PostgresUrl
from tests.fakes.processes import add_user, serve
from tests.server.caller import Client
from tests.server.databases import told

_STALE = ("--stale-seconds", "2")


def _script(folder: Path, *actions: dict[str, Any]) -> str:
    path = folder / "script.json"
    path.write_text(json.dumps({"scripts": {"default": [list(actions)]}}))
    return str(path)


def test_a_chat_of_a_killed_server_goes_on_at_another(
    tmp_path: Path, address: PostgresUrl
) -> None:
    database = told(address)
    user = add_user(database, "admin", "--admin")
    script = _script(tmp_path, {"text": "Half an "}, {"hang": True})
    with serve(database, "--scripted", script, *_STALE) as one:
        with Client(one.url, user) as client:
            chat = client.create("first")
            client.until(chat, "running")
            client.send(chat, "second")
        with (
            serve(database, *_STALE) as two,
            Client(two.url, user) as client,
        ):
            before = client.chat(chat)["status"]
            _script(tmp_path, {"text": "Whole."})
            one.kill()
            client.wait(lambda: not client.page(chat)["queued_messages"])
            client.until(chat, "waiting")
            words = client.words(chat)

    assert before == "running"
    assert words == ["first", "Whole.", "second", "Whole."]


def test_a_server_that_slept_leaves_its_chat_to_who_took_it(
    tmp_path: Path, address: PostgresUrl
) -> None:
    """It had half an answer, which is stored by nobody."""
    database = told(address)
    user = add_user(database, "admin", "--admin")
    script = _script(tmp_path, {"text": "Half an "}, {"hang": True})
    with serve(database, "--scripted", script, *_STALE) as one:
        with Client(one.url, user) as client:
            chat = client.create("first")
            client.until(chat, "running")
        with (
            serve(database, *_STALE) as two,
            Client(two.url, user) as client,
        ):
            _script(tmp_path, {"text": "Whole."})
            one.process.send_signal(signal.SIGSTOP)
            try:
                client.until(chat, "waiting")
            finally:
                one.process.send_signal(signal.SIGCONT)
        with Client(one.url, user) as client:
            client.send(chat, "second")
            client.wait(lambda: len(client.words(chat)) == 4)
            client.until(chat, "waiting")
            words = client.words(chat)

    assert words == ["first", "Whole.", "second", "Whole."]
