"""A process that was told to end does so in time, whatever it waits for."""

from __future__ import annotations

import logging
import os
import time
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Self

__all__ = ["Deadline"]

_log = logging.getLogger(__name__)


class Deadline:
    """Ends the process, as a success, when a time that was set is over.

    For what cannot be cancelled: a thread that waits for a file or for the name of
    a host. A context manager: leaving it in time is all that it asks for.
    """

    def __init__(self) -> None:
        # Of all queues the one that a signal handler may use.
        self._words: SimpleQueue[float | None] = SimpleQueue()
        self._thread = Thread(target=self._watch, name="deadline", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._words.put(None)
        self._thread.join()

    def within(self, seconds: float) -> None:
        """Set the time that is left; an earlier end that was set stays."""
        self._words.put(time.monotonic() + seconds)

    def _watch(self) -> None:
        end: float | None = None
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            try:
                word = self._words.get(timeout=left)
            except Empty:
                _log.warning("something still waits; ending without it")
                os._exit(0)
            if word is None:
                return
            end = word if end is None else min(end, word)
