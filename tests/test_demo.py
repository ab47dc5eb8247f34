"""`coderchat demo` without a screen, and what it refuses."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from coderchat_jupyter import _demo


def _notebook(path: Path, *cells: str) -> Path:
    book: Any = new_notebook(cells=[new_code_cell(source) for source in cells])
    nbformat.write(book, path)
    return path


def _cells(path: Path) -> list[dict[str, Any]]:
    book = nbformat.read(path, as_version=4)
    return cast("list[dict[str, Any]]", book.cells)


def test_an_executed_copy_holds_the_outputs_and_the_notebook_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Anyone can check the notebook without a screen, and without changing it."""
    notebook = _notebook(tmp_path / "first.ipynb", "x = 20", "x + 1")
    before = notebook.read_bytes()
    out = tmp_path / "new folder" / "out.ipynb"

    status = _demo.execute(notebook, out)

    assert status == 0
    assert _cells(out)[1]["outputs"][0]["data"] == {"text/plain": "21"}
    assert notebook.read_bytes() == before
    assert str(out) in capfd.readouterr().out


def test_a_failing_cell_fails_the_run_and_is_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A script that runs the demo must see that it failed, and where."""
    notebook = _notebook(tmp_path / "first.ipynb", "1 / 0", "print('never')")
    out = tmp_path / "out.ipynb"

    status = _demo.execute(notebook, out)

    assert status == 1
    assert "ZeroDivisionError" in capfd.readouterr().err
    assert _cells(out)[0]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert _cells(out)[1]["outputs"] == []


def test_a_kernel_is_told_which_notebook_it_runs(tmp_path: Path) -> None:
    """Chats are labelled with their notebook, with a screen or without."""
    notebook = _notebook(
        tmp_path / "first.ipynb",
        "from coderchat_jupyter import config\nconfig.load().notebook.name",
    )
    out = tmp_path / "out.ipynb"

    _demo.execute(notebook, out)

    assert _cells(out)[0]["outputs"][0]["data"] == {"text/plain": "'first.ipynb'"}


@contextmanager
def _demo_process(*words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", _MAIN, "demo", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


_MAIN = "import sys; from coderchat_jupyter.cli import main; sys.exit(main())"


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    """The way out is another port, not a stack trace."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with _demo_process("--no-browser", "--port", str(port)) as process:
            _, said = process.communicate(timeout=60)

    assert process.returncode == 1
    assert said.startswith(f"coderchat demo: Port {port} is taken.")
    assert "Traceback" not in said


def test_without_a_browser_the_first_line_is_the_address(
    tmp_path: Path, model_folder: Path
) -> None:
    """It can be copied, or read by a program."""
    data = tmp_path / "coderchat-data"
    data.mkdir()
    (data / "models").symlink_to(model_folder)

    with _demo_process("--no-browser") as process:
        assert process.stdout is not None
        address = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    assert address.startswith("http://127.0.0.1:")
    assert "/lab/tree/01_first_chat.ipynb?token=" in address
    assert os.environ["CODERCHAT_DATA_DIR"] == str(data)
