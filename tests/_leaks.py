"""What this process holds: threads, child processes and sockets."""

from __future__ import annotations

import gc
import threading
import time
from dataclasses import dataclass
from typing import Final

import psutil

__all__ = ["Holdings", "held", "released"]

GRACE: Final = 5.0
"""Seconds that a thread or a child may take to end after it was told to."""

# Of the whole process by design, and ended with it.
_LASTING: Final = ("coderchat",)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held at one moment, each thing with words to name it."""

    threads: dict[int, str]
    children: dict[int, str]
    sockets: dict[tuple[object, ...], str]

    def since(self, before: Holdings) -> list[str]:
        """What is held here and was not before."""
        return [
            words
            for mine, theirs in (
                (self.threads, before.threads),
                (self.children, before.children),
                (self.sockets, before.sockets),
            )
            for key, words in mine.items()
            if key not in theirs
        ]


def held() -> Holdings:
    """Look at this process now."""
    process = psutil.Process()
    return Holdings(
        threads={
            thread.ident or 0: f"thread {thread.name!r}"
            for thread in threading.enumerate()
            if not thread.name.startswith(_LASTING)
        },
        children={child.pid: _named(child) for child in process.children()},
        sockets={
            (conn.fd, conn.laddr, conn.raddr): f"socket {conn.laddr} -> {conn.raddr}"
            for conn in process.net_connections(kind="inet")
        },
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


def _named(child: psutil.Process) -> str:
    try:
        return (
            f"process {child.pid} ({' '.join(child.cmdline()[:4])}, {child.status()})"
        )
    except psutil.Error:
        return f"process {child.pid}"
