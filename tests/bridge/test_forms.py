"""Forms made from metadata, and text read back as values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from coderchat_jupyter.bridge.form_values import parse, text_of
from coderchat_jupyter.bridge.forms import FormField, Kind, fields_of
from coderchat_jupyter.wire._base import form
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.models import CallConfig


def field(kind: Kind, **more: Any) -> FormField:
    return FormField(path="f", section="s", label="F", kind=kind, **more)


def read(made: FormField, text: str) -> Any:
    """The value of a field, or the sentence that is wrong with it, as `!sentence`."""
    found = parse([made], {"f": text})
    return f"!{found.errors['f']}" if found.errors else found.values["f"]


def test_the_fields_are_those_of_the_wire_model_in_its_order() -> None:
    """A setting that the wire gains is in the form without a line of code."""
    shown = fields_of(CallConfig, section="call", prefix="call.")

    described = [
        name
        for name, info in CallConfig.model_fields.items()
        if isinstance(info.json_schema_extra, dict)
        and name not in ("cost", "provider_options")  # sections of their own
    ]
    assert [f.path for f in shown] == [f"call.{name}" for name in described]
    assert {f.path: f.kind for f in fields_of(Prices, section="p")} == dict.fromkeys(
        Prices.model_fields, "price"
    )


def test_a_field_says_what_its_metadata_says() -> None:
    """Label, unit, limits, description: nothing is written twice."""

    class Settings(BaseModel):
        max_tokens: int | None = form("At most", unit="tokens", minimum=1)
        top_p: float | None = form("Cut-off", minimum=0, maximum=1)
        secret: str = form("Not for people", hidden=True)
        plain: str = ""

    whole, part = fields_of(Settings, section="call")

    assert whole == FormField(
        path="max_tokens",
        section="call",
        label="Max tokens",
        kind="integer",
        description="At most",
        unit="tokens",
        minimum="1",
    )
    assert (part.label, part.hint) == ("Top p", "0.0 to 1.0")


def test_a_group_is_fields_of_its_own_and_a_hidden_one_is_none() -> None:
    """`thinking.budget` is a field; what people do not see has none, nor its parts."""

    class Group(BaseModel):
        budget: int | None = form("At most")
        effort: str | None = form("How hard", choices=("low", "high"))
        until: str = form("When", title="Deadline")

    class Options(BaseModel):
        thinking: Group | None = form("How it thinks")
        secret: Group | None = form("Not for people", hidden=True)
        names: tuple[str, ...] = form("Only these", label="Names: All", excludes="free")
        free: dict[str, int] | None = form("Whatever")
        on: bool | None = form("Switch")
        many: tuple[Group, ...] = form("Several")

    fields = fields_of(Options, section="o", prefix="x.", family="f", nested=True)

    assert [(f.path, f.label, f.kind, f.blank) for f in fields] == [
        ("x.thinking.budget", "Thinking budget", "integer", ""),
        ("x.thinking.effort", "Thinking effort", "choice", "Default"),
        ("x.thinking.until", "Deadline", "text", ""),
        ("x.names", "Names: All", "lines", ""),
        ("x.free", "Free", "json", ""),
        ("x.on", "On", "boolean", "Default"),
        ("x.many", "Many", "json", ""),
    ]
    assert {f.family for f in fields} == {"f"}
    assert fields[3].excludes == "x.free"
    assert [c.value for c in fields[1].choices] == ["low", "high"]


def test_what_was_not_touched_is_not_found_fault_with() -> None:
    """A server may hold more than we would let people type."""
    fields = [
        field("integer", maximum="9"),
        FormField(path="g", section="s", label="G", kind="text", required=True),
    ]

    found = parse(fields, {"f": " 10 ", "g": ""}, before={"f": "10"})
    changed = parse(fields, {"f": "11", "g": "x"}, before={"f": "10"})

    assert (found.values, found.errors) == ({}, {})
    assert (changed.values, changed.errors) == ({"g": "x"}, {"f": "Must be at most 9"})


def test_two_fields_that_exclude_each_other_are_said_at_what_was_typed() -> None:
    """With the name of the other one."""
    both = {"path": "f", "excludes": "g"}, {"path": "g", "excludes": "f"}
    fields = [
        FormField(section="s", label=made["path"].upper(), kind="text", **made)
        for made in both
    ]

    found = parse(fields, {"f": "x", "g": "y"}, before={"f": "x"})

    assert found.errors == {"g": "Cannot be set together with F"}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("lines", " a \n\n b", ["a", "b"]),
        ("lines", "a, b", "!Must be one per line, without commas"),
        ("json", '{"a": [1, null]}', {"a": [1, None]}),
        ("json", "{a: 1}", "!Must be JSON"),
        ("json", '{"a": NaN}', "!Must be JSON"),
        ("json", "[" * 100_000, "!Must be JSON"),
        ("json", "7", "!Must be a JSON object or list"),
        ("integer", "9" * 30, "!Has too many digits"),
        ("integer", " 8192 ", 8192),
        ("integer", "200,000", 200_000),
        ("integer", "12abc", "!Must be a whole number"),
        ("integer", "12.5", "!Must be a whole number"),
        ("integer", "1,00", "!Must be a whole number, with a point: 1.00"),
        ("integer", "1e3", "!Must be a whole number"),
        ("number", "0.7", 0.7),
        ("number", "0,7", "!Must be a number, with a point: 0.7"),
        ("number", "nan", "!Must be a number"),
        ("number", "inf", "!Must be a number"),
        ("number", "0.7x", "!Must be a number"),
        ("price", "0.30", Decimal("0.30")),
        ("price", "0", Decimal(0)),
        ("price", "$3", "!Must be a number"),
        ("price", "Infinity", "!Must be a number"),
        ("price", "0." + "1" * 30, "!Has too many digits"),
        ("boolean", "true", True),
        ("boolean", "yes", "!Must be on or off"),
        ("url", "http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("url", "localhost:11434", "!Must be an address like https://host/v1"),
        ("url", "ftp://host/v1", "!Must be an address like https://host/v1"),
        ("url", "https://", "!Must be an address like https://host/v1"),
        ("url", "https://a b/", "!Must be an address like https://host/v1"),
        ("url", "https://[x/", "!Must be an address like https://host/v1"),
        ("url", "https://u:p@host/v1", "!Must not hold a user name or password"),
        ("text", "  atlas ", "atlas"),
    ],
)
def test_text_is_read_as_its_kind_or_refused(kind: Kind, text: str, value: Any) -> None:
    """`12abc` is not 12, and half a number is not a number."""
    assert read(field(kind), text) == value


@pytest.mark.parametrize("kind", ["text", "integer", "number", "price", "boolean"])
def test_empty_is_unset(kind: Kind) -> None:
    """Blank uses the provider's default; it is neither 0 nor an empty text."""
    assert read(field(kind), "  ") is None
    assert read(field(kind, required=True), "") == "!Required"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0),
        ("2", 2.0),
        ("2.4", "!Must be 0.0 to 2.0"),
        ("-0.1", "!Must be 0.0 to 2.0"),
    ],
)
def test_a_range_is_enforced_and_its_ends_belong_to_it(text: str, value: Any) -> None:
    """A hint that nobody enforces is refused by the provider, much later."""
    assert read(field("number", minimum="0.0", maximum="2.0"), text) == value


