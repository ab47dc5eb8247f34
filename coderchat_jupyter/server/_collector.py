"""The garbage collector of a process that only serves.

A whole collection looks at every object there is, and all that time no token moves:
a quarter of a second, with a few SDKs imported. What is there once the server has
started, or a library was imported, stays; it need not be looked at again.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["begin", "importing"]

_NEW_OBJECTS: Final = 5_000
"""Between two collections of what is new, which by default are every 700. Each takes a
few milliseconds, in which no token moves."""

_YOUNG: Final = 4
"""Such collections between two that also look at what was left by them."""

_OLD: Final = 80
"""Those between two whole ones, which take a hundred milliseconds under load."""

_counting: Final = threading.Lock()
_importers = 0


def begin() -> None:
    """Let the collector leave what is there; for a process that only serves."""
    gc.set_threshold(_NEW_OBJECTS, _YOUNG, _OLD)
    _leave_all()


@contextmanager
def importing() -> Iterator[None]:
    """Let it leave what is imported meanwhile, too, if it was told to `begin`.

    It rests meanwhile, or it would look at all that again and again.
    """
    if not gc.get_freeze_count():
        yield
        return
    known = len(sys.modules)
    _pause(1)
    try:
        yield
    finally:
        _pause(-1)
        if len(sys.modules) > known:
            gc.freeze()


def _pause(change: int) -> None:
    """Count who imports; the first stops the collector, and the last starts it."""
    global _importers  # noqa: PLW0603  there is one collector in a process
    with _counting:
        if not _importers:
            # What is garbage now would be left for ever. Of what is imported there
            # is hardly any, and to look for it would take a tenth of a second.
            gc.collect()
            gc.disable()
        _importers += change
        if not _importers:
            gc.enable()


def _leave_all() -> None:
    gc.collect()
    gc.freeze()
