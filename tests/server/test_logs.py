"""What `coderchat serve` logs: one JSON object a line, and nothing that was said."""

from __future__ import annotations

import json
import logging
import socket
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from coderchat_jupyter.cli import main
from coderchat_jupyter.server.logs import JsonLines, TextLines
from tests.fakes.processes import add_user, serve
from tests.server.caller import Client


def _request_lines(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["logger"].endswith(".requests")]


def test_a_server_logs_json_lines_without_content_tokens_keys_or_queries(
    tmp_path: Path,
) -> None:
    database = tmp_path / "server.db"
    user = add_user(database, "admin", "--admin")
    script = tmp_path / "script"
    script.write_text(json.dumps({"scripts": {"default": [[{"text": "SAID-BACK"}]]}}))
    token = user["token"]
    with (tmp_path / "log").open("w+") as errors:
        with serve(
            database, "--scripted", str(script), "--log-format", "json", errors=errors
        ) as server:
            with Client(server.url, user) as client:
                chat = client.create("SAID-FIRST")
                client.until(chat, "waiting")
            body = {
                "type": "openai-compat",
                "name": "vendor",
                "base_url": "http://127.0.0.1:9/v1",
                "api_keys": ["sk-SEALED-KEY"],
            }
            headers = {"Coder-Session-Token": token}
            url = f"{server.url}/api/v2/ai/providers?access_token={token}&q=ASKED"
            made = httpx.post(url, json=body, headers=headers)
            missing = httpx.get(f"{server.url}/no%0Asuch%1b?q=ASKED")
            socket_url = f"ws{server.url[4:]}/api/experimental/chats/{chat}/stream"
            with connect(
                f"{socket_url}?coder_session_token={token}", additional_headers=headers
            ) as stream:
                stream.recv(10)
            server.process.terminate()
            server.process.wait(20)
        errors.seek(0)
        text = errors.read()
    lines = [json.loads(line) for line in text.splitlines()]
    told = {(r["method"], r["path"], r["status"]): r for r in _request_lines(lines)}

    assert (made.status_code, missing.status_code) == (201, 404)
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    created = told["POST", "/api/experimental/chats", 201]
    streamed = told["GET", f"/api/experimental/chats/{chat}/stream", 101]
    assert created["user_id"] == streamed["user_id"] == user["id"]
    assert streamed["chat_id"] == chat
    assert created["duration_ms"] >= 0
    assert "user_id" not in told["GET", "/no%0Asuch%1b", 404]
    for secret in ("SAID", token, token.split("-")[1], "SEALED", "ASKED", "?"):
        assert secret not in text


def test_a_refusal_to_start_is_a_json_line_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.handlers.clear()
    try:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            database = ["--database", str(tmp_path / "a")]
            more = ["--log-format", "json"]
            status = main(["serve", "--port", port, *database, *more])
    finally:
        root.handlers[:] = before
        root.setLevel(level)

    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert status == 1
    assert (told["level"], f"port {port}" in told["message"]) == ("error", True)


@pytest.mark.parametrize("lines", [JsonLines(), TextLines()], ids=["json", "text"])
def test_an_exception_is_told_by_type_and_place_but_never_by_its_text(
    lines: logging.Formatter,
) -> None:
    try:
        try:
            raise KeyError("HUSH-" + "one")
        except KeyError as cause:
            raise ValueError("HUSH-" + "two") from cause
    except ValueError:
        words = "it broke\nwith %s", ("HUSH-three",)
        record = logging.LogRecord(
            "somebody", logging.ERROR, __file__, 1, *words, sys.exc_info()
        )

    told = lines.format(record)
    assert "HUSH-one" not in told
    assert "HUSH-two" not in told
    assert "HUSH-three" not in told
    assert "it broke" in told
    assert "KeyError" in told
    assert "ValueError" in told
    assert "test_logs.py" in told
