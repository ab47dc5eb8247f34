"""Forms made from the metadata of pydantic models.

A form is a list of fields for the page, where every value is text; `form_values` reads
that text back.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from coderchat_jupyter.bridge._base import BridgeModel

__all__ = ["Choice", "FormField", "Kind", "core_type", "fields_of", "limits_text"]

Kind = Literal[
    "text",
    "url",
    "integer",
    "number",
    "price",
    "boolean",
    "choice",
    "lines",
    "json",
]

_KINDS: Final[dict[Any, Kind]] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    Decimal: "price",
    str: "text",
    tuple[str, ...]: "lines",
}
_HINTS: Final[dict[Kind, str]] = {"lines": "One per line", "json": "JSON"}

_UNSET: Final = "Default"


class Choice(BridgeModel):
    """One of the values that a field may have."""

    value: str
    label: str


class FormField(BridgeModel):
    """One field as the page draws it.

    Attributes:
        path: Where the value belongs, dotted: `call.temperature`.
        family: Whose field it is, of the families that a form chooses from; empty for
            a field that is always there.
        fixed: Chosen once, when the thing is made.
        minimum: As text, and None without a limit; so is `maximum`.
        blank: What it is called to choose nothing; empty where one has to choose.
        excludes: Path of the field that must be unset when this one is set.
    """

    path: str
    section: str
    label: str
    kind: Kind
    family: str = ""
    description: str = ""
    unit: str = ""
    minimum: str | None = None
    maximum: str | None = None
    choices: tuple[Choice, ...] = ()
    blank: str = ""
    required: bool = False
    fixed: bool = False
    placeholder: str = ""
    hint: str = ""
    excludes: str = ""


def fields_of(
    model: type[BaseModel],
    *,
    section: str,
    prefix: str = "",
    family: str = "",
    nested: bool = False,
) -> tuple[FormField, ...]:
    """The fields of a model that carry form metadata and are not hidden, in its order.

    Args:
        model: Its fields are described by `form()`.
        section: Where in the form they stand.
        prefix: What their paths begin with.
        family: Whose fields they are.
        nested: Whether the fields of models inside it are fields of this form;
            otherwise the caller makes sections of their own of them.
    """
    return tuple(
        _field(info, path=path, label=label, section=section, family=family)
        for path, label, info in _described(model, prefix, "", nested=nested)
    )


def limits_text(low: str | None, high: str | None) -> str:
    """`0.0 to 2.0`, with a real minus sign; empty without both ends."""
    if low is None or high is None:
        return ""
    return f"{low} to {high}".replace("-", "\N{MINUS SIGN}")


def _described(
    model: type[BaseModel], prefix: str, group: str, *, nested: bool
) -> Iterator[tuple[str, str, FieldInfo]]:
    """Path, label and metadata of each field that people see."""
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra
        if not isinstance(extra, dict) or not extra.get("form") or extra.get("hidden"):
            continue
        words = f"{group} {name}" if group else name
        label = str(extra.get("label") or info.title or _sentence(words))
        path = prefix + (info.alias or name)
        inner = core_type(info.annotation)
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            yield path, label, info
        elif nested:
            yield from _described(inner, path + ".", label, nested=nested)


def _field(
    info: FieldInfo, *, path: str, label: str, section: str, family: str
) -> FormField:
    extra: Any = info.json_schema_extra
    choices = _choices(extra.get("choices", ()))
    kind = extra.get("kind") or ("choice" if choices else _kind(info.annotation))
    limits = {
        end: None if extra.get(end) is None else _limit(kind, extra[end])
        for end in ("minimum", "maximum")
    }
    can_be_unset = types.NoneType in get_args(info.annotation)
    beside = path.rpartition(".")[0]
    range_text = limits_text(*limits.values()) if kind == "number" else ""
    return FormField(
        path=path,
        section=section,
        label=label,
        kind=kind,
        family=family,
        description=info.description or "",
        unit=extra.get("unit", ""),
        choices=choices,
        blank=_UNSET if can_be_unset and kind in ("boolean", "choice") else "",
        required=bool(extra.get("required")),
        fixed=bool(extra.get("fixed")),
        placeholder=extra.get("placeholder", ""),
        hint=range_text or _HINTS.get(kind, ""),
        excludes=f"{beside}.{extra['excludes']}" if "excludes" in extra else "",
        **limits,
    )


def _choices(told: Any) -> tuple[Choice, ...]:
    """Choices from values with names for people, or from values alone."""
    named = told if isinstance(told, dict) else {value: value for value in told}
    return tuple(Choice(value=value, label=label) for value, label in named.items())


def _kind(annotation: Any) -> Kind:
    """The kind of a field: whatever no simple control can edit is JSON."""
    return _KINDS.get(core_type(annotation), "json")


def core_type(annotation: Any) -> Any:
    """What a field holds: its type without optional mark and annotations."""
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(a for a in get_args(annotation) if a is not types.NoneType)
    if get_origin(annotation) is Annotated:
        return core_type(get_args(annotation)[0])
    return annotation


def _sentence(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _limit(kind: Kind, limit: float) -> str:
    return f"{limit:.1f}" if kind == "number" else f"{limit:g}"
