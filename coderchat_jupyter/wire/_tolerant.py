"""Decode fast when every tag is known, and patiently when one is not.

A closed union is several times cheaper than an open one, but raises on a tag that it
does not know. So the closed one goes first, and only a document that it refuses is
walked to wrap its unknown parts, then decoded again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import pydantic_core
from pydantic import TypeAdapter, ValidationError

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire.parts import KNOWN_PART_TYPES

__all__ = ["decode", "decode_value", "parse_json", "wrap_unknown_parts"]

T = TypeVar("T")

_PART_LISTS: Final = frozenset({"content", "last_injected_context"})

# Values of a tool, not of the protocol: whatever looks like a part in there is not.
_FOREIGN: Final = frozenset({"args", "result", "output", "input_schema", "labels"})


def parse_json(raw: str | bytes) -> Any:
    """Parse JSON, or raise ProtocolError: the text itself is never quoted."""
    try:
        return pydantic_core.from_json(raw)
    except ValueError as error:
        raise ProtocolError("The server sent something that is not JSON.") from error


def decode(adapter: TypeAdapter[T], raw: str | bytes, *, what: str) -> T:
    """Decode a document.

    Raises:
        ProtocolError: It is not JSON, or not a `what`.
    """
    try:
        return adapter.validate_json(raw)
    except ValidationError:
        return decode_value(adapter, parse_json(raw), what=what)


def decode_value(
    adapter: TypeAdapter[T],
    value: Any,
    *,
    what: str,
    soften: Callable[[Any], Any] | None = None,
) -> T:
    """Decode parsed JSON, with unknown parts wrapped first."""
    try:
        return adapter.validate_python((soften or wrap_unknown_parts)(value))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ProtocolError(
            f"The server sent no readable {what}: {place}: {first['msg']}"
        ) from None


def wrap_unknown_parts(value: Any, key: str = "") -> Any:
    """Replace each part of unknown type by the form that `UnknownPart` reads."""
    if isinstance(value, list):
        return [wrap_unknown_parts(item, key) for item in value]
    if not isinstance(value, dict):
        return value
    if (key in _PART_LISTS or key == "part") and (
        value.get("type") not in KNOWN_PART_TYPES
    ):
        return {"type": "unknown", "raw": value}
    return {
        name: item if name in _FOREIGN else wrap_unknown_parts(item, name)
        for name, item in value.items()
    }
