"""What a model gives a tool, read as text that anybody may have written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

__all__ = ["read_arguments"]

_DEEPEST: Final = 100
"""Levels; with what is around them, half of what clients read."""


def read_arguments(text: str) -> Any:
    """The JSON value of a call's arguments; none at all is an empty object.

    Raises:
        ValueError: It is not JSON, or nested more deeply than anybody reads.
    """
    try:
        value = json.loads(text or "{}", parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError(str(error)) from None
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return value
    msg = f"nested more than {_DEEPEST} levels deep"
    raise ValueError(msg)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _no_constant(name: str) -> Any:
    msg = f"{name} is no JSON"
    raise ValueError(msg)
