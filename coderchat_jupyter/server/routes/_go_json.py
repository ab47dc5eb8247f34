"""JSON as the reference's decoder reads it: lenient where Go is, strict where it is.

The first value counts and what follows it is not looked at; a name fits a field
whatever its case. What values there are, `foreign_json` says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from coderchat_jupyter.server.foreign_json import read_first

__all__ = ["by_field", "first_value", "normal_uuid", "type_fault"]

_WHITESPACE: Final = " \t\r\n"
_HEX: Final = re.compile(r"[0-9a-fA-F]{32}")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_URN: Final = "urn:uuid:"


def normal_uuid(text: str) -> str:
    """A UUID in lower case; also one without hyphens, in braces, or as a URN.

    Raises:
        ValueError: It is none; the reason is worded as the reference words it.
    """
    size = len(text.encode("utf-8", "replace"))
    body = text
    match size:
        case 36:
            pass
        case 45:
            if text[:9].lower() != _URN:
                msg = f'invalid urn prefix: "{text[:9]}"'
                raise ValueError(msg)
            body = text[9:]
        case 38:
            body = text[1:-1]
        case 32:
            if _HEX.fullmatch(text):
                parts = (text[:8], text[8:12], text[12:16], text[16:20], text[20:])
                body = "-".join(parts)
        case _:
            msg = f"invalid UUID length: {size}"
            raise ValueError(msg)
    if _UUID.fullmatch(body) is None:
        msg = "invalid UUID format"
        raise ValueError(msg)
    return body.lower()


def first_value(raw: bytes) -> Any:
    """The value that a body begins with; null is an object without fields.

    Raises:
        ValueError: It begins with none, or with one that nobody can keep.
    """
    text = raw.decode("utf-8", "replace").lstrip(_WHITESPACE)
    if not text:
        raise ValueError("EOF")
    value = read_first(text)
    return {} if value is None else value


def by_field(kind: type[BaseModel], value: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an object by the names of the fields that they fill."""
    known = _folded(kind)
    return {known.get(name.lower(), name): item for name, item in value.items()}


@cache
def _folded(kind: type[BaseModel]) -> dict[str, str]:
    names = (field.alias or name for name, field in kind.model_fields.items())
    return {name.lower(): name for name in names}


def type_fault(error: ValidationError, value: Any, root: str = "") -> str:
    """Why a value does not fit its fields, in words that name none of our classes.

    Args:
        error: What was found.
        value: What was read.
        root: The field that it belongs to.
    """
    first = error.errors(include_url=False, include_input=False)[0]
    steps = [root] if root else []
    here = value
    for step in first["loc"]:
        # Besides fields there are choices between types, which nobody sent.
        if isinstance(here, Mapping) and step in here:
            here = here[str(step)]
        elif isinstance(here, (list, tuple)) and isinstance(step, int):
            here = here[step]
        else:
            continue
        steps.append(str(step))
    place = ".".join(steps) or "body"
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    return f"json: cannot unmarshal {_kind(here)} into field {place}"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list() | tuple():
            return "array"
        case _:
            return "object"
