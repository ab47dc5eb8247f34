"""What can be wrong with a prompt or a server: a sentence in the cell, no trace."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.kernels._kernel import Kernel, Run
from tests.kernels._server import ChatServer
from tests.kernels.conftest import Start

SHORT = 400
"""Characters that a message may have; a stack trace has thousands."""


def _chats(server: ChatServer) -> int:
    headers = {"Coder-Session-Token": server.token}
    url = f"{server.url}/api/experimental/chats"
    with httpx.Client(trust_env=False) as http:
        return len(http.get(url, headers=headers, params={"limit": 200}).json())


def _ended(kernel: Kernel, cell: Run) -> dict[str, Any]:
    """The static output of a cell that was done at once and failed later."""
    assert cell.status == "ok"
    display_id = cell.display_id()
    found: list[dict[str, Any]] = []

    def has_come() -> bool:
        found[:] = [
            m["content"]["data"]
            for m in kernel.messages
            if m["msg_type"] == "update_display_data"
            and m["content"]["transient"]["display_id"] == display_id
        ]
        return bool(found)

    kernel.until(has_come)
    assert not [m for m in kernel.messages if m["msg_type"] == "error"]
    assert "Traceback" not in found[0]["text/plain"]
    assert len(found[0]["text/plain"]) < SHORT
    return found[0]


@pytest.fixture
def kernel(shared_kernel: Kernel) -> Kernel:
    """A kernel is as good after a mistake as it was before: one serves them all."""
    return shared_kernel


@pytest.fixture
def stranger() -> Iterator[str]:
    """A web server that has nothing to do with Coder."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>Welcome to my printer</html>")

        do_POST = do_GET  # noqa: N815 - the library looks it up by this name

        def log_message(self, *_: Any) -> None:
            """Quietly."""

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def test_a_wrong_token_says_what_to_do(start_kernel: Start, server: ChatServer) -> None:
    """And is not shown, not even in part."""
    token = "wrongtoken-wrongwrongwrongwrong"
    kernel = start_kernel(CODER_URL=server.url, CODER_SESSION_TOKEN=token)
    kernel.run("%load_ext coderchat_jupyter")

    shown = _ended(kernel, kernel.run("%%chat\nmy prompt"))

    assert "401" in shown["text/plain"]
    assert "coder login" in shown["text/plain"]
    assert "CODER_SESSION_TOKEN" in shown["text/plain"]
    assert "my prompt" in shown["text/html"]
    assert not [m for m in kernel.messages if "wrongwrong" in repr(m["content"])]
    assert kernel.value("[_chat.status, type(_chat.error).__name__]") == [
        "error",
        "AuthenticationError",
    ]


