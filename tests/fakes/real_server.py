"""A real server in a process of its own, on a database that outlives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import psutil

__all__ = ["RealServer"]


class RealServer:
    """`coderchat serve`, which may be killed and started again on the same port."""

    def __init__(self, folder: Path, scripts: dict[str, Any]) -> None:
        """Prepare it.

        Args:
            folder: For database, token and log.
            scripts: What the scripted provider plays, by name.
        """
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._script = folder / "script.json"
        self._script.write_text(json.dumps({"scripts": scripts}))
        self._token_file = folder / "token"
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return self._token_file.read_text().strip()

    def start(self, *flags: str) -> None:
        """Start it and wait until it says its address."""
        command = [sys.executable, "-m", "coderchat_jupyter", "serve"]
        options = {
            "--port": str(self.port),
            "--database": str(self._folder / "chats.db"),
            "--scripted": str(self._script),
            "--token-file": str(self._token_file),
        }
        pairs = [word for pair in options.items() for word in pair]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *pairs, *flags],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )
        line = _first_line(self._process, 60)
        assert line.startswith("http"), line + self.log
        self.port = int(line.strip().rsplit(":", 1)[1].strip("/"))

    def kill(self) -> None:
        """As a machine that loses power: no goodbye, nothing written."""
        process = self._process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        self._end()

    def stop(self) -> None:
        """As an administrator."""
        if self._process is not None:
            self._process.terminate()
            self._end()

    @property
    def cpu_seconds(self) -> tuple[float, float]:
        """What it has used so far, as user and for the system."""
        assert self._process is not None
        used = psutil.Process(self._process.pid).cpu_times()
        return used.user, used.system

    @property
    def log(self) -> str:
        return (self._folder / "server.log").read_text()

    def _end(self) -> None:
        process, self._process = self._process, None
        assert process is not None
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()


def _first_line(process: subprocess.Popen[str], seconds: float) -> str:
    said: Queue[str] = Queue()
    assert process.stdout is not None
    reader = Thread(target=lambda out: said.put(out.readline()), args=(process.stdout,))
    reader.start()
    try:
        return said.get(timeout=seconds)
    except Empty:
        process.kill()
        return ""
    finally:
        reader.join()
