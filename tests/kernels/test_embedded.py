"""The embedded server and its real model, behind a kernel that knows of neither."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.kernels._kernel import Kernel
from tests.kernels._page import Page
from tests.kernels.conftest import Start


@pytest.fixture
def data_dir(tmp_path: Path, model_folder: Path) -> Iterator[Path]:
    """A data directory with the model in it; no server outlives the test."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "models").symlink_to(model_folder)
    yield folder
    if (pid := _server_pid(folder)) is not None:
        _end(pid, signal.SIGTERM)


@pytest.fixture
def embedded(data_dir: Path, start_kernel: Start) -> Kernel:
    """A kernel for which nothing was configured.

    The data directory comes first and so goes last: a kernel that still lives would
    bring its server back.
    """
    kernel = start_kernel(
        CODERCHAT_DATA_DIR=str(data_dir), CODERCHAT_RUNTIME_DIR=str(data_dir / "run")
    )
    kernel.run("%load_ext coderchat_jupyter")
    return kernel


def _server_pid(data_dir: Path) -> int | None:
    try:
        known = json.loads((data_dir / "run" / "server.json").read_text("utf-8"))
    except OSError:
        return None
    return int(known["pid"])


def _end(pid: int, how: signal.Signals) -> None:
    """End the server and wait until it, and the model it runs, are gone."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    os.kill(pid, how)
    _, alive = psutil.wait_procs(family, timeout=30)
    for each in alive:
        each.kill()


def test_the_first_prompt_starts_everything_and_the_cell_does_not_wait(
    embedded: Kernel,
) -> None:
    """A second or two for the server, and a model's own pace after that."""
    cell = embedded.run("%%chat\nSay hello.")
    status = embedded.value("_chat.status")

    embedded.run("_chat.wait();")

    assert cell.status == "ok"
    assert status in ("starting", "running")
    assert embedded.value("_chat.status") == "done"
    assert len(embedded.value("_chat.text")) > 1
    assert embedded.value("_chat.usage.output_tokens") > 0
    assert embedded.value("_chat.cost_micros") == 0
    assert "Starting" in json.dumps([m["content"] for m in embedded.messages])
    assert Page().read(embedded.messages).text.strip()


def test_a_chat_goes_on_after_its_server_was_killed(
    embedded: Kernel, data_dir: Path
) -> None:
    """The next prompt starts it again; the chat is where it was."""
    embedded.run("%%chat -o one\nSay hello.")
    embedded.run("one.wait();")
    pid = _server_pid(data_dir)
    assert pid is not None
    _end(pid, signal.SIGKILL)

    embedded.run("%%chat -o two\nSay goodbye.")
    embedded.run("two.wait();")

    assert embedded.value("two.status") == "done"
    assert embedded.value("one.chat_id == two.chat_id")
    assert embedded.value("bool(two.text)")
    assert _server_pid(data_dir) != pid


def test_an_answer_outlives_its_server_and_can_be_stopped(
    embedded: Kernel, data_dir: Path
) -> None:
    """The kernel brings the server back, and the server goes on with the turn."""
    embedded.run("%%chat\nTell me a very long story about a snail.")
    embedded.until(lambda: len(Page().read(embedded.messages).text) > 10)
    pid = _server_pid(data_dir)
    assert pid is not None
    _end(pid, signal.SIGKILL)

    embedded.until(lambda: _server_pid(data_dir) not in (None, pid))
    embedded.until(lambda: len(Page().read(embedded.messages).text) > 10)
    embedded.run("_chat.stop()")
    embedded.run("_chat.wait();")

    assert embedded.value("_chat.status") in ("stopped", "done")


def test_two_kernels_share_one_server(
    embedded: Kernel, start_kernel: Start, data_dir: Path
) -> None:
    """Its model is the memory that a machine has to give."""
    other = start_kernel(
        CODERCHAT_DATA_DIR=str(data_dir), CODERCHAT_RUNTIME_DIR=str(data_dir / "run")
    )
    other.run("%load_ext coderchat_jupyter")

    embedded.run("%%chat\nSay hello.")
    other.run("%%chat\nSay hello.")
    embedded.run("_chat.wait();")
    other.run("_chat.wait();")

    assert embedded.value("_chat.status") == other.value("_chat.status") == "done"
    url = "__import__('coderchat_jupyter.session').session.default_client().url"
    assert embedded.value(url) == other.value(url)
