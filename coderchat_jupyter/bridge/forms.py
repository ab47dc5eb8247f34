"""Forms made from the metadata of pydantic models, and their values read back.

A form is a list of fields for the page, where every value is text. What comes back is
validated here, by pydantic, with one sentence per field that is wrong. Empty is unset.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from coderchat_jupyter.bridge._base import BridgeModel

__all__ = ["Choice", "FormField", "Kind", "Parsed", "fields_of", "parse", "text_of"]

Kind = Literal["text", "url", "integer", "number", "price", "boolean", "choice"]

_KINDS: Final[dict[type, Kind]] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    Decimal: "price",
    str: "text",
}

# 200,000 is how people write it and how the page shows it elsewhere.
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")

_SHAPES: Final[dict[Kind, Any]] = {
    "integer": int,
    "number": Annotated[float, Field(allow_inf_nan=False)],
    "price": Annotated[Decimal, Field(allow_inf_nan=False, max_digits=24)],
}


class Choice(BridgeModel):
    """One of the values that a field may have."""

    value: str
    label: str


class FormField(BridgeModel):
    """One field as the page draws it.

    Attributes:
        path: Where the value belongs, dotted: `model_config.temperature`.
        fixed: Chosen once, when the thing is made.
        minimum: As text, and None without a limit; so is `maximum`.
    """

    path: str
    section: str
    label: str
    kind: Kind
    description: str = ""
    unit: str = ""
    minimum: str | None = None
    maximum: str | None = None
    choices: tuple[Choice, ...] = ()
    required: bool = False
    fixed: bool = False
    placeholder: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a form was filled with: typed values by path, or what is wrong by path."""

    values: dict[str, Any]
    errors: dict[str, str]


def fields_of(
    model: type[BaseModel], *, section: str, prefix: str = ""
) -> tuple[FormField, ...]:
    """The fields of a model that carry form metadata, in its order.

    Nested models are left to the caller: they are sections of their own.
    """
    fields = []
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra
        if not isinstance(extra, dict) or not extra.get("form") or extra.get("hidden"):
            continue
        fields.append(_field(name, info, dict(extra), section=section, prefix=prefix))
    return tuple(fields)


def parse(fields: Iterable[FormField], values: Mapping[str, str]) -> Parsed:
    """Read what a page sent.

    Every field of the form is in `values` or in `errors`; an empty one is None. Values
    of fields that the form does not have are ignored.
    """
    read: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in fields:
        text = values.get(field.path, "").strip()
        if not text:
            read[field.path] = None
            if field.required:
                errors[field.path] = "Required"
            continue
        try:
            read[field.path] = _value(field, text)
        except ValueError as error:
            errors[field.path] = str(error)
            read.pop(field.path, None)
    return Parsed(read, errors)


def text_of(value: Any) -> str:
    """A value as the form shows it. Reading it back gives the same value."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def _field(
    name: str, info: FieldInfo, extra: dict[str, Any], *, section: str, prefix: str
) -> FormField:
    choices = tuple(
        Choice(value=value, label=label)
        for value, label in dict(extra.get("choices", {})).items()
    )
    kind = extra.get("kind") or ("choice" if choices else _kind(info.annotation))
    limits = {
        end: None if extra.get(end) is None else _limit(kind, extra[end])
        for end in ("minimum", "maximum")
    }
    return FormField(
        path=prefix + name,
        section=section,
        label=str(extra.get("label") or name.replace("_", " ").capitalize()),
        kind=kind,
        description=info.description or "",
        unit=str(extra.get("unit", "")),
        choices=choices,
        required=bool(extra.get("required")),
        fixed=bool(extra.get("fixed")),
        placeholder=str(extra.get("placeholder", "")),
        hint=_range(limits["minimum"], limits["maximum"]) if kind == "number" else "",
        **limits,
    )


def _kind(annotation: Any) -> Kind:
    """The kind of a field, its optional mark taken off."""
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [a for a in get_args(annotation) if a is not types.NoneType]
        annotation = inner[0]
    return _KINDS[annotation]


def _limit(kind: Kind, limit: float) -> str:
    return f"{limit:.1f}" if kind == "number" else f"{limit:g}"


def _range(low: str | None, high: str | None) -> str:
    """`0.0 to 2.0`, with a real minus sign."""
    if low is None or high is None:
        return ""
    return f"{low} to {high}".replace("-", "\N{MINUS SIGN}")


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
        limit = _range(low, high) or (f"at least {low}" if low else f"at most {high}")
        raise ValueError(f"Must be {limit}")
    return value


def _comma(text: str) -> bool:
    """Whether it is a decimal comma that a number failed for."""
    head, comma, tail = text.partition(",")
    return bool(comma) and head.isdigit() and tail.isdigit() and len(tail) != 3


@cache
def _adapter(kind: Kind) -> TypeAdapter[Any]:
    return TypeAdapter(_SHAPES[kind])
