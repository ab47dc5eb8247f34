"""What vendors count that no tokens can be: the answer is kept, the count is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from coderchat_jupyter.server.engine.costs import cost_micros, stored_usage
from coderchat_jupyter.server.providers import Provider
from coderchat_jupyter.server.providers._library import tokens, usage_of
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    StepUsage,
    TextDelta,
)
from tests.fakes import vendor_wires
from tests.fakes.vendor import FakeVendor
from tests.server.providers.answers import ANSWERS
from tests.server.providers.calls import items

Connect = Callable[..., Provider]

_COUNTS = re.compile(rb'("\w*(?:_tokens|TokenCount)": )\d+')


# The library only warns that it cannot read a price from it.
@pytest.mark.filterwarnings("ignore:Failed to extract usage")
@pytest.mark.parametrize(
    ("kind", "count"),
    [
        (kind, count)
        for kind in ("anthropic", "bedrock", "google", "openai")
        for count in ("-5", "1e30", "3.5")
    ],
)
async def test_an_answer_is_kept_whatever_the_vendor_counted(
    kind: str,
    count: str,
    vendor: FakeVendor,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in vendor_wires.BEDROCK_USAGE:
        monkeypatch.setitem(vendor_wires.BEDROCK_USAGE, name, float(count))
    sent = ANSWERS[kind]()
    pieces = tuple(_COUNTS.sub(rb"\g<1>" + count.encode(), p) for p in sent.pieces)
    is_text = sent.content_type == "text/event-stream"
    vendor.will(replace(sent, pieces=pieces) if is_text else sent)

    answer = await items(connect(kind))

    said = "".join(item.text for item in answer if isinstance(item, TextDelta))
    finished = answer[-1]
    assert isinstance(finished, Finished)
    assert said
    assert finished.usage is None
    assert is_text is (pieces != sent.pieces)


@pytest.mark.parametrize(
    ("count", "found"),
    [
        (7, 7),
        (7.0, 7),
        (2**53, 2**53),
        (2**53 + 1, 0),
        (-1, 0),
        (3.5, 0),
        (1e30, 0),
        (float("inf"), 0),
        (float("nan"), 0),
        ("7", 0),
        ([], 0),
        (None, 0),
    ],
)
def test_only_a_whole_number_in_reach_counts(count: object, found: int) -> None:
    assert tokens(count) == found
    usage = usage_of(input_tokens=count, output_tokens=5)
    assert usage == StepUsage(input_tokens=found or None, output_tokens=5)
    assert stored_usage(usage, 1).input_tokens == (found or None)
    assert cost_micros(usage, None) is None
