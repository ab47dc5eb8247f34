"""Pieces that are read quickly are as the SDK would have read them."""

from __future__ import annotations

from typing import Any

import pytest
from openai._models import construct_type
from openai.types.chat import ChatCompletionChunk

from coderchat_jupyter.server.providers._openai_client import quick_chunk


def _piece(delta: Any, choice: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "gpt-5",
        "choices": [
            {"index": 0, "delta": delta, "finish_reason": None, **(choice or {})}
        ],
        **more,
    }


@pytest.mark.parametrize(
    "data",
    [
        _piece({"content": "Hello"}),
        _piece({"role": "assistant", "content": "", "refusal": None}),
        _piece({"content": " \n"}, {"logprobs": None}, usage=None),
        _piece({"content": "é"}, service_tier="default", system_fingerprint="fp"),
    ],
)
def test_a_piece_of_text_is_as_the_library_reads_it(data: dict[str, Any]) -> None:
    made = quick_chunk(data)

    assert made is not None
    read = construct_type(type_=ChatCompletionChunk, value=data)
    assert made == read
    assert type(made.choices[0].delta) is type(read.choices[0].delta)


def test_no_piece_changes_another() -> None:
    first = quick_chunk(_piece({"content": "one"}))
    quick_chunk(_piece({"content": "two", "role": "assistant"}, service_tier="x"))

    assert first is not None
    assert first.choices[0].delta.content == "one"
    assert first.choices[0].delta.role is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"choices": []},
        _piece({"content": "x"}) | {"choices": [1]},
        _piece(None),
        _piece({"content": None}),
        _piece({"content": ["x"]}),
        _piece({"content": "x", "reasoning_content": "y"}),
        _piece({"content": "x", "tool_calls": []}),
        _piece({"content": "x", "refusal": "no"}),
        _piece({"content": "x"}, {"finish_reason": "stop"}),
        _piece({"content": "x"}, {"logprobs": {"content": []}}),
        _piece({"content": "x"}, {"index": 1}),
        _piece({"content": "x"}, {"new": 1}),
        _piece({"content": "x"}, usage={"prompt_tokens": 1}),
        _piece({"content": "x"}, created="now"),
        _piece({"content": "x"}, model=None),
        _piece({"content": "x"}, error={"message": "no"}),
        _piece({"content": "x"}, system_fingerprint=5),
    ],
)
def test_everything_else_is_left_to_the_library(data: Any) -> None:
    assert quick_chunk(data) is None
