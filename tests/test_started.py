"""Nothing outlives the run that started it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psutil
import pytest

from tests._started import started

_ROOT: Final = Path(__file__).parent.parent
_PATIENCE: Final = 30.0

_DEAF: Final = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("here", flush=True)
time.sleep(600)
"""
_PARENT: Final = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {_DEAF!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""
_KEEPER: Final = """
import os, signal
from tests.fakes.postgres import running_postgres
with running_postgres() as postgres:
    print(postgres.folder, flush=True)
    signal.pause()
"""


def _wait(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def _is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_what_a_command_started_ends_with_whoever_is_interrupted(
    tmp_path: Path,
) -> None:
    said = tmp_path / "said"

    with (
        pytest.raises(KeyboardInterrupt),
        said.open("wb") as output,
        started([sys.executable, "-c", _PARENT], tmp_path, output) as process,
    ):
        _wait(lambda: said.read_bytes().endswith(b"\n"))
        raise KeyboardInterrupt

    assert process.returncode
    assert b"KeyboardInterrupt" in said.read_bytes()
    child = int(said.read_bytes().split()[0])
    _wait(lambda: _is_gone(child))


def test_a_run_that_is_killed_leaves_no_postgres() -> None:
    command = [sys.executable, "-c", _KEEPER]
    with subprocess.Popen(
        command, cwd=_ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        folder = process.stdout.readline().strip()
        try:
            if not folder:
                pytest.skip("no Postgres here")
            data = Path(folder) / "data"
            server = int((data / "postmaster.pid").read_text().split()[0])
        finally:
            process.send_signal(signal.SIGKILL)

    _wait(lambda: not Path(folder).exists())
    assert _is_gone(server)
