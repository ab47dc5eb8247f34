"""Field types for what Go writes in more than one way.

Each reads every spelling into one plain Python type, and remembers an unusual
spelling in a subclass, so that a value is written back as it was read. The usual
spelling is read by pydantic's core alone: these fields are in every stream event.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, TypeAlias, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

__all__ = [
    "ExactTime",
    "Items",
    "Moment",
    "Money",
    "NullItems",
    "NullTable",
    "OddTable",
    "SpelledDecimal",
    "Table",
    "plain_decimal",
]

T = TypeVar("T")

_FURTHEST_DIGIT: Final = 100
"""A price beyond 1e±100 is no price, but would take gigabytes to spell out."""


class NullItems(tuple[Any, ...]):
    """No items, from a Go slice that was never made: written as null."""

    __slots__ = ()


class NullTable(dict[str, Any]):
    """No entries, from a Go map that was never made: written as null."""


class OddTable(dict[str, Any]):
    """Entries some of which came as null: at their zero they are written as that."""

    nulls: frozenset[str] = frozenset()


class ExactTime(datetime):
    """A time whose spelling says more than a `datetime` holds.

    That is a fraction down to nanoseconds, or an offset from UTC.
    """

    text: str = ""
    """As it was read; empty for the result of arithmetic."""

    @classmethod
    def parse(cls, text: str) -> ExactTime:
        """Read RFC 3339 with any number of fraction digits.

        Raises:
            ValueError: It is not a time.
        """
        head, dot, tail = text.partition(".")
        digits = len(tail) - len(tail.lstrip("0123456789"))
        fraction = dot + tail[: min(digits, 6)] if digits else ""
        rest = head[4:] + fraction + tail[digits:]
        is_before_all = head.startswith("0000-")
        try:
            # The year 0 is a leap year, too.
            made = cls.fromisoformat(("0004" if is_before_all else head[:4]) + rest)
        except ValueError:
            made = None
        # Out of the handler: what it caught quotes the text.
        if made is None or made.tzinfo is None:
            raise ValueError("not a time with an offset from UTC")
        if is_before_all:
            # Go's unset time, somewhere west of Greenwich.
            made = cls(1, 1, 1, tzinfo=UTC)
        made.text = text
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        if not self.text:
            return super().__reduce_ex__(protocol)
        return (type(self).parse, (self.text,))


class SpelledDecimal(Decimal):
    """A decimal that was not written as Go writes one: a number, or `3.50`."""

    spelling: str | int | float | None = None
    """As it was read; None for the result of arithmetic."""

    def __reduce__(self) -> Any:
        if self.spelling is None:
            return (type(self), (str(self),))
        return (_read_money, (self.spelling,))


class _OrNull:
    """Reads null as the empty value of a class."""

    def __init__(self, empty: type[Any]) -> None:
        self.empty = empty

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        items = handler(source)
        null = core_schema.no_info_after_validator_function(
            lambda _: self.empty(), core_schema.none_schema()
        )
        seen = core_schema.is_instance_schema(self.empty)
        return core_schema.json_or_python_schema(
            json_schema=_first_of(items, null),
            python_schema=_first_of(seen, items, null),
        )


class _Moment:
    """Reads a time in UTC with microseconds in the core, any other as ExactTime."""

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        usual = core_schema.datetime_schema(
            microseconds_precision="error", tz_constraint=0
        )
        exact = core_schema.no_info_after_validator_function(
            ExactTime.parse, core_schema.str_schema()
        )
        seen = core_schema.is_instance_schema(datetime)
        return core_schema.json_or_python_schema(
            json_schema=_first_of(usual, exact),
            python_schema=_first_of(seen, usual, exact),
        )


class _Money:
    """Reads decimals, written as a string or as a number."""

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            _read_money, core_schema.is_instance_schema(Decimal)
        )

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, {"type": "number"}]}


def _first_of(*choices: CoreSchema) -> CoreSchema:
    return core_schema.union_schema(list(choices), mode="left_to_right")


def _read_money(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise ValueError("a decimal is a string or a number")
    try:
        made = SpelledDecimal(str(value))
    except InvalidOperation:
        raise ValueError("not a decimal") from None
    if not made.is_finite() or abs(made.adjusted()) > _FURTHEST_DIGIT:
        raise ValueError("not a decimal of a price's size")
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and value == plain_decimal(made):
        return Decimal(made)
    made.spelling = value
    return made


def plain_decimal(value: Decimal) -> str:
    """The shortest plain notation: `15.25`, `3`, never `3E+1`."""
    return format(value.normalize(), "f")


Items: TypeAlias = Annotated[tuple[T, ...], _OrNull(NullItems)]
"""A Go slice: null is read as a `NullItems`, which is empty."""

Table: TypeAlias = Annotated[dict[str, T], _OrNull(NullTable)]
"""A Go map with text keys: null is read as a `NullTable`, which is empty."""

Moment: TypeAlias = Annotated[datetime, _Moment()]
"""A time; one that says more than a `datetime` holds is an `ExactTime`."""

Money: TypeAlias = Annotated[Decimal, _Money()]
"""An exact decimal; one in an unusual spelling is a `SpelledDecimal`."""
