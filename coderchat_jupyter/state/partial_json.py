"""Read JSON that is still being written."""

from __future__ import annotations

from pydantic import JsonValue
from pydantic_core import from_json

__all__ = ["partial_json"]


def partial_json(text: str) -> JsonValue:
    """What can be told already from the beginning of a JSON document.

    A whole document is its value. Of an unfinished object there are the finished
    keys, and the last one if it holds a string, as far as that got; other
    unfinished values are left out until they are whole. A text that is no
    beginning of a JSON document comes back as it is.
    """
    try:
        return _parse(text, partial=False)
    except ValueError:
        pass
    try:
        value = _parse(text, partial=True)
    except ValueError:
        return text
    if isinstance(value, dict) and value:
        key = next(reversed(value))
        if not isinstance(value[key], str) and _unfinished(text, key, value[key]):
            del value[key]
    return value


def _parse(text: str, *, partial: bool) -> JsonValue:
    value: JsonValue = from_json(
        text, allow_partial="trailing-strings" if partial else "off"
    )
    return value


def _unfinished(text: str, key: str, value: JsonValue) -> bool:
    """Whether more text could still change the value of the last key."""
    for more in ("0", ",0"):
        try:
            longer = _parse(text + more, partial=True)
        except ValueError:
            continue
        if isinstance(longer, dict) and longer.get(key) != value:
            return True
    return False
