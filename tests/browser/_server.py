"""A chat server in a process of its own, whose model plays a file."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

__all__ = ["SCRIPTS", "ChatServer", "run_server"]

_USAGE: Final = {"usage": {"input_tokens": 1200, "output_tokens": 340}}

_LESSON: Final = """\
## Context managers

A context manager runs code **before** and **after** a block, even if it fails:

```python
with open("notes.txt") as file:
    text = file.read()
```

1. `__enter__` opens what the block needs.
2. `__exit__` closes it, whatever happened.

| when | what runs |
|---|---|
| the block ends | `__exit__(None, None, None)` |
| it raises | `__exit__(type, value, traceback)` |

"""

SCRIPTS: Final[dict[str, Any]] = {
    "default": [[{"text": _LESSON, "chunk": 8, "delay_ms": 5}, _USAGE]],
    # Long enough that no test is faster than it, whatever the machine.
    "slow": [
        [
            {"text": _LESSON},
            {"text": "Block {i} is over. ", "repeat": 4000, "delay_ms": 50},
        ]
    ],
    # A few seconds: growth can be seen, and so can the end.
    "steady": [
        [
            {"text": "# Steady\n\n"},
            {"text": "Sentence {i} of the answer. ", "repeat": 40, "delay_ms": 40},
            {"text": "\n\n```python\ndef greet(name):\n    return name\n```\n"},
            _USAGE,
        ]
    ],
}
"""Chosen by `#name` in a prompt."""


@dataclass(frozen=True, slots=True)
class ChatServer:
    """Where the server is, and what opens it."""

    url: str
    token: str = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """What makes a kernel use it."""
        return {"CODER_URL": self.url, "CODER_SESSION_TOKEN": self.token}


@contextmanager
def run_server(place: Path) -> Iterator[ChatServer]:
    """Serve on a free port of this machine; end it at the end."""
    scripts, token = place / "scripts.json", place / "token"
    scripts.write_text(json.dumps({"scripts": SCRIPTS}), "utf-8")
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
        yield ChatServer(url=url, token=token.read_text("utf-8").strip())
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
