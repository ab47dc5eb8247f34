"""The server is killed in mid-answer. Nothing is lost or doubled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from coderchat_jupyter.server.storage.addresses import DatabaseAddress
from tests.fakes.processes import add_user, serve
from tests.server.caller import Client
from tests.server.databases import BOTH, told

_PATIENCE = 60.0


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
