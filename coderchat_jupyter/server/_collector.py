"""The garbage collector of a process that only serves.

A whole collection looks at every object there is, and all that time no token moves:
a quarter of a second, with a few SDKs imported. What is there once the server has
started, or a library was imported, stays; it need not be looked at again.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["begin", "importing"]

_NEW_OBJECTS: Final = 20_000
"""Between two collections of what is new, which by default are every 700."""


def begin() -> None:
    """Let the collector leave what is there; for a process that only serves."""
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
    _leave_all()


@contextmanager
def importing() -> Iterator[None]:
    """Let it leave what is imported meanwhile, too, if it was told to `begin`."""
    known = len(sys.modules)
    yield
    if len(sys.modules) > known and gc.get_freeze_count():
        _leave_all()


def _leave_all() -> None:
    # What is garbage now would be left for ever.
    gc.collect()
    gc.freeze()