def test_one_limit_alone_is_said_alone() -> None:
    """`Must be 1 to` nothing is no sentence."""
    assert read(field("integer", minimum="1"), "0") == "!Must be at least 1"
    assert read(field("integer", maximum="9"), "10") == "!Must be at most 9"


def test_a_choice_is_one_of_its_values() -> None:
    """What a page sends is checked, also what it offers only as a list."""
    made = field("choice", choices=({"value": "a", "label": "A"},))

    assert (read(made, "a"), read(made, "b")) == ("a", "!Must be one of the choices")


@given(st.decimals(min_value=0, max_value=10**9, places=6))
def test_a_price_survives_the_form_exactly(price: Decimal) -> None:
    """Prices are money: what was shown is what is sent back."""
    assert read(field("price"), text_of(price)) == price


@given(st.lists(st.text("abc.-", min_size=1), max_size=4))
def test_a_list_survives_the_form_exactly(names: list[str]) -> None:
    """One line is one name."""
    assert (read(field("lines"), text_of(tuple(names))) or []) == names


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_the_form_exactly(number: float) -> None:
    """A save that changes nothing must change nothing."""
    assert read(field("number"), text_of(number)) == number


KINDS: tuple[Kind, ...] = ("integer", "number", "price", "url", "boolean")


@given(st.text(), st.sampled_from([*KINDS, "json", "lines"]))
def test_whatever_is_typed_is_a_value_or_a_sentence(text: str, kind: Kind) -> None:
    """Nobody's typing may break the kernel."""
    found = parse(
        [field(kind, minimum="1" if kind == "integer" else None)], {"f": text}
    )

    assert ("f" in found.values) != ("f" in found.errors)
    assert all(message[0].isupper() for message in found.errors.values())
