"""Answers that never end, by vendor, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from coderchat_jupyter.server.engine.classify import classify
from coderchat_jupyter.server.providers import Provider, ProviderError, _bounded
from coderchat_jupyter.server.providers._protocol import Finished, TextDelta
from tests.fakes.vendor import FakeVendor, Reply, chat_stream
from tests.server.providers.calls import call, items

Connect = Callable[..., Provider]

ENDLESS = (b"data: ", *(b"x" * 10_000 for _ in range(30)))


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bounded, "_MOST_BYTES", 100_000)


async def _failed(failing: ProviderError, vendor: FakeVendor) -> None:
    found = classify(failing)
    assert (found.error.kind, found.retryable) == ("generic", False)
    assert (
        found.error.detail == "The answer of the provider is longer than can be read."
    )
    async with asyncio.timeout(10):
        await vendor.left.wait()


@pytest.mark.parametrize("type_", ["anthropic", "google", "openai"])
async def test_an_event_without_end_is_read_no_further(
    vendor: FakeVendor, connect: Connect, type_: str
) -> None:
    vendor.will(Reply(ENDLESS, ending="hang"))

    with pytest.raises(ProviderError) as caught:
        await items(connect(type_))

    await _failed(caught.value, vendor)


@pytest.mark.parametrize("type_", ["anthropic", "bedrock", "google", "openai"])
async def test_a_body_without_end_is_read_no_further(
    vendor: FakeVendor, connect: Connect, type_: str
) -> None:
    vendor.will(Reply(ENDLESS, ending="hang", content_type="application/json"))

    with pytest.raises(ProviderError) as caught:
        await connect(type_).ask(call())

    await _failed(caught.value, vendor)


async def test_a_long_answer_of_short_events_is_read_to_its_end(
    vendor: FakeVendor, connect: Connect
) -> None:
    vendor.will(chat_stream(*({"content": "word "} for _ in range(1_500))))

    found = await items(connect("openai"))

    assert sum(isinstance(item, TextDelta) for item in found) == 1_500
    assert isinstance(found[-1], Finished)
