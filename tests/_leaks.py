"""What this process holds: threads, child processes and sockets."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

__all__ = ["Holdings", "held", "released"]

GRACE: Final = 5.0
"""Seconds that a thread or a child may take to end after it was told to."""

# Of the whole process by design, and ended with it.
_LASTING: Final = ("coderchat",)

_DESCRIPTORS: Final = Path("/proc/self/fd")


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held at one moment."""

    threads: dict[int, str]
    """Each with words to name it; so are the children."""
    children: dict[int, str]
    sockets: frozenset[tuple[int, str]]
    """Descriptors, each with what tells its socket from a later one there."""

    def since(self, before: Holdings) -> list[str]:
        """What is held here and was not before, in words."""
        return [
            *(self.threads[key] for key in self.threads.keys() - before.threads),
            *(self.children[key] for key in self.children.keys() - before.children),
            *_named(self.sockets - before.sockets),
        ]


def held() -> Holdings:
    """Look at this process now.

    Every test looks twice, so it must cost little: psutil reads of all processes
    and all connections of the machine, and is asked only if there is something new.
    """
    return Holdings(
        threads={
            thread.ident or 0: f"thread {thread.name!r}"
            for thread in threading.enumerate()
            if not thread.name.startswith(_LASTING)
        },
        children=_children() if _has_child() else {},
        sockets=_sockets(),
    )


def released(before: Holdings) -> list[str]:
    """Wait a bounded time until no more is held than before; what is left."""
    until = time.monotonic() + GRACE
    while left := held().since(before):
        if time.monotonic() > until:
            return left
        # An object in a cycle holds its socket until it is collected.
        gc.collect()
        time.sleep(0.02)
    return []


def _has_child() -> bool:
    if not hasattr(os, "waitid"):
        return True  # to be looked for
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _children() -> dict[int, str]:
    return {child.pid: _described(child) for child in psutil.Process().children()}


def _described(child: psutil.Process) -> str:
    try:
        return (
            f"process {child.pid} ({' '.join(child.cmdline()[:4])}, {child.status()})"
        )
    except psutil.Error:
        return f"process {child.pid}"


def _sockets() -> frozenset[tuple[int, str]]:
    if not _DESCRIPTORS.is_dir():  # no Linux
        return frozenset(_connections())
    found: set[tuple[int, str]] = set()
    for path in _DESCRIPTORS.iterdir():
        with suppress(OSError):  # that of the listing itself is closed again
            found.add((int(path.name), str(path.readlink())))
    return frozenset(one for one in found if one[1].startswith("socket:"))


def _named(sockets: frozenset[tuple[int, str]]) -> list[str]:
    """Those among them that are of a network, and not of a loop for itself."""
    if not sockets:
        return []
    numbers = {number for number, _ in sockets}
    return [words for number, words in _connections() if number in numbers]


def _connections() -> Iterator[tuple[int, str]]:
    for conn in psutil.Process().net_connections(kind="inet"):
        yield conn.fd, f"socket {conn.laddr} -> {conn.raddr}"
