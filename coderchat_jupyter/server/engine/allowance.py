"""How much a model may say in one answer, which is kept in memory until it ends."""

from __future__ import annotations

import json
from typing import Final

from coderchat_jupyter.server.providers._protocol import (
    Item,
    PartSigned,
    ProviderError,
    ReasoningDelta,
    SourceFound,
    TextDelta,
    ToolCall,
    ToolInputDelta,
)

__all__ = ["Allowance"]

_MOST: Final = 32 * 2**20
"""Characters. The longest answers of today's models are under one million."""

_EACH: Final = 64
"""What an item counts for beside its text: an endless number of empty ones, too."""


class Allowance:
    """Counts what comes of one answer."""

    def __init__(self) -> None:
        self._left = _MOST

    def take(self, item: Item) -> None:
        """Count an item.

        Raises:
            ProviderError: It is too much by now; asking again would not help.
        """
        self._left -= _EACH + _size(item)
        if self._left < 0:
            raise ProviderError(
                "The answer was ended: it is longer than this server takes.",
                kind_hint="generic",
            )


def _size(item: Item) -> int:
    if isinstance(item, TextDelta | ReasoningDelta):
        return len(item.text)
    if isinstance(item, ToolInputDelta):
        return len(item.delta or "")
    if isinstance(item, ToolCall):
        return len(item.args) + len(json.dumps(item.metadata))
    if isinstance(item, PartSigned):
        return len(json.dumps(item.metadata))
    if isinstance(item, SourceFound):
        return len(item.url) + len(item.title)
    return 0
