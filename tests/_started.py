"""Commands that end with whoever started them, and all that they started with them."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

__all__ = ["started"]

_PATIENCE: Final = 30.0
"""Seconds to put away what was begun: servers, browsers, databases."""


@contextmanager
def started(
    words: Sequence[str], directory: Path, output: IO[bytes] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command; whoever leaves the block earlier ends it.

    Args:
        words: The command.
        directory: Where it runs.
        output: Where all it says goes, if not to where ours goes.
    """
    errors = None if output is None else subprocess.STDOUT
    with subprocess.Popen(
        words,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        # A group of its own can be ended with all that is in it.
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt it, as a terminal does; and kill what still runs after a while."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