def test_a_server_that_is_down_is_named(start_kernel: Start) -> None:
    """With its address, which is what one has to check."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        kernel = start_kernel(CODER_URL=url, CODER_SESSION_TOKEN="t")
        kernel.run("%load_ext coderchat_jupyter")

        shown = _ended(kernel, kernel.run("%%chat\nhello"))

    assert f"No server answers at {url}" in shown["text/plain"]


def test_a_server_of_another_kind_is_told_apart(
    start_kernel: Start, stranger: str
) -> None:
    """Its pages are not errors of Coder."""
    kernel = start_kernel(CODER_URL=stranger, CODER_SESSION_TOKEN="t")
    kernel.run("%load_ext coderchat_jupyter")

    shown = _ended(kernel, kernel.run("%%chat\nhello"))

    assert "not like a Coder server" in shown["text/plain"]
    assert "printer" not in shown["text/plain"]


def test_half_a_configuration_says_what_is_missing(start_kernel: Start) -> None:
    """And does not take the prompt anywhere else."""
    kernel = start_kernel(CODER_URL="https://coder.example.com")
    kernel.run("%load_ext coderchat_jupyter")

    shown = _ended(kernel, kernel.run("%%chat\nhello"))

    assert "CODER_SESSION_TOKEN" in shown["text/plain"]
    assert kernel.value("_chat.chat_id") is None


def test_an_unknown_model_is_named_beside_the_known_ones(
    kernel: Kernel, server: ChatServer
) -> None:
    """Before a chat is made for it."""
    before = _chats(server)

    shown = _ended(kernel, kernel.run("%%chat --model gtp-5\nhello"))

    assert "'gtp-5'" in shown["text/plain"]
    assert "Scripted" in shown["text/plain"]
    assert _chats(server) == before


@pytest.mark.parametrize(
    "cell", ["%%chat", "%%chat\n", "%%chat\n  \n\n", "%%chat --new"]
)
def test_an_empty_prompt_is_refused_at_once(
    kernel: Kernel, server: ChatServer, cell: str
) -> None:
    """Without a widget, a chat or a trace."""
    before = _chats(server)

    run = kernel.run(cell)

    assert run.stderr == "UsageError: The prompt is empty. Nothing was sent.\n"
    assert "error" not in run.kinds
    assert "display_data" not in run.kinds
    assert _chats(server) == before


def test_a_prompt_of_5_megabytes_is_refused_at_once(
    kernel: Kernel, server: ChatServer
) -> None:
    """A server would refuse it after all of it was sent."""
    before = _chats(server)

    run = kernel.run("%%chat\n" + "x" * 5_000_000)

    assert "5.0 MB" in run.stderr
    assert len(run.stderr) < SHORT
    assert "error" not in run.kinds
    assert "display_data" not in run.kinds
    assert _chats(server) == before


@pytest.mark.parametrize("option", ["--modle x", "--model", "-o 1"])
def test_a_wrong_option_is_a_sentence(kernel: Kernel, option: str) -> None:
    """Not a prompt, and not a trace."""
    run = kernel.run(f"%%chat {option}\nhello")

    assert run.stderr.startswith("UsageError: ")
    assert "error" not in run.kinds
    assert "display_data" not in run.kinds


@pytest.mark.parametrize(
    "prompt",
    [
        'why is {x} and $y "it\'s" `not`?',
        "{}",
        "what is it?",
        "%chat? !ls ?",
        "a\\nb \\",
        "漢字 🙂 \u202e?",
    ],
)
def test_a_prompt_reaches_the_server_to_the_letter(
    kernel: Kernel, server: ChatServer, prompt: str
) -> None:
    """Whatever Python, IPython or a shell would make of it."""
    kernel.run("x = 'expanded'; y = 'expanded'")
    kernel.run(f"%chat {prompt}")
    kernel.run("_chat.wait();")
    chat_id = kernel.value("_chat.chat_id")

    headers = {"Coder-Session-Token": server.token}
    url = f"{server.url}/api/experimental/chats/{chat_id}/messages"
    with httpx.Client(trust_env=False) as http:
        messages = http.get(url, headers=headers).json()["messages"]

    asked = [m["content"][0]["text"] for m in messages if m["role"] == "user"]
    assert asked[0] == prompt.strip()  # the newest comes first


def test_a_model_that_fails_is_told_in_the_output(kernel: Kernel) -> None:
    """The prompt was sent, so the chat stays; the reason stands below it."""
    shown = _ended(kernel, kernel.run("%%chat\nplay #refused"))

    assert "Error: " in shown["text/plain"]
    assert kernel.value("[_chat.status, type(_chat.error).__name__]") == [
        "error",
        "AnswerError",
    ]


def test_the_next_prompt_works_after_one_that_failed(
    kernel: Kernel, tmp_path: Path
) -> None:
    """A mistake must not need a new kernel."""
    _ended(kernel, kernel.run("%%chat --model nobody\nhello"))
    kernel.run("%%chat\nplay #refused")
    # Until then the next one would be queued behind it, and stay there.
    assert kernel.value("_chat.wait().status") == "error"
    kernel.run("%%chat\nhello")

    assert kernel.value("_chat.wait().status") == "done"
