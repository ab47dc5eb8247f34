"""The chat server in a process of its own, whose model plays a script."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

__all__ = ["SCRIPTS", "ChatServer", "run_server"]

TOKENS: Final = 2_000

_USAGE: Final = {"usage": {"input_tokens": 1200, "output_tokens": TOKENS}}

SCRIPTS: Final[dict[str, Any]] = {
    "default": [[{"text": "**Hello** from `the` script."}, _USAGE]],
    # Slow enough for a page to follow: some 5 s.
    "long": [[{"text": "w{i} ", "repeat": TOKENS, "delay_ms": 2}, _USAGE]],
    # As fast as it goes.
    "burst": [[{"text": "w{i} ", "repeat": TOKENS}, _USAGE]],
    # Longer than any test, whatever the machine.
    "endless": [[{"text": "word{i} ", "repeat": 4000, "delay_ms": 50}]],
    "silent": [[{"hang": True}]],
    "refused": [[{"error": {"status": 401, "message": "bad key"}}]],
    "hostile": [[{"text": "<script>alert(1)</script> \u001b[31m[x](javascript:y)"}]],
}
"""Chosen by `#name` in a prompt."""


@dataclass(frozen=True, slots=True)
class ChatServer:
    """Where the server is, and what opens it."""

    url: str
    token: str = field(repr=False)
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    @property
    def environment(self) -> dict[str, str]:
        """What makes a kernel use it."""
        return {"CODER_URL": self.url, "CODER_SESSION_TOKEN": self.token}


@contextmanager
def run_server(
    place: Path, plays: dict[str, Any] | None = None
) -> Iterator[ChatServer]:
    """Serve on a free port of this machine; end it at the end.

    Its model plays `plays`, by default the scripts above.
    """
    scripts, token = place / "scripts.json", place / "token"
    scripts.write_text(json.dumps({"scripts": plays or SCRIPTS}), "utf-8")
    command = [sys.executable, "-m", "coderchat_jupyter", "serve"]
    command += ["--port", "0", "--database", str(place / "chats.db")]
    command += ["--token-file", str(token), "--scripted", str(scripts)]
    log = place / "server.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        assert url.startswith("http"), log.read_text("utf-8", "replace")
        yield ChatServer(url, token.read_text("utf-8").strip(), process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
