"""The embedded server as a kernel sees it: real processes, nothing in between."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import psutil
import pytest

from coderchat_jupyter.config import Deployment
from coderchat_jupyter.errors import EmbeddedServerError
from coderchat_jupyter.session._embedded import ensure_running, find_running
from coderchat_jupyter.wire.routes import TOKEN_HEADER
from tests.embed.conftest import World

STARTER = """
import json
from coderchat_jupyter.session._embedded import ensure_running
found = ensure_running()
print(json.dumps([found.url, found.token.get_secret_value()]))
"""


def ask(address: Deployment, path: str) -> httpx.Response:
    headers = {TOKEN_HEADER: address.token.get_secret_value()}
    return httpx.get(f"{address.url}{path}", headers=headers, trust_env=False)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a condition, without keeping the model from its processor."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def start_elsewhere() -> subprocess.Popen[str]:
    """Another kernel, as far as the server can tell."""
    return subprocess.Popen(
        [sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True
    )


def test_it_starts_on_first_use_and_is_found_again(world: World) -> None:
    said: list[str] = []

    first = ensure_running(said.append)
    second = ensure_running(said.append)

    assert first == second
    assert said[0] == "Starting the chat server"
    assert ask(first, "/api/v2/users/me").json()["username"] == "me"


def test_a_model_answers_without_any_set_up(world: World) -> None:
    """One user, one provider, one default model: a chat works at once."""
    address = ensure_running()

    (model,) = ask(address, "/api/experimental/chats/model-configs").json()
    (provider,) = ask(address, "/api/v2/ai/providers").json()

    assert model["is_default"]
    assert "tiny demo model" in model["display_name"]
    assert set(model["model_config"]["cost"].values()) == {"0"}
    assert provider["type"] == "local"


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_what_it_keeps_is_for_its_owner_alone(world: World) -> None:
    """The token opens everything that was ever said."""
    ensure_running()

    settings = world.settings

    def mode(path: os.PathLike[str]) -> int:
        return os.stat(path).st_mode & 0o777  # noqa: PTH116 - any path

    assert mode(settings.runtime_dir) == 0o700
    assert mode(settings.data_dir) == 0o700
    assert mode(world.file) == 0o600
    assert mode(settings.runtime_dir / "server.log") == 0o600
    assert mode(settings.data_dir / "embedded.json") == 0o600


def test_two_kernels_that_start_at_once_share_one_server(world: World) -> None:
    kernels = [start_elsewhere() for _ in range(3)]

    told = [kernel.communicate(timeout=90)[0] for kernel in kernels]

    assert [kernel.returncode for kernel in kernels] == [0, 0, 0]
    assert len({json.dumps(json.loads(text)) for text in told}) == 1
    assert world.process().is_running()


@pytest.mark.skipif(os.name != "posix", reason="groups are those of POSIX")
def test_it_outlives_the_kernel_and_is_out_of_reach_of_its_signals(
    world: World,
) -> None:
    """Interrupting or restarting a kernel signals its whole group."""
    kernel = start_elsewhere()
    url, token = json.loads(kernel.communicate(timeout=90)[0])

    found = find_running(world.settings)

    assert found is not None
    assert (found.url, found.token.get_secret_value()) == (url, token)
    server = world.process()
    assert os.getsid(server.pid) == server.pid
    assert os.getpgid(server.pid) != os.getpgid(0)
    assert server.ppid() != os.getpid()


def test_after_a_kill_the_same_address_and_token_come_back(world: World) -> None:
    """Chats that are open in notebooks look for the server where it was."""
    first = ensure_running()
    killed = world.process()
    killed.kill()
    killed.wait(timeout=20)
    assert world.file.exists()
    assert find_running(world.settings) is None

    second = ensure_running()

    assert second == first
    assert world.process().pid != killed.pid
    assert ask(second, "/api/v2/users/me").status_code == 200


def test_it_goes_in_order_when_told_to(world: World) -> None:
    ensure_running()
    server = world.process()

    server.send_signal(signal.SIGTERM)
    server.wait(timeout=20)

    assert not world.file.exists()
    assert find_running(world.settings) is None


def test_what_a_user_deleted_does_not_come_back(world: World) -> None:
    """The demo model is a present, not a fixture."""
    address = ensure_running()
    (model,) = ask(address, "/api/experimental/chats/model-configs").json()
    headers = {TOKEN_HEADER: address.token.get_secret_value()}
    path = f"/api/experimental/chats/model-configs/{model['id']}"
    gone = httpx.delete(f"{address.url}{path}", headers=headers, trust_env=False)
    assert gone.status_code == 204
    world.stop()

    address = ensure_running()

    assert ask(address, "/api/experimental/chats/model-configs").json() == []


@contextmanager
def stranger() -> Iterator[tuple[int, list[str]]]:
    """Another program on a loopback port; it notes who calls."""
    calls: list[str] = []

    class Note(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(str(self.headers))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Note) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1], calls
        finally:
            server.shutdown()
            thread.join()


def test_a_left_over_file_sends_the_token_to_nobody(world: World) -> None:
    """The port of a killed server may be another program's by now."""
    world.settings.runtime_dir.mkdir(parents=True, mode=0o700)
    with stranger() as (port, calls):
        left_over = {"url": f"http://127.0.0.1:{port}", "token": "t"}
        world.file.write_text(json.dumps(left_over), encoding="utf-8")

        found = find_running(world.settings)

    assert found is None
    assert calls == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"url": 1, "token": "t"}',
        '{"url": "http://127.0.0.1:1"}',
        '{"url": "http://example.org", "token": "t"}',
    ],
)
def test_a_spoilt_file_is_no_server(world: World, content: str) -> None:
    """And an address of another machine never gets the token."""
    world.settings.runtime_dir.mkdir(parents=True, mode=0o700)
    world.file.write_text(content, encoding="utf-8")

    assert find_running(world.settings) is None


