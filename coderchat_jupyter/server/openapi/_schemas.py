"""JSON schemas of wire values, as the server writes them, and of request bodies.

Pydantic's own generator tells what is read, which is more than what is written: a
server that is read may be another release. Here a field that is always written is
required, one that Go leaves out when empty is not, and only what can be null may be.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from coderchat_jupyter.server.routes._body import Body, Uuid, UuidOrNone
from coderchat_jupyter.wire._base import Omit, RawValue
from coderchat_jupyter.wire.models import CatalogueProvider

__all__ = ["Nullable", "Schema", "Schemas"]

Schema = dict[str, Any]

_PLAIN: Final[dict[Any, Schema]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"},
    # A price.
    Decimal: {"type": "string"},
    SecretStr: {"type": "string", "format": "password", "writeOnly": True},
    dict: {"type": "object"},
    Any: {},
}

_UUID_MARKS: Final = tuple(get_args(kind)[1] for kind in (Uuid, UuidOrNone))

# Lists that Go never made, and so writes as null.
_UNMADE: Final = frozenset({(CatalogueProvider, "models")})


class Nullable:
    """Wraps a type whose value may be null."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind


class Schemas:
    """Makes schemas; `components` are those of the classes that were asked for."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}
        self._reading = False

    def of(self, kind: Any, marks: tuple[Any, ...] = ()) -> Schema:
        """The schema of a type.

        Args:
            kind: As in an annotation.
            marks: What stands beside it in `Annotated`.
        """
        if isinstance(kind, Nullable):
            return _or_null(self.of(kind.kind))
        origin = get_origin(kind)
        if origin is Annotated:
            inner, *more = get_args(kind)
            return self.of(inner, (*marks, *more))
        if hasattr(kind, "__supertype__"):
            return self.of(kind.__supertype__, marks)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return self._reference(kind)
        if origin in (Union, types.UnionType):
            return self._union(get_args(kind), marks)
        if origin is Literal:
            return {"enum": list(get_args(kind))}
        if origin in (tuple, list):
            return {"type": "array", "items": self.of(get_args(kind)[0])}
        if origin in (dict, Mapping):
            return {
                "type": "object",
                "additionalProperties": self.of(get_args(kind)[1]),
            }
        if kind is Decimal and self._reading:
            return {"type": ["string", "number"]}
        return _PLAIN[kind] | _limits(marks)

    def _union(self, choices: tuple[Any, ...], marks: tuple[Any, ...]) -> Schema:
        some = [choice for choice in choices if choice is not type(None)]
        found = [self.of(choice, marks) for choice in some]
        schema = found[0] if len(found) == 1 else {"anyOf": found}
        return schema if len(some) == len(choices) else _or_null(schema)

    def _reference(self, kind: type[BaseModel]) -> Schema:
        if issubclass(kind, RawValue):
            return {"type": "object"}
        before, self._reading = self._reading, self._reading or issubclass(kind, Body)
        name = kind.__name__.lstrip("_")
        if self._reading and not issubclass(kind, Body):
            name = f"{name}Input"
        if name not in self.components:
            # There first, for those that hold others of their own kind.
            self.components[name] = {}
            self.components[name].update(self._object(kind))
        self._reading = before
        return {"$ref": f"#/components/schemas/{name}"}

    def _object(self, kind: type[BaseModel]) -> Schema:
        properties, required = {}, []
        for attribute, field in kind.model_fields.items():
            name = field.alias or attribute
            schema = self.of(field.annotation, tuple(field.metadata))
            omitted = any(isinstance(mark, Omit) for mark in field.metadata)
            if self._reading:
                # To a Go decoder null is the same as nothing.
                schema = _or_null(schema)
            elif omitted:
                schema = _without_null(schema)
            elif (kind, attribute) in _UNMADE:
                schema = _or_null(schema)
            properties[name] = schema
            if not (self._reading or omitted):
                required.append(name)
        made: Schema = {"type": "object", "properties": properties}
        if kind.__doc__:
            made["description"] = kind.__doc__.strip().split("\n\n")[0]
        if required:
            made["required"] = required
        return made


def _limits(marks: tuple[Any, ...]) -> Schema:
    found: Schema = {}
    for mark in marks:
        for limit in mark.metadata if isinstance(mark, FieldInfo) else (mark,):
            if isinstance(limit, Ge):
                found["minimum"] = limit.ge
            elif isinstance(limit, Le):
                found["maximum"] = limit.le
        if mark in _UUID_MARKS:
            found["format"] = "uuid"
    return found


def _or_null(schema: Schema) -> Schema:
    if not schema or {"type": "null"} in schema.get("anyOf", ()):
        return schema
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return schema | {"type": [*dict.fromkeys((*kinds, "null"))]}
    if "anyOf" in schema:
        return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]}


def _without_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), list):
        left = [kind for kind in schema["type"] if kind != "null"]
        return schema | {"type": left[0] if len(left) == 1 else left}
    if "anyOf" in schema:
        some = [one for one in schema["anyOf"] if one != {"type": "null"}]
        return some[0] if len(some) == 1 else schema | {"anyOf": some}
    return schema
