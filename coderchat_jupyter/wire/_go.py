"""Encode wire values as the Go server and its Go client write them.

What counts: fields that are always there, fields that vanish when empty, times with
as few fraction digits as needed, decimals as strings, three characters escaped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import Any, Final

from pydantic import BaseModel

from coderchat_jupyter.wire._base import Omit, WireModel, null_mark
from coderchat_jupyter.wire._values import (
    ExactTime,
    NullItems,
    NullTable,
    OddTable,
    SpelledDecimal,
    plain_decimal,
)

__all__ = ["ZERO_TIME", "dumps", "encode", "go_time"]

ZERO_TIME: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Go's unset time, which its encoder does not leave out."""

_FIRST_EXPONENT: Final = 1e21
"""From here on Go writes a float with an exponent, before that as an integer."""

# Made once: an event is encoded for every token.
_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False
)

_HALF: Final = re.compile(r"[\ud800-\udfff]")
"""Half of a surrogate pair, which UTF-8 has no bytes for."""

_ESCAPES: Final = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


def go_time(value: datetime) -> str:
    """RFC 3339 in UTC without trailing zeros in the fraction. Naive times are UTC.

    A time that was read with nanoseconds or an offset is written as it was read.
    """
    if isinstance(value, ExactTime) and value.text:
        return value.text
    moment = value.astimezone(UTC) if value.tzinfo else value
    text = (
        f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
        f"T{moment.hour:02}:{moment.minute:02}:{moment.second:02}"
    )
    if moment.microsecond:
        text += f".{moment.microsecond:06}".rstrip("0")
    return text + "Z"


@cache
def _plan(kind: type[BaseModel]) -> tuple[tuple[str, str, bool, bool, str], ...]:
    """Attribute, wire name, may be omitted, whether zero is empty, mark of a null."""
    plan = []
    for name, field in kind.model_fields.items():
        omit = any(isinstance(mark, Omit) for mark in field.metadata)
        default = field.get_default(call_default_factory=True, validated_data={})
        zero_is_empty = not field.is_required() and default is not None
        plan.append((name, field.alias or name, omit, zero_is_empty, null_mark(name)))
    return tuple(plan)


def encode(value: Any, *, only_set: bool = False) -> Any:
    """Turn a wire value into plain JSON values.

    Args:
        value: A wire model, or anything built of them.
        only_set: Write just the fields that were given, each in the spelling that
            it was read in: what was decoded comes out the same. Otherwise the value
            is written as Go would write it.
    """
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, BaseModel):
        fields = _encode_model(value, only_set=only_set)
        if isinstance(value, WireModel):
            return value.rewritten(fields, only_set=only_set)
        return fields
    if isinstance(value, datetime):
        return go_time(value)
    if isinstance(value, Decimal):
        return _encode_decimal(value, only_set=only_set)
    if isinstance(value, Mapping):
        if isinstance(value, NullTable):
            return None
        nulls = value.nulls if only_set and isinstance(value, OddTable) else ()
        return {
            k: None if k in nulls and not v else encode(v, only_set=only_set)
            for k, v in value.items()
        }
    if isinstance(value, (list, tuple)):
        if isinstance(value, NullItems):
            return None
        return [encode(v, only_set=only_set) for v in value]
    return value


def _encode_decimal(value: Decimal, *, only_set: bool) -> str | int | float:
    if only_set and isinstance(value, SpelledDecimal) and value.spelling is not None:
        return value.spelling
    return plain_decimal(value)


def _encode_model(value: BaseModel, *, only_set: bool) -> dict[str, Any]:
    out: dict[str, Any] = {}
    given = value.model_fields_set
    for name, wire_name, omit, zero_is_empty, was_null in _plan(type(value)):
        if only_set and name not in given:
            continue
        item = getattr(value, name)
        if only_set and was_null in given and _is_untouched(item):
            item = None
        empty = item is None or (zero_is_empty and not item)
        if omit and empty and not only_set:
            continue
        if type(item) is float and item.is_integer() and abs(item) < _FIRST_EXPONENT:
            item = int(item)
        out[wire_name] = encode(item, only_set=only_set)
    for name, item in (value.model_extra or {}).items():
        # What did not fit a field is kept under its name until the field is set.
        if name not in out:
            out[name] = encode(item, only_set=only_set)
    return out


def _is_untouched(item: Any) -> bool:
    """Whether a field is as it was when its null was read."""
    if isinstance(item, BaseModel):
        return not item.model_fields_set
    return not item or item == ZERO_TIME


def _to_json(value: Any) -> str:
    try:
        return _ENCODER.encode(value)
    except ValueError:
        # A tool of Python may say NaN; JSON cannot.
        return _ENCODER.encode(_finite(value))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    return value


def dumps(value: Any) -> bytes:
    """Serialise as the server does, with the newline that ends each document."""
    text = _to_json(encode(value))
    for char, escape in _ESCAPES.items():
        if char in text:
            text = text.replace(char, escape)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return _HALF.sub("\ufffd", text).encode() + b"\n"
