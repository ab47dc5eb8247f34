"""Parts of the checks in a process of their own, beside those that wait a lot.

What they say is kept until they are over: two at once could not be read.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from tests._started import started

__all__ = ["Row", "beside", "write_report"]

Row: TypeAlias = tuple[str, tuple[int, int, int], float]
"""A part's name, what passed, failed and was skipped, and its seconds."""

_ROOT: Final = Path(__file__).resolve().parent.parent


@contextmanager
def beside(names: Sequence[str]) -> Iterator[list[Row]]:
    """Run parts while the block does; the list is filled at its end.

    Args:
        names: Theirs; none starts nothing.
    """
    rows: list[Row] = []
    if not names:
        yield rows
        return
    with tempfile.TemporaryDirectory() as directory:
        report, log = Path(directory) / "report.json", Path(directory) / "log"
        command = [sys.executable, "-m", "tests._parts", f"--report={report}", *names]
        with log.open("wb") as said, started(command, _ROOT, said) as process:
            yield rows
            process.wait()
        print(log.read_text("utf-8", "replace"), flush=True)
        rows += _read_report(report, names)


def write_report(path: Path, rows: Sequence[Row]) -> None:
    """Write what `beside` reads."""
    path.write_text(json.dumps(rows), "utf-8")


def _read_report(path: Path, names: Sequence[str]) -> list[Row]:
    if not path.is_file():  # it ended before it could say what failed
        return [(name, (0, 1, 0), 0.0) for name in names]
    return [
        (name, (passed, failed, skipped), seconds)
        for name, (passed, failed, skipped), seconds in json.loads(path.read_text())
    ]
