"""What a server said to one client that this release has no name for."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from coderchat_jupyter.wire.events import MessagePartEvent
from coderchat_jupyter.wire.framing import Batch
from coderchat_jupyter.wire.parts import UnknownPart
from coderchat_jupyter.wire.unknown import count_unknown

__all__ = ["Unknowns"]


class Unknowns:
    """Counts by name, added to by every answer and frame. For any thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def counted(self) -> Mapping[str, int]:
        """The counts as they are now."""
        with self._lock:
            return MappingProxyType(dict(self._counts))

    def note(self, value: Any) -> None:
        """Take in what was decoded: one value, or a tuple of them."""
        with self._lock:
            count_unknown(value, self._counts)

    def note_batch(self, batch: Batch) -> None:
        """Take in a frame, unless it is nothing but pieces of known parts.

        Those are by far the most, and what is new in them comes again in the message
        that they end up in.
        """
        first, last = batch[0], batch[-1]
        if not (_is_plain(first) and (first is last or _is_plain(last))):
            self.note(batch)


def _is_plain(event: Any) -> bool:
    """It is a piece of a known part."""
    if type(event) is not MessagePartEvent:
        return False
    return type(event.message_part.part) is not UnknownPart
