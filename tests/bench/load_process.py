"""Processes on cores of their own, and what they use of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

__all__ = ["Shares", "memory", "on_core", "process"]

_CORES: Final = sorted(os.sched_getaffinity(0))


@contextmanager
def on_core(number: int) -> Iterator[None]:
    """Whatever is started here runs on that core alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {_CORES[number % len(_CORES)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def process(*words: str) -> Iterator[tuple[str, psutil.Process]]:
    """A module that prints its address; what it is in the table of processes."""
    command = [sys.executable, "-m", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        try:
            yield started.stdout.readline().strip(), psutil.Process(started.pid)
        finally:
            started.terminate()


def memory(found: psutil.Process) -> float:
    """What it has of the machine's, in KB."""
    return found.memory_info().rss / 1024


def _cpu(found: psutil.Process) -> float:
    used = found.cpu_times()
    return float(used.user + used.system)


class Shares:
    """What a server, its readers and perhaps its vendor use of their cores."""

    def __init__(
        self, server: psutil.Process, vendor: psutil.Process | None = None
    ) -> None:
        self._server = server
        self._vendor = vendor
        self._began = time.monotonic()
        self._before = self._used()

    def took(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def shares(self) -> dict[str, float]:
        """Fields of `Taken`, of the time since the beginning."""
        took, used = self.took(), self._used()
        return {name: (used[name] - self._before[name]) / took for name in used}

    def _used(self) -> dict[str, float]:
        # Linux: nanoseconds on a core, and in the queue for one.
        queued = Path(f"/proc/{self._server.pid}/schedstat").read_text().split()[1]
        return {
            "cpu": _cpu(self._server),
            "waited": int(queued) / 1e9,
            "readers_cpu": time.process_time(),
            "vendor_cpu": _cpu(self._vendor) if self._vendor else 0.0,
        }
