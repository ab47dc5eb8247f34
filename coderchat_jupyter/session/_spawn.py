"""One start of the embedded server, seen from the kernel that asked for it."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from coderchat_jupyter.config import Settings

__all__ = ["Starting"]

# The kernel's child starts the server and is gone: the server is nobody's child that
# would have to be waited for, and no signal for the kernel's group reaches it.
_DETACH: Final = """
import os, subprocess, sys
log, *command = sys.argv[1:]
flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
away = {"start_new_session": True}
if os.name == "nt":
    away = {"creationflags": subprocess.DETACHED_PROCESS
            | subprocess.CREATE_NEW_PROCESS_GROUP}
with os.fdopen(os.open(log, flags, 0o600), "w") as errors:
    server = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=None, stderr=errors, **away)
print('{"pid": %d}' % server.pid, flush=True)
os._exit(0)
"""


class Starting:
    """A server on its way; what it says, line by line."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._settings = settings
        self._log = log
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._pid = 0
        self.is_alive = True
        """Until its output ends."""

    def __enter__(self) -> Self:
        """Start it."""
        command = [sys.executable, "-m", "coderchat_jupyter", "serve", "--embedded"]
        command += ["--data-dir", str(self._settings.data_dir)]
        command += ["--runtime-dir", str(self._settings.runtime_dir)]
        starter = [sys.executable, "-I", "-S", "-c", _DETACH, str(self._log)]
        self._starter = subprocess.Popen(
            [*starter, *command],
            # Where the package is found also if it is not installed; and not the
            # notebook's folder, whose files would be taken for modules.
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._reading = threading.Thread(
            target=self._read,
            args=(self._starter.stdout,),
            name="coderchat-server-start",
            daemon=True,
        )
        self._reading.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of it; a server that is ready lives on."""
        self._starter.wait()
        # A server that is ready closes its end by itself. The other ends are left to
        # the thread, which is in the middle of reading.
        if kind is None:
            self._reading.join(timeout=5)

    def lines(self, silence: float) -> Iterator[dict[str, Any]]:
        """What it says, until it says no more or nothing for `silence` seconds."""
        while True:
            try:
                line = self._lines.get(timeout=silence)
            except queue.Empty:
                return
            if line is None:
                self.is_alive = False
                return
            if isinstance(pid := line.get("pid"), int):
                self._pid = pid
            else:
                yield line

    def kill(self) -> None:
        """End it, if it is still there."""
        if self._pid and self.is_alive:
            with suppress(OSError):
                os.kill(self._pid, signal.SIGTERM)

    def _read(self, output: IO[str] | None) -> None:
        if output is None:
            return
        with output:
            for text in output:
                with suppress(ValueError):
                    line = json.loads(text)
                    if isinstance(line, dict):
                        self._lines.put(line)
        self._lines.put(None)
