"""`coderchat serve` is told to stop: it does, soon, and the next start goes on."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.fakes.processes import Running, add_user, serve
from tests.server.caller import Client

_SECONDS: Final = 10.0
"""What a stop may take: a promise of the command."""

_SIGNALS: Final = pytest.mark.parametrize(
    "told", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"]
)


def _script(path: Path, *actions: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"scripts": {"default": [list(actions)]}}))
    return path


def _stop(server: Running, told: signal.Signals) -> int:
    server.process.send_signal(told)
    return server.process.wait(_SECONDS)


def _goes_on(database: Path, script: Path, user: dict[str, str], chat: str) -> Any:
    """What is said in a chat after another start."""
    _script(script, {"text": "Whole."})
    with (
        serve(database, "--scripted", str(script)) as server,
        Client(server.url, user) as client,
    ):
        client.until(chat, "waiting")
        return client.words(chat)


@_SIGNALS
def test_a_stop_ends_streams_and_calls_and_leaves_the_chat_to_the_next(
    tmp_path: Path, told: signal.Signals
) -> None:
    database = tmp_path / "server.db"
    user = add_user(database, "admin", "--admin")
    script = _script(tmp_path / "script", {"text": "Half an "}, {"hang": True})
    with serve(database, "--scripted", str(script)) as server:
        with Client(server.url, user) as client:
            chat = client.create("first")
            client.until(chat, "running")
        with connect(
            f"ws{server.url[4:]}/api/experimental/chats/{chat}/stream",
            additional_headers={"Coder-Session-Token": user["token"]},
        ) as stream:
            stream.recv(_SECONDS)
            status = _stop(server, told)
            with pytest.raises(ConnectionClosed):
                while True:
                    stream.recv(_SECONDS)

    assert status == 0
    assert _goes_on(database, script, user, chat) == ["first", "Whole."]


def test_a_stop_waits_for_no_client_that_is_deaf_and_no_thread_that_hangs(
    tmp_path: Path,
) -> None:
    database = tmp_path / "server.db"
    user = add_user(database, "admin", "--admin")
    script = tmp_path / "script"
    # Reading it waits for a writer, in a thread that nothing can cancel.
    os.mkfifo(script)
    with serve(database, "--scripted", str(script)) as server:
        with Client(server.url, user) as client:
            chat = client.create("first")
            client.until(chat, "running")
        with _deaf(server.url, chat, user["token"]):
            status = _stop(server, signal.SIGTERM)
    script.unlink()

    assert status == 0
    assert _goes_on(database, script, user, chat) == ["first", "Whole."]


@_SIGNALS
def test_a_stop_right_after_the_address_is_a_success(
    tmp_path: Path, told: signal.Signals
) -> None:
    with serve(tmp_path / "server.db") as server:
        status = _stop(server, told)

    assert status == 0


def _deaf(url: str, chat: str, token: str) -> socket.socket:
    """A stream that is open and never answers, not even that it is closed."""
    place = urlsplit(url)
    connection = socket.create_connection((place.hostname, place.port), _SECONDS)
    connection.sendall(
        f"GET /api/experimental/chats/{chat}/stream HTTP/1.1\r\n"
        f"Host: {place.netloc}\r\nCoder-Session-Token: {token}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    assert connection.recv(4096).startswith(b"HTTP/1.1 101")
    return connection
