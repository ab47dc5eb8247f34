"""Answers that began well and then broke, by vendor, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from coderchat_jupyter.server.engine.classify import Classified, classify
from coderchat_jupyter.server.providers import Provider, ProviderError
from tests.fakes.vendor import FakeVendor, Reply, chat_stream
from tests.fakes.vendor_wires import responses_stream
from tests.server.providers.answers import ANSWERS
from tests.server.providers.calls import call, items

Connect = Callable[..., Provider]

OVERLOADED = {"error": {"message": "The server is overloaded.", "type": "server_error"}}

CLAUDE = {"type": "error", "error": {"type": "overloaded_error", "message": "Full"}}

GEMINI = {"error": {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}}


async def failure(provider: Provider) -> tuple[ProviderError, Classified]:
    made = call()
    with pytest.raises(ProviderError) as caught:
        await items(provider, made)
    return caught.value, classify(caught.value)


@pytest.mark.parametrize("type_", sorted(ANSWERS))
async def test_an_answer_that_is_cut_off_is_a_timeout(
    vendor: FakeVendor, connect: Connect, type_: str
) -> None:
    vendor.will(ANSWERS[type_](ending="drop"))

    error, found = await failure(connect(type_))

    assert (found.error.kind, found.retryable) == ("timeout", True)
    assert error.status_code is None


def _event(value: Any, name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(value)}\n\n".encode()


IN_STREAM = [
    ("anthropic", _event(CLAUDE, "error"), 529),
    ("google", _event(GEMINI), 503),
    ("openai", _event(OVERLOADED), 500),
    ("azure", _event(OVERLOADED), 500),
    (
        "openrouter",
        _event({"id": "g", "error": {"code": 502, "message": "It disconnected"}}),
        502,
    ),
    ("vercel", _event({"error": {"message": "It is overloaded", "type": "x"}}), 0),
]


@pytest.mark.parametrize(
    ("type_", "event", "status"), IN_STREAM, ids=[row[0] for row in IN_STREAM]
)
async def test_an_error_inside_an_answer_that_began_well_is_understood(
    vendor: FakeVendor, connect: Connect, type_: str, event: bytes, status: int
) -> None:
    """The status line said 200; the vendor's own code counts, if it has one."""
    begun = ANSWERS[type_](ending="drop").pieces
    vendor.will(Reply((*begun, event)))

    _, found = await failure(connect(type_))

    kind = "timeout" if type_ == "openrouter" else "overloaded"
    assert (found.error.kind, found.retryable) == (kind, True)
    assert found.error.status_code == status
    assert found.error.detail


async def test_a_response_that_failed_is_an_error(
    vendor: FakeVendor, connect: Connect
) -> None:
    """The Responses API tells it as the response's own state."""
    error = {"code": "server_error", "message": "The server had an error."}
    response: dict[str, Any] = {
        "id": "r",
        "object": "response",
        "status": "failed",
        "error": error,
    }
    response |= {"created_at": 1, "model": "m", "output": [], "tools": []}
    response |= {"parallel_tool_calls": True, "tool_choice": "auto"}
    told = {"type": "response.failed", "sequence_number": 9, "response": response}
    begun = responses_stream(ending="drop").pieces
    vendor.will(Reply((*begun, _event(told, "response.failed"))))
    settings = {"provider_options": {"openai": {"reasoning_summary": "auto"}}}

    with pytest.raises(ProviderError) as caught:
        await items(connect("openai"), call(settings=settings))

    assert classify(caught.value).retryable
    assert caught.value.detail == "The server had an error."


async def test_an_answer_of_anthropic_without_its_end_is_a_timeout(
    vendor: FakeVendor, connect: Connect
) -> None:
    """The connection closed in good order; the message did not."""
    whole = ANSWERS["anthropic"]().pieces
    vendor.will(Reply(whole[:-2]))

    _, found = await failure(connect("anthropic"))

    assert (found.error.kind, found.retryable) == ("timeout", True)


async def test_a_response_without_its_end_is_a_timeout(
    vendor: FakeVendor, connect: Connect
) -> None:
    vendor.will(Reply(responses_stream(ending="drop").pieces))
    settings = {"provider_options": {"openai": {"reasoning_summary": "auto"}}}

    with pytest.raises(ProviderError) as caught:
        await items(connect("openai"), call(settings=settings))

    found = classify(caught.value)
    assert (found.error.kind, found.retryable) == ("timeout", True)


async def test_the_comments_of_openrouter_are_no_events(
    vendor: FakeVendor, connect: Connect
) -> None:
    """It sends them while a model thinks."""
    reply = chat_stream({"content": "Hi"})
    vendor.will(Reply((b": OPENROUTER PROCESSING\n\n", *reply.pieces)))

    answer = await items(connect("openrouter"))

    assert len(answer) == 2
