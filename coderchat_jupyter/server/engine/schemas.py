"""The arguments of the server's own tools: their schemas, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["BOOLEAN", "INTEGER", "STRING", "listed", "structured", "type_fault"]

Schema = dict[str, object]

STRING: Final[Schema] = {"type": "string"}
INTEGER: Final[Schema] = {"type": "integer"}
BOOLEAN: Final[Schema] = {"type": "boolean"}

_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def structured(*required: str, **properties: Schema) -> Schema:
    """An object; `required` are the names that must be given."""
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list(required)
    return schema


def listed(item: Schema) -> Schema:
    """A list of things that are alike."""
    return {"type": "array", "items": item}


def type_fault(value: Any, schema: Mapping[str, Any], where: str = "") -> str | None:
    """What a decoder would refuse; None if every value has its type.

    What is missing, null or unknown is no fault here.
    """
    if value is None:
        return None
    kind = schema["type"]
    fits = isinstance(value, _KINDS[kind])
    if not fits or (kind == "integer" and isinstance(value, bool)):
        return f"{where or 'the arguments'} must be of type {kind}"
    if kind == "array":
        for index, item in enumerate(value):
            if fault := type_fault(item, schema["items"], f"{where}[{index}]"):
                return fault
    if kind == "object":
        for name, inner in schema.get("properties", {}).items():
            place = f"{where}.{name}" if where else name
            if fault := type_fault(value.get(name), inner, place):
                return fault
    return None
