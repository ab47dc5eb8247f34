"""Many open streams of running chats, on a server that has one core.

LOAD_STREAMS (500) sockets on LOAD_CHATS (50) chats, LOAD_RATE (50) tokens a second in
each, for LOAD_SECONDS (10). The server has a core of its own, vendor and readers share
the other. The floor is a bare echo of Starlette: as many sockets and messages.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

import httpx
import psutil

from tests.bench.load_readers import Readers
from tests.bench.load_vendor import GO
from tests.fakes.real_server import RealServer

__all__ = ["main"]

_STREAMS: Final = int(os.environ.get("LOAD_STREAMS", "500"))
_CHATS: Final = int(os.environ.get("LOAD_CHATS", "50"))
_RATE: Final = float(os.environ.get("LOAD_RATE", "50"))
_SECONDS: Final = float(os.environ.get("LOAD_SECONDS", "10"))

_CORES: Final = sorted(os.sched_getaffinity(0))

_API: Final = "/api/experimental/chats"
_LATE: Final = 5.0
"""Beyond the last token: for those that are late."""

_LONG: Final = 180.0
_WARM_UP: Final = 2.0

_TARGET_MS: Final = 50.0
_TARGET_KB: Final = 200.0


@dataclass(frozen=True)
class Taken:
    """What was measured of one server.

    Attributes:
        delays: Seconds of each message that arrived.
        expected: How many should have.
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
    def middle(self) -> float:
        """Milliseconds."""
        return median(self.delays) * 1e3

    @property
    def late(self) -> float:
        """Milliseconds that one in a hundred takes longer than."""
        return quantiles(self.delays, n=100)[98] * 1e3


@contextmanager
def _on_core(number: int) -> Iterator[None]:
    """Whatever is started here runs on that core alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {_CORES[number % len(_CORES)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _process(*words: str) -> Iterator[tuple[str, psutil.Process]]:
    """A module that prints its address; what it is in the table of processes."""
    command = [sys.executable, "-m", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), psutil.Process(process.pid)
        finally:
            process.terminate()


def _memory(process: psutil.Process) -> float:
    return process.memory_info().rss / 1024


def _cpu(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


class _Shares:
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


class _Setting:
    """A server with chats that have said a word, and rest."""

    def __init__(self, server: RealServer, vendor: str) -> None:
        self.http = httpx.Client(
            base_url=server.url,
            headers={"Coder-Session-Token": server.token},
            trust_env=False,
            timeout=60,
        )
        provider = self._call(
            "/api/v2/ai/providers",
            type="openai-compat",
            name="bench",
            base_url=f"{vendor}/v1",
            api_keys=["none"],
            enabled=True,
        )
        self._call(
            f"{_API}/model-configs",
            ai_provider_id=provider["id"],
            model="bench",
            context_limit=10**9,
            is_default=True,
        )
        (self._home,) = self.http.get("/api/v2/users/me").json()["organization_ids"]
        self.chats = [self._chat() for _ in range(_CHATS)]
        for chat in self.chats:
            self.rests(chat)

    def _call(self, path: str, **body: Any) -> Any:
        answer = self.http.post(path, json=body)
        answer.raise_for_status()
        return answer.json()

    def _chat(self) -> str:
        content = [{"type": "text", "text": "Hello"}]
        made = self._call(_API, organization_id=self._home, content=content)
        return str(made["id"])

    def rests(self, chat: str) -> None:
        """Wait until it does."""
        while self.http.get(f"{_API}/{chat}").json()["status"] != "waiting":
            time.sleep(0.05)

    def go(self, readers: Readers) -> None:
        """Let every chat talk, while the readers read."""
        # All at once, before those that talk already leave no time for the others.
        with ThreadPoolExecutor(_CHATS) as pool:
            gone = [pool.submit(self._go, chat) for chat in self.chats]
            while not all(one.done() for one in gone):
                readers.read(time.monotonic() + 0.05)
            for one in gone:
                one.result()

    def _go(self, chat: str) -> None:
        content = [{"type": "text", "text": GO}]
        self._call(f"{_API}/{chat}/messages", content=content)


def _ours(folder: Path) -> Taken:
    server = RealServer(folder, {"default": [[{"text": "-"}]]})
    # Longer than it takes until all have begun; the end of the server ends them.
    lasts = str(_SECONDS + _LONG)
    with _on_core(1), _process("tests.bench.load_vendor", str(_RATE), lasts) as vendor:
        with _on_core(0):
            server.start()
        try:
            assert server._process is not None
            found = psutil.Process(server._process.pid)
            setting = _Setting(server, vendor[0])
            with closing(setting.http), Readers() as readers:
                before = _memory(found)
                paths = [
                    f"{_API}/{setting.chats[number % _CHATS]}/stream"
                    for number in range(_STREAMS)
                ]
                readers.open(server.url, paths, server.token)
                readers.read(time.monotonic() + 1)
                idle = _memory(found) - before
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
    readers.delays.clear()
    shares = _Shares(found, vendor)
    readers.read(time.monotonic() + _SECONDS)
    return Taken(
        delays=readers.delays,
        expected=round(_STREAMS * _RATE * shares.took()),
        **shares.shares(),
        idle_kb=idle / _STREAMS,
        busy_kb=(_memory(found) - before) / _STREAMS,
        lost=readers.lost,
    )


def _floor() -> Taken:
    with _on_core(0):
        started = _process("tests.bench.load_echo")
        url, found = started.__enter__()
    try:
        with _on_core(1), Readers() as readers:
            before = _memory(found)
            readers.open(url, ["/"] * _STREAMS)
            idle = _memory(found) - before
            fds = readers.fds()
            shares, began = _Shares(found), time.monotonic()
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
            used = shares.shares()
            expected = round(_STREAMS * _RATE * shares.took())
            busy = _memory(found) - before
            readers.read(time.monotonic() + _LATE)
            return Taken(
                delays=readers.delays,
                expected=expected,
                idle_kb=idle / _STREAMS,
                busy_kb=busy / _STREAMS,
                lost=readers.lost,
                **used,
            )
    finally:
        started.__exit__(None, None, None)


def _line(name: str, ours: float, floor: float, unit: str, goal: str = "") -> None:
    ratio = f"{ours / floor:8.2f} x" if floor > 0 else "        -"
    print(f"  {name:<28}{ours:>10.1f}{floor:>10.1f} {unit:<4}{ratio}   {goal}")


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
    _line("of its core", ours.cpu * 100, floor.cpu * 100, "%")
    _line("waited for its core", ours.waited * 100, floor.waited * 100, "%")
    _line("readers, of the other", ours.readers_cpu * 100, floor.readers_cpu * 100, "%")
    _line("vendor, of the other", ours.vendor_cpu * 100, floor.vendor_cpu * 100, "%")
    _line("arrived of what was due", ours.arrived, floor.arrived, "%")
    _line("streams that were closed", ours.lost, floor.lost, "")
