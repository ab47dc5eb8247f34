"""The last word of a kernel: what its live widgets showed, in a form that lasts.

A front end that still listens puts it into the notebook. Many do when a kernel is
restarted, few when it is shut down for good.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import weakref
from typing import Final, Protocol

__all__ = ["Freezable", "freeze_at_exit"]


class Freezable(Protocol):
    """Something in a cell that can be replaced by a picture of itself."""

    def freeze(self) -> None: ...


class _Shown:
    lock: Final = threading.Lock()
    widgets: Final[weakref.WeakSet[Freezable]] = weakref.WeakSet()
    is_registered = False


def freeze_at_exit(widget: Freezable) -> None:
    """Freeze `widget` when the kernel ends, if it is still there then."""
    with _Shown.lock:
        _Shown.widgets.add(widget)
        if not _Shown.is_registered:
            # Registered after the kernel's own, so it runs before the sockets close.
            atexit.register(_freeze_all)
            _Shown.is_registered = True


def _freeze_all() -> None:
    for widget in list(_Shown.widgets):
        # One that cannot be drawn must not keep the others from it.
        with contextlib.suppress(Exception):
            widget.freeze()
