"""OpenAI-compatible providers, against a vendor on a real socket."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coderchat_jupyter.server.providers import Provider, ProviderError
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    ModelMessage,
    ReasoningDelta,
    SourceFound,
    StepUsage,
    TextContent,
    TextDelta,
    ToolCall,
    ToolCallContent,
    ToolInputDelta,
)
from tests.fakes.vendor import FakeVendor, chat_stream
from tests.server.providers.calls import (
    LOOKUP,
    assistant,
    call,
    called,
    items,
    result,
    thought,
    user,
)

Connect = Callable[..., Provider]

COUNTED = StepUsage(input_tokens=1000, output_tokens=500, total_tokens=1500)


async def test_the_request_is_exactly_what_the_record_says(
    vendor: FakeVendor, connect: Connect
) -> None:
    """Streaming, usage included, 32,000 tokens; no temperature, no tool choice."""
    vendor.will(chat_stream({"content": "Hi"}))

    await items(connect("openai-compat"), call("hello", system=("Be brief.",)))

    (seen,) = vendor.seen
    assert seen.path == "/v1/chat/completions"
    assert seen.headers["authorization"] == "Bearer sk-very-secret-key"
    assert seen.body == {
        "model": "model-1",
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 32000,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "hello"},
        ],
    }


async def test_the_history_goes_along_word_for_word(
    vendor: FakeVendor, connect: Connect
) -> None:
    """Trailing blanks, argument spacing and error texts are what the model wrote."""
    vendor.will(chat_stream())
    asked = call(
        user("one"),
        user("two"),
        called(("c1", '{"city": "Paris"}'), ("c2", "{}")),
        result("c1", '"boom"', is_error=True),
        result("c2", '{"sky": "blue"}'),
        assistant("partial "),
        user("three"),
        tools=(LOOKUP,),
    )

    await items(connect("openai-compat"), asked)

    def function(call_id: str, args: str) -> dict[str, object]:
        named = {"name": "lookup", "arguments": args}
        return {"id": call_id, "type": "function", "function": named}

    body = vendor.seen[0].body
    assert body["messages"] == [
        {"role": "user", "content": "one"},
        {"role": "user", "content": "two"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [function("c1", '{"city": "Paris"}'), function("c2", "{}")],
        },
        {"role": "tool", "tool_call_id": "c1", "content": '"boom"'},
        {"role": "tool", "tool_call_id": "c2", "content": '{"sky": "blue"}'},
        {"role": "assistant", "content": "partial "},
        {"role": "user", "content": "three"},
    ]
    assert body["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "lookup",
                "description": "Looks a city up.",
                "parameters": LOOKUP.parameters,
            },
        }
    ]
    assert "tool_choice" not in body


async def test_what_was_said_around_a_call_goes_back_as_it_was_said(
    vendor: FakeVendor, connect: Connect
) -> None:
    """The API has one text a message; nothing is put between two of ours."""
    vendor.will(chat_stream())
    parts = (
        TextContent("I will "),
        ToolCallContent("c1", "lookup", "{}"),
        TextContent("look."),
    )

    await items(
        connect("openai-compat"),
        call("q", ModelMessage("assistant", parts), result("c1", "1"), "r"),
    )

    (said,) = (m for m in vendor.seen[0].body["messages"] if m["role"] == "assistant")
    assert said["content"] == "I will look."


@pytest.mark.parametrize(
    ("type_", "field"),
    [
        ("openai-compat", "reasoning_content"),
        ("openrouter", "reasoning"),
        ("vercel", "reasoning"),
        ("openai", None),
    ],
)
async def test_reasoning_goes_back_in_the_field_of_the_family(
    vendor: FakeVendor, connect: Connect, type_: str, field: str | None
) -> None:
    """OpenAI itself refuses a field it does not know."""
    vendor.will(chat_stream())

    await items(connect(type_), call("q", thought("hm", "a"), "r"))

    sent = {"role": "assistant", "content": "a"}
    assert vendor.seen[0].body["messages"][1] == (
        {**sent, field: "hm"} if field else sent
    )


async def test_deltas_pass_one_by_one_with_their_white_space(
    vendor: FakeVendor, connect: Connect
) -> None:
    """Empty content is no delta; a blank is one, also at the start and the end."""
    texts = [" ", "Hel", "", "lo", "\n\n", "  ", "<think>", "x", "</think>", "é "]
    vendor.will(chat_stream(*({"content": text} for text in texts)))

    answer = await items(connect("openai-compat"))

    expected = [TextDelta(text) for text in texts if text]
    assert answer == [*expected, Finished("stop", COUNTED)]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_is_read_from_either_field(
    vendor: FakeVendor, connect: Connect, field: str
) -> None:
    vendor.will(chat_stream({field: "Hm. "}, {field: "So."}, {"content": "42"}))

    answer = await items(connect("openai-compat"))

    assert answer[:3] == [
        ReasoningDelta("Hm. "),
        ReasoningDelta("So."),
        TextDelta("42"),
    ]


async def test_calls_come_in_pieces_and_then_whole(
    vendor: FakeVendor, connect: Connect
) -> None:
    """The opening chunk without arguments gives nothing; text stays as written."""

    def piece(index: int, args: str, **start: object) -> dict[str, object]:
        entry = {"index": index, "function": {"arguments": args, **start}}
        if start:
            entry |= {"id": f"c{index}", "type": "function"}
        return {"tool_calls": [entry]}

    vendor.will(
        chat_stream(
            {"content": "Look. "},
            piece(0, "", name="lookup"),
            piece(0, '{"city":'),
            piece(0, ' "Paris"}'),
            piece(1, "", name="lookup"),
            piece(1, "{not json"),
            finish="tool_calls",
        )
    )

    answer = await items(connect("openai-compat"), call(tools=(LOOKUP,)))

    assert answer == [
        TextDelta("Look. "),
        ToolInputDelta("c0", "lookup", '{"city":'),
        ToolInputDelta("c0", "lookup", ' "Paris"}'),
        ToolCall("c0", "lookup", '{"city": "Paris"}'),
        ToolInputDelta("c1", "lookup", "{not json"),
        ToolCall("c1", "lookup", "{not json"),
        Finished("tool_calls", COUNTED),
    ]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, None),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, None),
        (
            {
                "prompt_tokens": 1000,
                "completion_tokens": 500,
                "total_tokens": 1500,
                "prompt_tokens_details": {"cached_tokens": 600},
                "completion_tokens_details": {"reasoning_tokens": 100},
            },
            StepUsage(
                input_tokens=400,
                output_tokens=500,
                total_tokens=1500,
                reasoning_tokens=100,
                cache_read_tokens=600,
            ),
        ),
        (
            # The total is the vendor's own, not a sum.
            {"prompt_tokens": 7, "completion_tokens": 0, "total_tokens": 9},
            StepUsage(input_tokens=7, total_tokens=9),
        ),
    ],
)
async def test_usage_is_counted_as_the_api_counts_it(
    vendor: FakeVendor,
    connect: Connect,
    sent: dict[str, object] | None,
    expected: StepUsage | None,
) -> None:
    """Cached tokens are not input as well; zero is absent."""
    vendor.will(chat_stream({"content": "x"}, usage=sent))

    answer = await items(connect("openai-compat"))

    assert answer[-1] == Finished("stop", expected)


async def test_a_connection_cut_in_mid_answer_is_an_error_after_what_came(
    vendor: FakeVendor, connect: Connect
) -> None:
    vendor.will(chat_stream({"content": "par"}, {"content": "tial"}, ending="drop"))
    got = []

    with pytest.raises(ProviderError) as caught:
        async for item in connect("openai-compat").stream(call()):
            got.append(item)  # noqa: PERF401 - what came before the error counts

    assert got == [TextDelta("par"), TextDelta("tial")]
    assert caught.value.status_code is None


async def test_a_provider_without_a_key_sends_none(
    vendor: FakeVendor, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ollama and the like need no key; one in the environment is not for them."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
    vendor.will(chat_stream({"content": "x"}))

    await items(connect("openai-compat", key=None))

    sent = vendor.seen[0].headers
    assert "authorization" not in sent
    assert "org-of-somebody" not in sent.values()
    assert "sk-of-somebody" not in str(sent)


async def test_pages_that_a_gateway_cites_are_sources(
    vendor: FakeVendor, connect: Connect
) -> None:
    """Each once, however often it is cited."""
    page = {
        "url": "https://s.example/",
        "title": "Sky",
        "start_index": 0,
        "end_index": 4,
    }
    cited = {"type": "url_citation", "url_citation": page}
    vendor.will(chat_stream({"content": "Blue"}, {"annotations": [cited, cited]}))

    answer = await items(connect("openrouter"))

    assert answer.count(SourceFound("https://s.example/", "Sky")) == 1
