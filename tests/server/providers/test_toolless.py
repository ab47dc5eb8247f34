"""Models that refuse tools are asked without them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest

from coderchat_jupyter.server.providers import Provider, ProviderError
from coderchat_jupyter.server.providers._protocol import Finished, TextDelta, ToolCall
from coderchat_jupyter.server.providers._toolless import TOOLS_REFUSED, refuses_tools
from tests.fakes.vendor import FakeVendor, Reply, chat_stream
from tests.server.providers.calls import LOOKUP, call, called, items, result

Connect = Callable[..., Provider]

OLLAMA = "registry.ollama.ai/library/gemma:2b does not support tools"


def refusal(text: str = OLLAMA, status: int = 400) -> Reply:
    return Reply.error(status, {"error": {"message": text}})


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [
        (400, OLLAMA, True),
        (404, "No endpoints found that support tool use. Try another.", True),
        (400, "Unsupported parameter: 'tools' is not supported with this", True),
        (400, "`tool calling` is not supported with this model", True),
        (400, "This model doesn't support tool use in streaming mode.", True),
        (400, "Function calling is not enabled for models/gemma-3", True),
        (500, "tools param requires --jinja flag", True),
        (400, '"auto" tool choice requires --enable-auto-tool-choice', True),
        (400, "Invalid schema for function 'lookup'", False),
        (400, "This model does not support images", False),
        (400, "Unknown tool call id", False),
        (401, OLLAMA, False),
        (429, OLLAMA, False),
    ],
)
def test_a_refusal_of_tools_is_told_from_other_failures(
    status: int, text: str, *, expected: bool
) -> None:
    assert refuses_tools(ProviderError(text, status_code=status)) is expected


async def test_the_step_is_repeated_once_without_tools_and_says_so(
    vendor: FakeVendor, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    vendor.will(refusal(), chat_stream({"content": "Hi"}))

    with caplog.at_level(logging.WARNING):
        answer = await items(connect("openai-compat"), call(tools=(LOOKUP,)))

    assert answer[0] == TextDelta("Hi")
    assert isinstance(answer[-1], Finished)
    assert answer[-1].ignored == (TOOLS_REFUSED,)
    assert ["tools" in seen.body for seen in vendor.seen] == [True, False]
    assert "model-1" in caplog.text
    assert '"tools" was ignored' in caplog.text


async def test_a_refusal_after_words_is_a_failure_since_they_would_be_said_twice(
    vendor: FakeVendor, connect: Connect
) -> None:
    begun = chat_stream({"content": "Hi"}, ending="drop")
    error = json.dumps({"error": {"message": OLLAMA, "code": 400}})
    told = Reply((*begun.pieces, f"data: {error}\n\n".encode()))
    vendor.will(told, chat_stream({"content": "Hi again"}))

    with pytest.raises(ProviderError, match="does not support tools"):
        await items(connect("openai-compat"), call(tools=(LOOKUP,)))

    assert len(vendor.seen) == 1


async def test_the_model_is_remembered(vendor: FakeVendor, connect: Connect) -> None:
    provider = connect("openai-compat")
    vendor.will(refusal(), chat_stream({"content": "a"}), chat_stream({"content": "b"}))
    await items(provider, call(tools=(LOOKUP,)))

    answer = await items(provider, call(tools=(LOOKUP,)))

    assert answer[-1].ignored == (TOOLS_REFUSED,)  # type: ignore[union-attr]
    assert len(vendor.seen) == 3


async def test_earlier_calls_are_told_in_words(
    vendor: FakeVendor, connect: Connect
) -> None:
    """The chat may have had a model that took tools."""
    vendor.will(refusal(), chat_stream({"content": "Hi"}))
    asked = call("q", called(("c1", "{}")), result("c1", "blue"), tools=(LOOKUP,))

    await items(connect("openai-compat"), asked)

    assert vendor.seen[1].body["messages"] == [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "[called lookup: {}]"},
        {"role": "user", "content": "[result of lookup: blue]"},
    ]


async def test_a_second_failure_is_told(vendor: FakeVendor, connect: Connect) -> None:
    vendor.will(refusal(), refusal("It broke", 500))

    with pytest.raises(ProviderError, match="It broke"):
        await items(connect("openai-compat"), call(tools=(LOOKUP,)))

    assert len(vendor.seen) == 2


async def test_a_call_without_tools_is_not_repeated(
    vendor: FakeVendor, connect: Connect
) -> None:
    vendor.will(refusal())

    with pytest.raises(ProviderError):
        await items(connect("openai-compat"))

    assert len(vendor.seen) == 1


async def test_a_short_answer_is_asked_for_in_words_then(
    vendor: FakeVendor, connect: Connect
) -> None:
    body = {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "A title"},
                "finish_reason": "stop",
            }
        ],
    }
    vendor.will(refusal(), Reply.error(200, body))

    reply = await connect("openai-compat").ask(call(tools=(LOOKUP,), must_call=True))

    nothing: tuple[ToolCall, ...] = ()
    assert (reply.text, reply.calls) == ("A title", nothing)
    assert "tool_choice" not in vendor.seen[1].body
