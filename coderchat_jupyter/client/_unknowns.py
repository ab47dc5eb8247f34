"""What a server said to one client that this release has no name for."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from coderchat_jupyter.wire.events import MessagePartEvent
from coderchat_jupyter.wire.framing import Batch
from coderchat_jupyter.wire.parts import ReasoningPart, TextPart, ToolCallPart
from coderchat_jupyter.wire.unknown import count_unknown

__all__ = ["Unknowns"]

_TEXTS: Final = frozenset({TextPart, ReasoningPart})
_WRITERS: Final = frozenset({"assistant", "tool"})
"""Who writes pieces; whoever else does is worth a look."""


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
        """Take in a frame. Known pieces, by far the most, cost next to nothing."""
        odd = [event for event in batch if not _is_plain(event)]
        if odd:
            self.note(tuple(odd))


def _is_plain(event: Any) -> bool:
    """It is a known piece, with no more to it than is known."""
    if type(event) is not MessagePartEvent or event.__pydantic_extra__:
        return False
    streamed = event.message_part
    part: Any = streamed.part
    kind = type(part)
    return (
        (kind in _TEXTS or (kind is ToolCallPart and not part.parsed_commands))
        and not part.__pydantic_extra__
        and not streamed.__pydantic_extra__
        and streamed.role in _WRITERS
    )
