"""Many open streams of running chats, on a server that has one core.

LOAD_STREAMS (500) sockets on LOAD_CHATS (50) chats, LOAD_RATE (50) tokens a second in
each, for LOAD_SECONDS (10). The server has a core of its own, vendor and readers share
the other. The floor is a bare echo of Starlette: as many sockets and messages.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import psutil

from tests.bench.load_process import Shares, memory, on_core, process
from tests.bench.load_readers import Readers
from tests.bench.load_setting import API, Setting
from tests.fakes.real_server import RealServer

__all__ = ["main"]

_STREAMS: Final = int(os.environ.get("LOAD_STREAMS", "500"))
_CHATS: Final = int(os.environ.get("LOAD_CHATS", "50"))
_RATE: Final = float(os.environ.get("LOAD_RATE", "50"))
_SECONDS: Final = float(os.environ.get("LOAD_SECONDS", "10"))

_LATE: Final = 5.0
"""Beyond the last token: for those that are late."""

_LONG: Final = 180.0
_WARM_UP: Final = 4.0
"""Chats that begin cost more than chats that talk."""

_TARGET_MS: Final = 50.0
_TARGET_KB: Final = 200.0


@dataclass(frozen=True)
class Taken:
    """What was measured of one server.

    Attributes:
        delays: Seconds of each message that arrived.
        expected: How many should have.
        seconds: How long was measured.
        cpu: The share of its core that the server used.
        waited: The share of the time that the server waited for its core, which others
            used.
        readers_cpu: The share of their core that the readers used.
        vendor_cpu: The share of the same core that the vendor used; 0 if there is none.
        idle_kb: Memory of a socket on which nothing is said, in KB.
        busy_kb: The same while all is said.
        lost: How many sockets the server closed.
    """

    delays: list[float]
    expected: int
    seconds: float
    cpu: float
    waited: float
    readers_cpu: float
    vendor_cpu: float
    idle_kb: float
    busy_kb: float
    lost: int

    @property
    def arrived(self) -> float:
        """Per cent of what should have."""
        return len(self.delays) / self.expected * 100

    @property
    def token(self) -> float:
        """Milliseconds of its core for a token and all who are told it."""
        tokens = len(self.delays) / _STREAMS * _CHATS
        return self.cpu * self.seconds / tokens * 1e3

    @property
    def middle(self) -> float:
        """Milliseconds."""
        return median(self.delays) * 1e3

    @property
    def late(self) -> float:
        """Milliseconds that one in a hundred takes longer than."""
        return quantiles(self.delays, n=100)[98] * 1e3


def _ours(folder: Path) -> Taken:
    server = RealServer(folder, {"default": [[{"text": "-"}]]})
    # Longer than it takes until all have begun; the end of the server ends them.
    lasts = str(_SECONDS + _LONG)
    with on_core(1), process("tests.bench.load_vendor", str(_RATE), lasts) as vendor:
        with on_core(0):
            server.start()
        try:
            assert server._process is not None
            found = psutil.Process(server._process.pid)
            setting = Setting(server, vendor[0], _CHATS)
            with closing(setting.http), Readers() as readers:
                before = memory(found)
                paths = [
                    f"{API}/{setting.chats[number % _CHATS]}/stream"
                    for number in range(_STREAMS)
                ]
                readers.open(server.url, paths, server.token)
                readers.read(time.monotonic() + 1)
                idle = memory(found) - before
                setting.go(readers)
                readers.read(time.monotonic() + _WARM_UP)
                return _measured(readers, found, vendor[1], before, idle)
        finally:
            server.stop()


def _measured(
    readers: Readers,
    found: psutil.Process,
    vendor: psutil.Process,
    before: float,
    idle: float,
) -> Taken:
    readers.settle()
    readers.delays.clear()
    shares = Shares(found, vendor)
    readers.read(time.monotonic() + _SECONDS)
    used, took = shares.shares(), shares.took()
    busy = memory(found) - before
    readers.settle()
    return Taken(
        delays=readers.delays,
        expected=round(_STREAMS * _RATE * took),
        seconds=took,
        idle_kb=idle / _STREAMS,
        busy_kb=busy / _STREAMS,
        lost=readers.lost,
        **used,
    )


def _floor() -> Taken:
    with on_core(0):
        started = process("tests.bench.load_echo")
        url, found = started.__enter__()
    try:
        with on_core(1), Readers() as readers:
            before = memory(found)
            readers.open(url, ["/"] * _STREAMS)
            idle = memory(found) - before
            fds = readers.fds()
            shares, began = Shares(found), time.monotonic()
            # In twenty slices of each token's time, so that not all come at once.
            slices, pause = 20, 1 / _RATE / 20
            sent = 0
            for turn in range(round(_SECONDS * _RATE * slices)):
                part = fds[turn % slices :: slices]
                for fd in part:
                    readers.send(fd, b"%d" % time.monotonic_ns())
                sent += len(part)
                readers.read(began + (turn + 1) * pause)
                if time.monotonic() > began + _SECONDS:
                    break
            used, took = shares.shares(), shares.took()
            busy = memory(found) - before
            readers.read(time.monotonic() + _LATE)
            readers.settle()
            return Taken(
                delays=readers.delays,
                expected=round(_STREAMS * _RATE * took),
                seconds=took,
                idle_kb=idle / _STREAMS,
                busy_kb=busy / _STREAMS,
                lost=readers.lost,
                **used,
            )
    finally:
        started.__exit__(None, None, None)


def _line(name: str, ours: float, floor: float, unit: str, goal: str = "") -> None:
    ratio = f"{ours / floor:8.2f} x" if floor > 0 else "        -"
    print(f"  {name:<28}{ours:>10.2f}{floor:>10.2f} {unit:<4}{ratio}   {goal}")


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        ours = _ours(Path(folder))
    floor = _floor()
    print(
        f"{_STREAMS} streams on {_CHATS} chats, {_RATE:g} tokens a second in each: "
        f"{_STREAMS * _RATE:,.0f} messages a second, {_SECONDS:g} s\n"
    )
    print(f"  {'':<28}{'server':>10}{'bare echo':>10}")
    goal = f"target: under {_TARGET_MS:g}"
    _line("token to socket, median", ours.middle, floor.middle, "ms")
    _line("token to socket, 99 %", ours.late, floor.late, "ms", goal)
    goal = f"target: at most {_TARGET_KB:g}"
    _line("memory of an idle stream", ours.idle_kb, floor.idle_kb, "KB", goal)
    _line("memory of a busy stream", ours.busy_kb, floor.busy_kb, "KB")
    _line("of its core, for a token", ours.token, floor.token, "ms")
    _line("of its core", ours.cpu * 100, floor.cpu * 100, "%")
    _line("waited for its core", ours.waited * 100, floor.waited * 100, "%")
    _line("readers, of the other", ours.readers_cpu * 100, floor.readers_cpu * 100, "%")
    _line("vendor, of the other", ours.vendor_cpu * 100, floor.vendor_cpu * 100, "%")
    _line("arrived of what was due", ours.arrived, floor.arrived, "%")
    _line("streams that were closed", ours.lost, floor.lost, "")