def test_a_start_that_fails_says_why_and_where_the_log_is(world: World) -> None:
    (world.settings.data_dir / "chats.db").write_bytes(b"no database" * 1000)

    with pytest.raises(EmbeddedServerError) as caught:
        ensure_running()

    text = str(caught.value)
    assert "not a database" in text
    assert str(world.settings.runtime_dir / "server.log") in text


def test_a_folder_that_cannot_be_used_is_told(world: World) -> None:
    world.settings.runtime_dir.parent.mkdir(parents=True, exist_ok=True)
    world.settings.runtime_dir.write_text("a file, not a folder", encoding="utf-8")

    with pytest.raises(EmbeddedServerError, match="CODERCHAT_DATA_DIR"):
        ensure_running()


def test_one_data_folder_is_never_used_by_two(world: World) -> None:
    """Two machines may share a home, but not a SQLite file."""
    ensure_running()
    other = replace(world.settings, runtime_dir=world.settings.data_dir / "other")

    with pytest.raises(EmbeddedServerError, match="uses the same data"):
        ensure_running(settings=other)


def test_it_goes_when_nobody_needs_it(world: World) -> None:
    settings = world.settings
    command = [sys.executable, "-m", "coderchat_jupyter", "serve", "--embedded"]
    command += ["--data-dir", str(settings.data_dir), "--idle-seconds", "0.2"]
    command += ["--runtime-dir", str(settings.runtime_dir)]

    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False
    )

    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.returncode == 0, ended.stderr
    assert lines[-1] == {"ready": True}
    assert not world.file.exists()


def test_no_process_is_left_of_a_server_that_went(world: World) -> None:
    """The model's process ends with the server, also when that is killed."""
    address = ensure_running()
    me = ask(address, "/api/v2/users/me").json()
    content = [{"type": "text", "text": "What is the capital of France?"}]
    body = {"organization_id": me["organization_ids"][0], "content": content}
    made = httpx.post(
        f"{address.url}/api/experimental/chats",
        json=body,
        headers={TOKEN_HEADER: address.token.get_secret_value()},
        trust_env=False,
    )
    assert made.status_code == 201
    path = f"/api/experimental/chats/{made.json()['id']}"
    until(lambda: ask(address, path).json()["status"] in ("waiting", "error"))
    server = world.process()
    children = server.children(recursive=True)

    server.kill()

    _, alive = psutil.wait_procs([server, *children], timeout=20)
    assert children
    assert alive == []
