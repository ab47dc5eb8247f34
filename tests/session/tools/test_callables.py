"""What there is to call: its own names, defaults of every kind, what it waits for."""

from __future__ import annotations

import asyncio
import functools
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, Field

from coderchat_jupyter.session.tools import tool
from coderchat_jupyter.session.tools._call import answer_call
from coderchat_jupyter.session.tools._consent import Consent
from coderchat_jupyter.session.tools._tool import BadArgumentsError
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.tools import DynamicToolCall, ToolResult

if TYPE_CHECKING:
    from nowhere import Frame  # type: ignore[import-not-found]


async def _answered(function: Callable[..., Any], args: str = "{}") -> ToolResult:
    made = tool(function)
    call = DynamicToolCall(tool_call_id="1", tool_name=made.name, args=args)
    return await answer_call(ChatId("chat"), call, {made.name: made}, Consent(), 30)


class _Rates:
    """Rates of one bank."""

    def __init__(self) -> None:
        self.name = "no name for a tool!"
        self.timeout = -1
        self.input_schema = {"type": "nothing"}

    def __call__(self, of: str) -> str:
        """Rate of a currency.

        Args:
            of: Three letters.
        """
        return f"{of}: 1"


async def test_what_an_object_keeps_is_not_taken_for_what_the_tool_is() -> None:
    """It may have a name, a time limit or a schema of its own."""
    made = tool(_Rates())

    assert (made.name, made.timeout) == ("_Rates", None)
    assert made.description == "Rate of a currency."
    assert made.input_schema["properties"]["of"]["description"] == "Three letters."
    assert (await _answered(_Rates(), '{"of": "CZK"}')).output == "CZK: 1"


async def test_a_function_with_some_arguments_given_keeps_name_and_docs() -> None:
    """Two of them are two tools, and a model is told what they do."""

    def add(left: int, right: int) -> int:
        """Add numbers.

        Args:
            left: One.
            right: Another.
        """
        return left + right

    made = tool(functools.partial(add, 1))

    assert (made.name, made.description) == ("add", "Add numbers.")
    assert made.input_schema["properties"]["right"]["description"] == "Another."


async def test_an_argument_that_has_only_a_place_may_be_left_out() -> None:
    def sides(left: int = 1, right: int = 2, /) -> list[int]:
        return [left, right]

    assert (await _answered(sides, '{"right": 9}')).output == [1, 9]


async def test_a_default_may_be_told_as_a_field() -> None:
    """As pydantic has it elsewhere."""

    def find(
        count: int = Field(3, ge=1, description="How many."),
        tags: list[str] = Field(default_factory=list),  # noqa: B008
    ) -> list[Any]:
        return [count, tags]

    assert (await _answered(find)).output == [3, []]
    assert tool(find).input_schema["properties"]["count"] == {
        "default": 3, "minimum": 1, "type": "integer", "description": "How many."
    }  # fmt: skip
    assert "required" not in tool(find).input_schema
    with pytest.raises(BadArgumentsError, match="count: "):
        tool(find).arguments('{"count": 0}')


async def test_a_field_may_have_another_name_in_json() -> None:
    def find(kind: Annotated[str, Field(alias="type")], n: int = 1) -> list[Any]:
        """Find.

        Args:
            kind: Which.
            n: How many.
        """
        return [kind, n]

    assert (await _answered(find, '{"type": "a"}')).output == ["a", 1]
    assert tool(find).input_schema["properties"]["type"]["description"] == "Which."


@pytest.mark.parametrize(
    "default", [b"\xff", float("nan"), [float("inf")], object(), "x" * 5000]
)
def test_a_default_that_no_schema_can_hold_is_not_told(default: Any) -> None:
    """The argument may be left out nevertheless."""

    def find(thing: Any = default) -> None: ...

    schema = tool(find).declaration.input_schema

    assert schema["properties"] == {"thing": {}}
    assert "required" not in schema


class _Range(BaseModel):
    top: float = float("inf")


def test_a_schema_is_json_whatever_a_model_has_for_a_default() -> None:
    def find(within: _Range) -> None: ...

    json.dumps(tool(find).input_schema, allow_nan=False)


async def test_unnamed_arguments_are_checked_by_their_hint() -> None:
    def total(first: int, **more: int) -> int:
        return first + sum(more.values())

    assert (await _answered(total, '{"first": 1, "b": "2"}')).output == 3
    assert tool(total).input_schema["additionalProperties"] == {"type": "integer"}
    with pytest.raises(BadArgumentsError, match="^b: "):
        tool(total).arguments('{"first": 1, "b": "x"}')


def test_what_a_function_gives_may_be_known_to_type_checkers_alone() -> None:
    def load(path: str) -> Frame:
        raise NotImplementedError

    assert list(tool(load).input_schema["properties"]) == ["path"]


async def test_a_plain_function_may_wait_for_the_coroutine_that_it_wraps() -> None:
    """It is no coroutine function because what it wraps is one."""

    async def inner() -> str:
        """Read."""
        return "done"

    @functools.wraps(inner)
    def plain() -> str:
        return asyncio.run(inner())

    assert (await _answered(plain)).output == "done"


async def test_what_a_function_says_as_it_leaves_is_told() -> None:
    def leave() -> None:
        sys.exit("No such city.")

    found = await _answered(leave)

    assert found.is_error
    assert found.output == {"error": "SystemExit: No such city."}
