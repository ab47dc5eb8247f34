"""What lent tools answer becomes a result that can be stored, sent and read."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from coderchat_jupyter.server.engine.tools import Outcome
from coderchat_jupyter.server.mcp.limits import Limits
from coderchat_jupyter.server.mcp.results import outcome_of

_LIMITS = Limits(text_characters=40, media_bytes=6)
_PICTURE = base64.b64encode(b"\x89PNG").decode()


def _text(*texts: str, **more: Any) -> Outcome:
    blocks = [{"type": "text", "text": text} for text in texts]
    return outcome_of({"content": blocks, **more}, _LIMITS)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("It is sunny.", {"output": "It is sunny."}),
        ('{"a": [1, null]}', {"a": [1, None]}),
        ("3", 3),
        ('"said"', "said"),
        ("", {"output": ""}),
        ("{", {"output": "{"}),
        ("NaN", {"output": "NaN"}),
        # No value: it would be the same as no answer.
        ("null", {"output": "null"}),
        ('{"a": 1e999}', {"output": '{"a": 1e999}'}),
        ('"\\ud800"', "\ufffd"),
        ('"\\u0000"', {"output": '"\\u0000"'}),
    ],
)
def test_text_that_is_json_is_kept_as_json(text: str, result: object) -> None:
    assert _text(text).result == result


def test_texts_stand_one_below_the_other() -> None:
    found = _text("one", "two")

    assert (found.result, found.text) == ({"output": "one\ntwo"}, "one\ntwo")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("no such city", {"error": "no such city"}),
        ('{"code": 7}', {"code": 7}),
    ],
)
def test_a_failure_is_an_error_by_its_text(text: str, result: object) -> None:
    found = _text(text, isError=True)

    assert (found.result, found.is_error) == (result, True)


@pytest.mark.parametrize("kind", ["image", "audio"])
def test_a_picture_makes_a_media_result_with_the_text_beside_it(kind: str) -> None:
    found = outcome_of(
        {
            "content": [
                {"type": "text", "text": "the page"},
                {"type": kind, "data": _PICTURE, "mimeType": "image/PNG"},
                {"type": kind, "data": _PICTURE, "mimeType": "image/gif"},
            ]
        },
        _LIMITS,
    )

    assert found.is_media
    assert found.result == {
        "data": _PICTURE,
        "mime_type": "image/png",
        "text": "the page",
    }


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({"data": "%%", "mimeType": "image/png"}, "[image/png that is not readable]"),
        ({"mimeType": "image/png"}, "[image/png that is not readable]"),
        (
            {"data": base64.b64encode(b"1234567").decode(), "mimeType": "image/png"},
            "[image/png of 7 bytes, too large to be shown]",
        ),
    ],
)
def test_a_picture_that_cannot_be_shown_is_told_in_words(
    block: dict[str, Any], told: str
) -> None:
    limits = Limits(media_bytes=6)

    found = outcome_of({"content": [{"type": "image", **block}]}, limits)

    assert (found.result, found.is_media) == ({"output": told}, False)


def test_a_hostile_media_type_is_not_passed_on() -> None:
    block = {"type": "image", "data": _PICTURE, "mimeType": 'x"><script>'}

    found = outcome_of({"content": [block]}, _LIMITS)

    assert found.result["mime_type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "resource", "resource": {"uri": "f:/a", "text": "inside"}}, "inside"),
        (
            {"type": "resource_link", "uri": "f:/a", "name": "a", "description": "b"},
            "[resource: a f:/a b]",
        ),
        ({"type": "hologram"}, "[content of the unknown type 'hologram']"),
        ({}, "[content of the unknown type 'None']"),
    ],
)
def test_other_content_is_told_as_text(block: dict[str, Any], text: str) -> None:
    assert outcome_of({"content": [block]}, _LIMITS).result == {"output": text}


def test_structured_content_counts_where_there_is_no_text() -> None:
    alone = outcome_of({"content": [], "structuredContent": {"a": 1}}, _LIMITS)
    beside = _text("a is 1", structuredContent={"a": 1})

    assert (alone.result, beside.result) == ({"a": 1}, {"output": "a is 1"})


def test_text_is_cut_where_it_becomes_too_long() -> None:
    found = _text("x" * 50)

    assert found.result == {"output": "x" * 40 + "\n[10 more characters are left out]"}


def test_what_is_nested_too_deep_stays_text() -> None:
    wide = Limits()
    texts = ["[" * depth + "]" * depth for depth in (64, 66, 100_000)]

    kinds = [
        type(outcome_of({"content": [{"type": "text", "text": text}]}, wide).result)
        for text in texts
    ]

    assert kinds == [list, dict, dict]


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "\x1b[2J", "9" * 39])
def test_whatever_it_says_can_be_stored_and_sent(text: str) -> None:
    result = _text(text).result

    written = json.dumps(result, ensure_ascii=False).encode()
    assert json.loads(written) == result
    assert b"\\u0000" not in written


@pytest.mark.parametrize("content", [None, [], [None], ["a"], [7]])
def test_an_answer_without_content_is_empty(content: object) -> None:
    assert outcome_of({"content": content}, _LIMITS).result == {"output": ""}
