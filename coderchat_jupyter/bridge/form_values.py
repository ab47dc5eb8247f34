"""What a form was filled with: text to typed values and back.

Each value is checked by pydantic, with one sentence per field that is wrong. Empty is
unset.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import Field, TypeAdapter, ValidationError

from coderchat_jupyter.bridge.forms import FormField, Kind, limits_text

__all__ = ["Parsed", "parse", "text_of"]

# 200,000 is how people write it and how the page shows it elsewhere.
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")

_LARGEST_INT: Final = 2**63 - 1
"""What the server's integers hold."""

_SHAPES: Final[dict[Kind, Any]] = {
    "integer": int,
    "number": Annotated[float, Field(allow_inf_nan=False)],
    "price": Annotated[Decimal, Field(allow_inf_nan=False, max_digits=24)],
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a form was filled with: typed values by path, or what is wrong by path."""

    values: dict[str, Any]
    errors: dict[str, str]


def parse(
    fields: Iterable[FormField],
    values: Mapping[str, str],
    *,
    before: Mapping[str, str] | None = None,
) -> Parsed:
    """Read what a page sent.

    Every field that was filled in is in `values` or in `errors`; an empty one is None.
    Values of fields that the form does not have are ignored.

    Args:
        fields: The form.
        values: Text by path.
        before: What the form started from. A field that still says the same is left
            out: what a server holds may be more than we would let people type.
    """
    fields = tuple(fields)
    labels = {field.path: field.label for field in fields}
    read: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in fields:
        text = values.get(field.path, "").strip()
        if before is not None and text == before.get(field.path, "").strip():
            continue
        if not text:
            if field.required:
                errors[field.path] = "Required"
            else:
                read[field.path] = None
        elif field.excludes and values.get(field.excludes, "").strip():
            other = labels.get(field.excludes, field.excludes)
            errors[field.path] = f"Cannot be set together with {other}"
        else:
            try:
                read[field.path] = _value(field, text)
            except ValueError as error:
                errors[field.path] = str(error)
    return Parsed(read, errors)


def text_of(value: Any) -> str:
    """A value as the form shows it. Reading it back gives the same value."""
    match value:
        case None | () | []:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case Decimal():
            return f"{value:f}"
        case [*items] if all(isinstance(item, str) for item in items):
            return "\n".join(items)
        case dict() | list() | tuple():
            return json.dumps(value, ensure_ascii=False, indent=2) if value else ""
        case _:
            return str(value)


def _value(field: FormField, text: str) -> Any:
    """One value, or ValueError with the sentence for the field."""
    match field.kind:
        case "text":
            return text
        case "url":
            return _url(text)
        case "boolean":
            if text not in ("true", "false"):
                raise ValueError("Must be on or off")
            return text == "true"
        case "choice":
            if all(choice.value != text for choice in field.choices):
                raise ValueError("Must be one of the choices")
            return text
        case "lines":
            return _lines(text)
        case "json":
            return _json(text)
        case _:
            return _number(field, text)


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        absolute = parts.scheme in ("http", "https") and bool(parts.hostname)
        secret = parts.username is not None or parts.password is not None
    except ValueError:
        raise ValueError("Must be an address like https://host/v1") from None
    if not absolute or any(c.isspace() for c in text):
        raise ValueError("Must be an address like https://host/v1")
    if secret:
        # An address is shown and saved; a key has a field of its own.
        raise ValueError("Must not hold a user name or password")
    return text


def _lines(text: str) -> list[str]:
    items = [line.strip() for line in text.splitlines() if line.strip()]
    if any("," in item for item in items):
        raise ValueError("Must be one per line, without commas")
    return items


def _json(text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ValueError("Must be JSON") from None
    if not isinstance(value, (dict, list)):
        raise ValueError("Must be a JSON object or list")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's


def _number(field: FormField, text: str) -> Any:
    plain = text
    if field.kind == "integer" and _GROUPED.fullmatch(text):
        plain = text.replace(",", "")
    try:
        value = _adapter(field.kind).validate_python(plain)
    except ValidationError as error:
        if error.errors()[0]["type"] == "decimal_max_digits":
            raise ValueError("Has too many digits") from None
        whole = "a whole number" if field.kind == "integer" else "a number"
        point = ", with a point: " + text.replace(",", ".") if _comma(text) else ""
        raise ValueError(f"Must be {whole}{point}") from None
    low, high = field.minimum, field.maximum
    too_low = low is not None and Decimal(str(value)) < Decimal(low)
    too_high = high is not None and Decimal(str(value)) > Decimal(high)
    if too_low or too_high:
        limit = limits_text(low, high)
        one_end = f"at least {low}" if low else f"at most {high}"
        raise ValueError(f"Must be {limit or one_end}")
    if field.kind == "integer" and abs(value) > _LARGEST_INT:
        raise ValueError("Has too many digits")
    return value


def _comma(text: str) -> bool:
    """Whether it is a decimal comma that a number failed for."""
    head, comma, tail = text.partition(",")
    return bool(comma) and head.isdigit() and tail.isdigit() and len(tail) != 3


@cache
def _adapter(kind: Kind) -> TypeAdapter[Any]:
    return TypeAdapter(_SHAPES[kind])
