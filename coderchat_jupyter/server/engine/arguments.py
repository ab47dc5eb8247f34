"""What a model gives a tool, read as text that anybody may have written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from coderchat_jupyter.server.foreign_json import has_halves, read_whole

__all__ = ["read_arguments", "sound_text"]

_DEEPEST: Final = 100
"""Levels; with what is around them, half of what clients read."""


def read_arguments(text: str) -> Any:
    """The JSON value of a call's arguments; none at all is an empty object.

    Raises:
        ValueError: It is not JSON, holds a number out of range, or is nested more
            deeply than anybody reads.
    """
    value = read_whole(text or "{}")
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return value
    msg = f"nested more than {_DEEPEST} levels deep"
    raise ValueError(msg)


def sound_text(text: str, value: Any) -> str:
    """The text of arguments for vendors: as the model wrote it, if anybody reads it.

    Args:
        text: What the model wrote.
        value: What `read_arguments` made of it.
    """
    if not has_halves(text):
        return text or "{}"
    # Half a character, that is replaced in the value, is read by no library.
    return json.dumps(value, ensure_ascii=False)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
