"""The base of every wire value, and the markers its fields carry."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

__all__ = ["OMIT", "MadeHere", "Omit", "RawValue", "WireModel", "form", "null_mark"]


class Omit:
    """Marks a field that the server leaves out when it is empty.

    Empty means None; for a field whose default is not None also its zero value:
    Go omits a nil pointer, but keeps a pointer to zero.
    """

    def __repr__(self) -> str:
        return "OMIT"


OMIT: Final = Omit()


def null_mark(name: str) -> str:
    """What stands among the set fields of a value whose field `name` came as null.

    Only of a field that holds something else now. It makes no two values different.
    """
    return f"{name} was null"


class WireModel(BaseModel):
    """A value of the API: frozen, and tolerant of fields it does not know.

    Unknown fields are kept (`model_extra`), so that a value which is sent back
    loses nothing that a newer server put there.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        populate_by_name=True,
        protected_namespaces=(),
        hide_input_in_errors=True,
    )

    def rewritten(self, fields: dict[str, Any], *, only_set: bool) -> Any:
        """What is written, given the encoded fields: for the few that differ.

        Args:
            fields: The fields by their names on the wire.
            only_set: Whether the value has to come out as it was read.
        """
        return fields


class MadeHere:
    """Marks a choice of a union that is never read, only made by us.

    A server may use the same word for a tag of its own.
    """

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            _made_here, handler(source)
        )


def _made_here(value: Any) -> Any:
    if not isinstance(value, RawValue):
        raise ValueError("not a value of the protocol")
    return value


class RawValue(WireModel):
    """Something of a newer server, kept as it came and written back the same."""

    raw: dict[str, Any]

    def rewritten(self, fields: dict[str, Any], *, only_set: bool) -> Any:
        """The raw value, without what we wrapped it in."""
        return self.raw

    @property
    def kind(self) -> str:
        """The type that the server gave it."""
        return str(self.raw.get("type", ""))


def form(
    description: str,
    *,
    label: str = "",
    title: str = "",
    choices: tuple[str, ...] = (),
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    excludes: str = "",
    hidden: bool = False,
) -> Any:
    """Describe a field to whoever generates a form from it.

    Choices and limits are told, not enforced: a server may hold what we would refuse.

    Args:
        description: One sentence, as the server's own form has it.
        label: The server's label, where it has one; wins over `title`.
        title: Ours, where the field's name says too little.
        choices: The values there are (the server's `enum`).
        unit: What a number counts.
        minimum: The smallest value that makes sense.
        maximum: The largest one.
        excludes: A field beside it that must be unset when this one is set.
        hidden: Kept, and not shown to people.
    """
    told: dict[str, Any] = {
        "label": label,
        "choices": list(choices),
        "unit": unit,
        "minimum": minimum,
        "maximum": maximum,
        "excludes": excludes,
        "hidden": hidden,
    }
    extra: dict[str, Any] = {"form": True}
    extra |= {
        name: item
        for name, item in told.items()
        if item or (item == 0 and item is not False)
    }
    return Field(
        title=title or None, description=description or None, json_schema_extra=extra
    )
