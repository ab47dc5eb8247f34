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
        if not isinstance(value[key], str) and _is_open(text):
            del value[key]
    return value


def _parse(text: str, *, partial: bool) -> JsonValue:
    value: JsonValue = from_json(
        text, allow_partial="trailing-strings" if partial else "off"
    )
    return value


def _is_open(text: str) -> bool:
    """Whether an object's last value, which is no string, may still change."""
    depth, in_string, is_escaped = 0, False, False
    for char in text:
        if in_string:
            in_string = is_escaped or char != '"'
            is_escaped = char == "\\" and not is_escaped
        elif char == '"':
            in_string = True
        elif char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
    # In a string on the first level the next key is being written already.
    return depth > 1 or not (in_string or text.rstrip()[-1:] in ',}]":')
