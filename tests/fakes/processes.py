"""Processes that a test starts and ends: the server, and who it talks to."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

__all__ = [
    "COMMAND",
    "Running",
    "add_user",
    "coderchat",
    "running",
    "scripted_vendor",
    "serve",
]

_ROOT: Final = Path(__file__).parents[2]
COMMAND: Final = (
    sys.executable,
    "-c",
    "import sys; from coderchat_jupyter.cli import main; sys.exit(main())",
)


@dataclass(frozen=True)
class Running:
    """A process and the address it printed first."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.process.kill()
        self.process.wait(10)


@contextmanager
def running(*command: str, errors: IO[str] | None = None) -> Iterator[Running]:
    """Start a process that prints its address; end it, if it still runs.

    Args:
        command: What is run.
        errors: What its standard error goes to, if not to that of the tests.
    """
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=_ROOT
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, f"{command} printed no address"
            yield Running(url, process)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(20)


def serve(
    database: Path | str, *more: str, port: int = 0, errors: IO[str] | None = None
) -> Any:
    """`coderchat serve` on a database."""
    words = ["serve", "--port", str(port), "--database", str(database), *more]
    return running(*COMMAND, *words, errors=errors)


def scripted_vendor() -> Any:
    """The vendor of `tests.fakes.scripted_vendor`."""
    return running(sys.executable, "-m", "tests.fakes.scripted_vendor")


def coderchat(*words: str | Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Any command that ends by itself, and what it printed."""
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=_ROOT,
    )


def add_user(database: Path | str, name: str, *more: str) -> dict[str, str]:
    """`coderchat users add`."""
    done = subprocess.run(
        [*COMMAND, "users", "add", name, "--json", "--database", str(database), *more],
        capture_output=True,
        text=True,
        check=True,
        cwd=_ROOT,
    )
    return dict(json.loads(done.stdout))
