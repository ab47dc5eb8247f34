"""Some values have more than one spelling; each is written back as it was read."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from coderchat_jupyter.wire._base import WireModel
from coderchat_jupyter.wire._go import ZERO_TIME, dumps, encode
from coderchat_jupyter.wire._values import (
    ExactTime,
    Items,
    Moment,
    Money,
    NullItems,
    NullTable,
    Table,
)


class Thing(WireModel):
    """One field of each kind."""

    at: Moment | None = None
    price: Money | None = None
    items: Items[int] = ()
    table: Table[int] = Field(default_factory=dict)


def through(document: dict[str, Any], *, only_set: bool = True) -> Any:
    thing = Thing.model_validate_json(json.dumps(document))
    return encode(thing, only_set=only_set)


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-03T09:00:00Z",
        "2026-06-03T09:00:00.12Z",
        "2026-06-03T09:00:00.123456Z",
        "2026-06-03T09:00:00.123456789Z",
        "2026-06-03T09:00:00.1234567Z",
        "2026-06-03T09:00:00+02:00",
        "2026-06-03T09:00:00.000000001-11:30",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+02:00",
        "0000-12-31T16:07:02-07:52",
        "0000-02-29T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z",
    ],
)
@pytest.mark.parametrize("only_set", [True, False])
def test_a_time_keeps_every_digit_and_its_offset(text: str, only_set: bool) -> None:
    """Python's times end at microseconds, Go's do not."""
    thing = Thing.model_validate_json(json.dumps({"at": text}))

    assert encode(thing, only_set=only_set)["at"] == text
    assert isinstance(thing.at, datetime)


def test_a_time_before_all_times_is_the_first_one() -> None:
    """Go's unset time, written west of Greenwich; it counts as unset here, too."""
    early = TypeAdapter(Moment).validate_json('"0000-12-31T16:07:02-07:52"')

    assert early == ZERO_TIME


def test_a_time_with_nanoseconds_is_an_ordinary_time() -> None:
    """It compares, sorts and adds up; what was computed has no old spelling."""
    exact = TypeAdapter(Moment).validate_json('"2026-06-03T09:00:00.123456789Z"')
    usual = datetime(2026, 6, 3, 9, 0, 0, 123456, tzinfo=UTC)

    later = exact + timedelta(seconds=1)

    assert exact == usual
    assert encode(later) == "2026-06-03T09:00:01.123456Z"


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-06-03", "2026-06-03T09:00:00", "2026-13-01T00:00:00Z"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """A time without an offset could be any of a day's."""
    with pytest.raises(ValidationError):
        Thing.model_validate_json(json.dumps({"at": text}))


@pytest.mark.parametrize(
    ("price", "written"),
    [
        ("3.5", "3.5"),
        ("3.50", "3.5"),
        ("1e3", "1000"),
        (2.25, "2.25"),
        (0.1, "0.1"),
        (0, "0"),
        ("-0.000001", "-0.000001"),
    ],
)
def test_a_price_is_read_from_text_or_number_and_written_as_text(
    price: Any, written: str
) -> None:
    """Exactly; and as it was, where nothing may change."""
    assert through({"price": price}, only_set=False)["price"] == written
    assert through({"price": price}) == {"price": price}


@pytest.mark.parametrize("price", ["", "NaN", "Infinity", "1e999999999", True, [], {}])
def test_what_is_no_price_is_refused(price: Any) -> None:
    """The last number alone would take a gigabyte to write out."""
    with pytest.raises(ValidationError):
        Thing.model_validate_json(json.dumps({"price": price}))


def test_a_price_computed_from_an_odd_one_is_an_ordinary_one() -> None:
    """Its spelling is that of the number it was, not of the sum."""
    price = TypeAdapter(Money).validate_json("3.50")

    assert encode(Thing(price=price + Decimal(1)), only_set=True) == {"price": "4.5"}


def test_null_is_an_empty_list_that_is_written_as_null() -> None:
    """And so for maps; neither needs a check for None."""
    document = {"items": None, "table": None}

    thing = Thing.model_validate_json(json.dumps(document))

    assert (thing.items, thing.table) == ((), {})
    assert encode(thing, only_set=True) == document
    assert encode(Thing(), only_set=False)["items"] == []


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))],  # noqa: S301  our own
    ids=["copied", "pickled"],
)
def test_a_copy_is_written_like_its_original(duplicate: Any) -> None:
    """Values cross processes and are cached."""
    document = {
        "at": "2026-06-03T09:00:00.123456789Z",
        "price": "3.50",
        "items": None,
        "table": None,
    }
    thing = Thing.model_validate_json(json.dumps(document))

    assert encode(duplicate(thing), only_set=True) == document


def test_values_keep_their_spelling_in_another_value() -> None:
    """A part of an answer is often sent back in a request."""
    read = Thing.model_validate_json(
        '{"at":"2026-06-03T09:00:00.1234567Z","price":2,"items":null,"table":null}'
    )

    again = Thing(at=read.at, price=read.price, items=read.items, table=read.table)

    assert isinstance(again.at, ExactTime)
    assert isinstance(again.items, NullItems)
    assert isinstance(again.table, NullTable)
    assert encode(again, only_set=True) == encode(read, only_set=True)


def test_a_number_that_json_cannot_write_becomes_null() -> None:
    """A tool of Python may return one; a browser would refuse the whole frame."""
    document = {"a": [float("nan"), {"b": float("-inf")}, 1.5]}

    assert json.loads(dumps(document)) == {"a": [None, {"b": None}, 1.5]}


@pytest.mark.parametrize(
    ("number", "text"), [(3.0, b"3\n"), (0.5, b"0.5\n"), (1e21, b"1e+21\n")]
)
def test_a_whole_float_is_written_without_a_point(number: float, text: bytes) -> None:
    """So does Go, up to the size where it changes to exponents."""

    class Number(WireModel):
        number: float

    assert dumps(Number(number=number)) == b'{"number":' + text[:-1] + b"}\n"
