"""Answers that are not of the form of their API: an answer all the same, or one error.

`MUTANTS=1000` tries so many of each vendor.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from coderchat_jupyter.server.providers import Provider, ProviderError
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    Item,
    TextDelta,
    ToolCall,
)
from tests.fakes.vendor import FakeVendor, Reply, chat_stream, messages_stream
from tests.fakes.vendor_wires import gemini_stream, responses_stream
from tests.server.providers.answers import ANSWERS
from tests.server.providers.calls import LOOKUP, call, items
from tests.server.providers.mutants import mutants

Connect = Callable[..., Provider]

MANY = int(os.environ.get("MUTANTS", "9"))
INSIDES = re.compile(r"validation error|object|attribute|NoneType|codec|index|Cannot")
MESSAGE = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "", "annotations": []}],
}
FUNCTION = {"name": "lookup", "arguments": "{}"}
LOOKED = {"index": 0, "id": "c1", "type": "function", "function": FUNCTION}
SUMMARY = {"provider_options": {"openai": {"reasoning_summary": "auto"}}}

WHOLE: dict[str, tuple[str, dict[str, Any], Reply]] = {
    "anthropic": (
        "anthropic",
        {},
        messages_stream(
            ({"type": "text", "text": ""}, [{"type": "text_delta", "text": "par"}]),
            ({"type": "tool_use", "id": "c1", "name": "lookup", "input": {}}, []),
        ),
    ),
    "chat": ("openrouter", {}, chat_stream({"content": "p"}, {"tool_calls": [LOOKED]})),
    "google": (
        "google",
        {},
        gemini_stream(
            {"text": "par"}, {"functionCall": {"name": "lookup", "args": {}}}
        ),
    ),
    "responses": (
        "openai",
        {"settings": SUMMARY},
        responses_stream(MESSAGE, deltas=("par",)),
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", sorted(WHOLE))
async def test_whatever_is_wrong_in_it_an_answer_is_read_or_refused_in_one_sentence(
    vendor: FakeVendor, connect: Connect, kind: str
) -> None:
    type_, settings, whole = WHOLE[kind]
    provider = connect(type_)
    wrong = list(mutants(whole))

    for reply in wrong[:: max(1, len(wrong) // MANY)]:
        vendor.will(reply)
        try:
            answer = await items(provider, call(tools=(LOOKUP,), **settings))
        except ProviderError as error:
            assert not INSIDES.search(error.message)
        else:
            _assert_sound(answer)


def _assert_sound(answer: list[Item]) -> None:
    assert isinstance(answer[-1], Finished)
    for item in answer:
        if isinstance(item, TextDelta):
            assert isinstance(item.text, str)
        if isinstance(item, ToolCall):
            assert isinstance(item.call_id + item.name + item.args, str)


@pytest.mark.parametrize("kind", ["anthropic", "bedrock", "google", "openai"])
async def test_a_page_in_place_of_an_answer_is_told_with_a_hint(
    vendor: FakeVendor, connect: Connect, kind: str
) -> None:
    """The address leads to somebody else, who answers everything with 200."""
    page = b"<!doctype html><title>Welcome</title>"
    vendor.will(Reply((page,), content_type="text/html"))

    with pytest.raises(ProviderError) as caught:
        await items(connect(kind))

    assert "not " in caught.value.detail
    assert "doctype" not in caught.value.detail


@pytest.mark.parametrize("kind", ["anthropic", "google", "openai"])
async def test_a_piece_of_five_megabytes_is_read(
    vendor: FakeVendor, connect: Connect, kind: str
) -> None:
    long = b"par" * 1_700_000
    sent = ANSWERS[kind]()
    pieces = tuple(piece.replace(b'"par"', b'"%s"' % long) for piece in sent.pieces)
    vendor.will(replace(sent, pieces=pieces))

    answer = await items(connect(kind))

    said = "".join(item.text for item in answer if isinstance(item, TextDelta))
    assert len(said) == len(long)
