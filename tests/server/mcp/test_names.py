"""What lent tools are called, and what models are told of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from coderchat_jupyter.server.mcp.limits import Limits
from coderchat_jupyter.server.mcp.names import (
    arguments_of,
    free_name,
    is_allowed,
    public_name,
    spec_of,
)
from coderchat_jupyter.server.storage.rows import McpServerRow

_LIMITS = Limits(schema_characters=200, description_characters=10)


def _row(allow: tuple[str, ...] = (), deny: tuple[str, ...] = ()) -> McpServerRow:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return McpServerRow(
        id="1",
        slug="s",
        display_name="S",
        description="",
        icon_url="",
        transport="sse",
        url="http://x",
        auth_type="none",
        api_key_header="",
        sealed_api_key=None,
        sealed_headers=None,
        tool_allow_list=allow,
        tool_deny_list=deny,
        availability="force_on",
        enabled=True,
        model_intent=False,
        allow_in_plan_mode=False,
        forward_coder_headers=False,
        created_at=now,
        updated_at=now,
    )


@pytest.mark.parametrize(
    ("allow", "deny", "wanted"),
    [
        ((), (), {"a", "b"}),
        (("a",), (), {"a"}),
        ((), ("a",), {"b"}),
        # A list of what is allowed is the whole truth.
        (("a", "b"), ("a",), {"a", "b"}),
        (("s__a",), (), set()),
    ],
)
def test_lists_name_tools_as_their_server_does(
    allow: tuple[str, ...], deny: tuple[str, ...], wanted: set[str]
) -> None:
    row = _row(allow, deny)

    assert {tool for tool in ("a", "b") if is_allowed(tool, row)} == wanted


@pytest.mark.parametrize(
    ("slug", "tool", "name"),
    [
        ("github", "search_code", "github__search_code"),
        ("my server", "a.b/c", "my_server__a_b_c"),
        ("ünï", "\x1b[31m", "_n_____31m"),
        ("s", "t" * 80, "s__" + "t" * 61),
        ("", "", "__"),
    ],
)
def test_every_vendor_takes_the_name(slug: str, tool: str, name: str) -> None:
    found = public_name(slug, tool)

    assert found == name
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", found)


def test_names_that_become_alike_are_told_apart() -> None:
    taken: list[str] = []
    for _ in range(11):
        taken.append(free_name("t" * 64, taken))

    assert len(set(taken)) == 11
    assert taken[1] == "t" * 62 + "_2"
    assert taken[10] == "t" * 61 + "_11"


def test_a_schema_becomes_an_object_with_what_it_refers_to() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Args",
        "properties": {"a": {"$ref": "#/$defs/A"}},
        "required": ["a"],
        "$defs": {"A": {"type": "string"}},
    }

    spec = spec_of("n", "d", schema, _LIMITS)

    assert spec is not None
    assert spec.parameters == {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}},
        "required": ["a"],
        "$defs": {"A": {"type": "string"}},
    }


@pytest.mark.parametrize("schema", [{}, {"type": "array"}, {"required": []}])
def test_a_schema_that_says_nothing_takes_no_arguments(schema: object) -> None:
    spec = spec_of("n", "d", schema, _LIMITS)

    assert spec is not None
    assert spec.parameters == {"type": "object", "properties": {}}


def _deep(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(depth):
        found = {"a": found}
    return found


@pytest.mark.parametrize(
    "schema",
    [
        None,
        [],
        {"properties": ["a"]},
        {"properties": {}, "required": "a"},
        {"properties": {"a": {"description": "x" * 300}}},
        {"properties": {"a": {"default": float("nan")}}},
        {"properties": _deep(5000)},
    ],
    ids=["null", "list", "names", "text", "long", "nan", "deep"],
)
def test_a_schema_that_no_model_can_be_told_hides_its_tool(schema: object) -> None:
    assert spec_of("n", "d", schema, _LIMITS) is None


def test_a_description_is_cut_and_without_controls() -> None:
    spec = spec_of("n", "a\x1b]0;b\x07\n\x00cdefghijkl", {}, _LIMITS)

    assert spec is not None
    assert spec.description == "a]0;b\ncdef…"


def test_a_model_says_what_a_call_is_for_where_it_must() -> None:
    schema = {"properties": {"q": {"type": "string"}}, "required": ["q"]}

    spec = spec_of("n", "d", schema, _LIMITS, with_intent=True)

    assert spec is not None
    assert spec.parameters["required"] == ["model_intent", "properties"]
    properties = spec.parameters["properties"]
    assert isinstance(properties, dict)
    assert properties["properties"] == {"type": "object", **schema}


@pytest.mark.parametrize(
    "args",
    [
        {"model_intent": "Looking", "properties": {"q": "x"}},
        {"model_intent": "Looking", "q": "x"},
        {"q": "x"},
    ],
)
def test_the_server_is_not_told_what_a_call_is_for(args: dict[str, Any]) -> None:
    assert arguments_of(args, with_intent=True) == {"q": "x"}


def test_arguments_are_passed_on_as_they_are_without_intents() -> None:
    args = {"model_intent": "mine", "properties": {"q": "x"}}

    assert arguments_of(args, with_intent=False) == args
