"""Anthropic's messages, against a vendor on a real socket."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import ANY

import pytest

from coderchat_jupyter.server.providers import Provider, ProviderError
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    PartSigned,
    ReasoningDelta,
    StepUsage,
    TextDelta,
    ToolCall,
    ToolInputDelta,
)
from tests.fakes.vendor import FakeVendor, Reply, messages_stream
from tests.server.providers.calls import (
    LOOKUP,
    call,
    called,
    items,
    result,
    thought,
)

Connect = Callable[..., Provider]

COUNTED = StepUsage(
    input_tokens=400,
    output_tokens=500,
    total_tokens=900,
    cache_creation_tokens=200,
    cache_read_tokens=600,
)


def text(*deltas: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    told = [{"type": "text_delta", "text": delta} for delta in deltas]
    return {"type": "text", "text": ""}, told


@pytest.mark.parametrize("path", ["", "/v1"])
async def test_the_request_is_exactly_what_the_record_says(
    vendor: FakeVendor, connect: Connect, path: str
) -> None:
    """The address may be given with the version or without."""
    vendor.will(messages_stream(text("Hi")))
    url = vendor.url.removesuffix("/v1") + path

    await items(connect("anthropic", url=url), call("hello", system=("Be brief.",)))

    (seen,) = vendor.seen
    assert seen.path.split("?")[0] == "/v1/messages"
    assert seen.headers["x-api-key"] == "sk-very-secret-key"
    assert "authorization" not in seen.headers
    assert seen.body == {
        "model": "model-1",
        "stream": True,
        "max_tokens": 32000,
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "hello"}]},
        ],
    }


async def test_the_results_of_a_step_are_one_user_message(
    vendor: FakeVendor, connect: Connect
) -> None:
    """And a failed one stays marked as failed."""
    vendor.will(messages_stream(text("x")))
    asked = call(
        "q",
        called(("c1", '{"city": "Paris"}'), ("c2", "{}")),
        result("c1", '"boom"', is_error=True),
        result("c2", '{"sky": "blue"}'),
        "r",
        tools=(LOOKUP,),
    )

    await items(connect("anthropic"), asked)

    body = vendor.seen[0].body

    def answered(call_id: str, said: str, *, is_error: bool) -> dict[str, object]:
        return {
            "type": "tool_result",
            "tool_use_id": call_id,
            "content": [{"type": "text", "text": said}],
            "is_error": is_error,
        }

    assert body["messages"][2] == {
        "role": "user",
        "content": [
            answered("c1", '"boom"', is_error=True),
            answered("c2", '{"sky": "blue"}', is_error=False),
        ],
    }
    assert [message["role"] for message in body["messages"]] == [
        "user",
        "assistant",
        "user",
        "user",
    ]
    assert "tool_choice" not in body


async def test_thinking_goes_back_with_its_signature_or_not_at_all(
    vendor: FakeVendor, connect: Connect
) -> None:
    """The vendor refuses thinking that it cannot prove to be its own."""
    vendor.will(messages_stream(text("x")))
    asked = call("q", thought("mine", "a", "sig"), "r", thought("theirs", "b"), "s")

    await items(connect("anthropic"), asked)

    messages = vendor.seen[0].body["messages"]
    assert messages[1]["content"] == [
        {"type": "thinking", "thinking": "mine", "signature": "sig"},
        {"type": "text", "text": "a"},
    ]
    assert messages[3]["content"] == [{"type": "text", "text": "b"}]


async def test_an_answer_arrives_piece_by_piece(
    vendor: FakeVendor, connect: Connect
) -> None:
    """Arguments arrive in pieces that are not shown; usage counts cache apart."""
    vendor.will(
        messages_stream(
            (
                {"type": "thinking", "thinking": "", "signature": ""},
                [
                    {"type": "thinking_delta", "thinking": "Hm. "},
                    {"type": "thinking_delta", "thinking": "So."},
                    {"type": "signature_delta", "signature": "sig"},
                ],
            ),
            text(" Let me ", "look. "),
            (
                {"type": "tool_use", "id": "c1", "name": "lookup", "input": {}},
                [
                    {"type": "input_json_delta", "partial_json": '{"city":'},
                    {"type": "input_json_delta", "partial_json": ' "Paris"}'},
                ],
            ),
            stop="tool_use",
        )
    )

    answer = await items(connect("anthropic"), call(tools=(LOOKUP,)))

    assert answer == [
        ReasoningDelta("Hm. "),
        ReasoningDelta("So."),
        PartSigned("reasoning", {"signature": "sig", "origin": ANY}),
        TextDelta(" Let me "),
        TextDelta("look. "),
        ToolInputDelta("c1", "lookup", None),
        ToolInputDelta("c1", "lookup", None),
        ToolCall("c1", "lookup", '{"city": "Paris"}'),
        Finished("tool_calls", COUNTED),
    ]


async def test_an_error_amid_the_stream_keeps_its_meaning(
    vendor: FakeVendor, connect: Connect
) -> None:
    """The status line said 200; what the vendor says later counts."""
    begun = messages_stream(text("par"), ending="drop").pieces
    error = {"type": "overloaded_error", "message": "Overloaded"}
    event = b'event: error\ndata: {"type": "error", "error": %s}\n\n'
    vendor.will(
        Reply((*begun, event % str(error).replace("'", '"').encode())),
    )

    with pytest.raises(ProviderError) as caught:
        await items(connect("anthropic"))

    assert caught.value.detail == "Overloaded"
