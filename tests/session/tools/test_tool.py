"""What a model is told of a function, and how what it writes reaches the function."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal, NotRequired, Optional, TypedDict

import jsonschema  # type: ignore[import-untyped]
import pytest
from pydantic import BaseModel, Field

from coderchat_jupyter.session.tools import Tool, as_tools, tool
from coderchat_jupyter.session.tools._tool import BadArgumentsError


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Point:
    x: float
    y: float = 0.0


class Filter(BaseModel):
    """What to keep."""

    column: str = Field(description="Which column.")
    above: Optional[float] = None  # noqa: UP045  users write it so


class Options(TypedDict):
    dry: bool
    note: NotRequired[str]


def everything(  # noqa: D417  most are told by their hints
    name: str,
    count: int,
    where: Point,
    keep: Filter,
    options: Options,
    since: date,
    tags: list[str] | None = None,
    mode: Literal["fast", "exact"] = "fast",
    colour: Colour = Colour.RED,
    ratio: Annotated[float, Field(ge=0, le=1, description="Between 0 and 1.")] = 0.5,
    label: Annotated[str, "How it is called."] = "",
    table: dict[str, int] = {},  # noqa: B006  only its schema is of interest
    anything: Any = None,
) -> tuple[Any, ...]:
    """Do everything.

    At once, if need be.

    Args:
        name: Who does it.
        count: How often,
            all in all.
        ratio: Not read, the hint says more.

    Returns:
        What was given.
    """
    given = (name, count, where, keep, options, since, tags, mode, colour)
    return (*given, ratio, label, table, anything)


WHOLE = {
    "name": "x",
    "count": 3,
    "where": {"x": 1},
    "keep": {"column": "a", "above": 2},
    "options": {"dry": True},
    "since": "2026-11-21",
    "colour": "blue",
}


def _called(made: Tool[..., Any], arguments: object) -> Any:
    args, kwargs = made.bound(made.arguments(json.dumps(arguments)))
    return made.function(*args, **kwargs)


def test_every_kind_of_hint_is_told_and_read_back() -> None:
    """What the model writes as JSON arrives as the types that the hints name."""
    made = tool(everything)

    given = _called(made, WHOLE)

    assert given[:6] == (
        "x",
        3,
        Point(1.0),
        Filter(column="a", above=2),
        {"dry": True},
        date(2026, 11, 21),
    )
    assert given[6:] == (None, "fast", Colour.BLUE, 0.5, "", {}, None)
    jsonschema.Draft202012Validator.check_schema(made.input_schema)
    jsonschema.validate(WHOLE, made.input_schema)


def test_the_schema_says_what_is_needed_what_is_usual_and_what_is_meant() -> None:
    """Docstring and hints together; titles that repeat the names are left out."""
    made = tool(everything)
    schema, properties = made.input_schema, made.input_schema["properties"]

    assert made.description == (
        "Do everything.\n\nAt once, if need be.\n\nReturns: What was given."
    )
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert schema["required"] == [
        "name",
        "count",
        "where",
        "keep",
        "options",
        "since",
    ]
    assert properties["name"] == {"type": "string", "description": "Who does it."}
    assert properties["count"]["description"] == "How often, all in all."
    assert properties["mode"] == {
        "enum": ["fast", "exact"],
        "type": "string",
        "default": "fast",
    }
    assert properties["colour"]["default"] == "red"
    assert properties["ratio"]["description"] == "Between 0 and 1."
    assert (properties["ratio"]["minimum"], properties["ratio"]["maximum"]) == (0, 1)
    assert properties["label"]["description"] == "How it is called."
    assert "title" not in json.dumps({k: v for k, v in schema.items() if k != "$defs"})


_STYLES = {
    "google": "Find it.\n\nArgs:\n    city: Where.\n    days (int): How far.\n",
    "numpy": (
        "Find it.\n\nParameters\n----------\n"
        "city : str\n    Where.\ndays : int\n    How far.\n"
    ),
    "sphinx": "Find it.\n\n:param city: Where.\n:param int days: How far.\n",
    "none": "Find it.",
}


@pytest.mark.parametrize("style", _STYLES)
def test_docstrings_of_every_usual_style_are_read(style: str) -> None:
    def find(city: str, days: int) -> None: ...

    find.__doc__ = _STYLES[style]
    made = tool(find)

    told = {n: p.get("description") for n, p in made.input_schema["properties"].items()}
    known = style != "none"
    assert made.description == "Find it."
    assert told == {
        "city": "Where." if known else None,
        "days": "How far." if known else None,
    }


def test_a_tool_stays_the_function_it_was() -> None:
    """A notebook goes on calling it."""

    @tool(name="add_up", description="Adds.", timeout=3)
    def add(a: int, b: int = 2) -> int:
        """Not read."""
        return a + b

    assert add(1) == 3
    assert getattr(add, "__name__", "") == "add"
    assert (add.name, add.description, add.timeout) == ("add_up", "Adds.", 3)
    assert repr(add) == "Tool('add_up')"
    assert add.declaration.name == "add_up"
    assert add.declaration.input_schema == add.input_schema


def test_names_of_the_place_where_a_function_is_made_are_known() -> None:
    """A class of a cell, or of a function, is no global of a module."""

    class Local(BaseModel):
        value: int

    @tool
    def take(local: Local) -> int:
        return local.value

    assert _called(take, {"local": {"value": 7}}) == 7


def test_all_that_can_be_called_can_be_a_tool() -> None:
    """Bound methods, partial functions, objects, functions without hints."""

    class Shop:
        def price(self, of: str) -> str:
            return f"{of}: 1"

        def __call__(self, of: str) -> str:
            return f"{of}!"

    def bare(left, right="r"):  # type: ignore[no-untyped-def]
        return left, right

    def placed(left: int, /, right: int) -> tuple[int, int]:
        return left, right

    def open_ended(first: int, **more: int) -> dict[str, int]:
        return {"first": first, **more}

    half = functools.partial(everything, "x")

    assert _called(tool(Shop().price), {"of": "tea"}) == "tea: 1"
    assert _called(tool(name="shop")(Shop()), {"of": "tea"}) == "tea!"
    assert _called(tool(bare), {"left": [1]}) == ([1], "r")
    assert _called(tool(placed), {"left": 1, "right": 2}) == (1, 2)
    assert _called(tool(open_ended), {"first": 1, "z": 2}) == {"first": 1, "z": 2}
    assert "name" not in tool(name="half")(half).input_schema["properties"]


@pytest.mark.parametrize("text", ["", " ", "null", "{}"])
def test_nothing_stands_for_no_arguments(text: str) -> None:
    """Providers write it in several ways."""

    @tool
    def now() -> None: ...

    assert now.arguments(text) == {}
    assert now.input_schema["properties"] == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "Invalid JSON"),
        ("[1]", "Input should be an object"),
        ('"x"', "Input should be an object"),
        ("{}", "city: Field required"),
        ('{"city": 3}', "city: Input should be a valid string"),
        ('{"city": "x", "town": "y"}', "town: Extra inputs are not permitted"),
        ('{"city": "x", "days": 9}', "days: Input should be 1 or 3"),
    ],
)
def test_arguments_that_do_not_fit_are_told_by_name(text: str, told: str) -> None:
    """Short, and without links: it is a model that reads it."""

    @tool
    def lookup(city: str, days: Literal[1, 3] = 1) -> None: ...

    with pytest.raises(BadArgumentsError, match=told) as found:
        lookup.arguments(text)

    assert "http" not in str(found.value)
    assert len(str(found.value)) < 300


def test_many_mistakes_are_told_shortly() -> None:
    @tool
    def total(numbers: list[int]) -> None: ...

    with pytest.raises(BadArgumentsError, match="and 92 more$"):
        total.arguments(json.dumps({"numbers": ["x"] * 100}))


class _Unknown:
    pass


@dataclass
class _Node:
    child: list[_Node] = field(default_factory=list)


def test_types_may_hold_themselves() -> None:
    @tool
    def depth(tree: _Node) -> int:
        return 1 + max((depth(child) for child in tree.child), default=0)

    assert _called(depth, {"tree": {"child": [{"child": [{}]}]}}) == 3


def _takes_any(*numbers: int) -> None: ...
def _takes_unknown(thing: _Unknown) -> None: ...
def _takes_nothing_known(thing: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821
def _method(self: Any, number: int) -> None: ...


@pytest.mark.parametrize(
    "function", [_takes_any, _takes_unknown, _takes_nothing_known, _method, 3]
)
def test_what_no_model_could_call_is_refused_at_once(function: Any) -> None:
    """When it is declared, and not when an agent calls it."""
    with pytest.raises(TypeError):
        as_tools([function])


def test_names_are_those_that_models_can_call() -> None:
    def f() -> None: ...

    for name in ("two words", "x" * 65, "größe", "a.b"):
        with pytest.raises(ValueError, match="no name for a tool"):
            tool(name=name)(f)
    with pytest.raises(ValueError, match="must be positive"):
        tool(timeout=0)(f)


def test_a_chat_has_so_many_tools_and_each_name_once() -> None:
    """The limits of the server, before it is asked."""

    def f() -> None: ...

    with pytest.raises(ValueError, match="two tools named 'f'"):
        as_tools([f, f])
    with pytest.raises(ValueError, match="at most 250"):
        as_tools(tool(name=f"t{n}")(f) for n in range(251))
    assert len(as_tools(tool(name=f"t{n}")(f) for n in range(250))) == 250


def test_a_long_docstring_is_cut_to_what_providers_take() -> None:
    def f() -> None: ...

    f.__doc__ = "word " * 1000

    assert len(tool(f).description) <= 1024
    assert tool(f).description.endswith("…")
