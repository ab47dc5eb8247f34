"""Gemini, against a vendor on a real socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from unittest.mock import ANY

import pytest

from coderchat_jupyter.server.providers import Provider
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    ReasoningDelta,
    SourceFound,
    StepUsage,
    TextDelta,
    ToolCall,
    ToolInputDelta,
)
from coderchat_jupyter.server.providers.google import google_address
from tests.fakes.vendor import FakeVendor, Reply
from tests.fakes.vendor_wires import gemini_answer, gemini_stream
from tests.server.providers.calls import LOOKUP, call, called, items, result, thought

Connect = Callable[..., Provider]

SIGNED = {"details": {"thought_signature": "c2ln"}, "origin": ANY}

COUNTED = StepUsage(
    input_tokens=400,
    output_tokens=500,
    total_tokens=1500,
    reasoning_tokens=100,
    cache_read_tokens=600,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://g.example", ("https://g.example", "v1beta")),
        ("https://g.example/", ("https://g.example", "v1beta")),
        ("https://g.example/v1beta", ("https://g.example", "v1beta")),
        ("https://g.example/proxy/v1", ("https://g.example/proxy", "v1")),
        ("https://g.example/v1alpha/", ("https://g.example", "v1alpha")),
        ("https://g.example/v1beta/openai/", ("https://g.example", "v1beta")),
    ],
)
def test_an_address_may_be_given_with_its_version_or_without(
    given: str, expected: tuple[str, str]
) -> None:
    assert google_address(given) == expected


async def test_the_request_is_that_of_the_documented_api(
    vendor: FakeVendor, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of the provider counts; what the environment holds does not."""
    monkeypatch.setenv("GOOGLE_API_KEY", "key-of-somebody")
    monkeypatch.setenv("GEMINI_API_KEY", "key-of-somebody")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "project-of-somebody")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://nowhere.invalid")
    vendor.will(gemini_stream({"text": "Hi"}))
    url = vendor.url.removesuffix("/v1")

    await items(connect("google", url=url), call("hello", system=("Be brief.",)))

    (seen,) = vendor.seen
    assert seen.path == "/v1beta/models/model-1:streamGenerateContent?alt=sse"
    assert seen.headers["x-goog-api-key"] == "sk-very-secret-key"
    assert "of-somebody" not in str(seen)
    assert seen.body["contents"] == [{"role": "user", "parts": [{"text": "hello"}]}]
    assert seen.body["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    assert seen.body["generationConfig"]["maxOutputTokens"] == 32000


async def test_a_provider_without_a_key_sends_none(
    vendor: FakeVendor, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "key-of-somebody")
    vendor.will(gemini_stream({"text": "Hi"}))

    await items(connect("google", key=None))

    assert "x-goog-api-key" not in vendor.seen[0].headers
    assert "key-of-somebody" not in str(vendor.seen)


async def test_the_results_of_a_step_are_one_message(
    vendor: FakeVendor, connect: Connect
) -> None:
    """The vendor counts them against the calls; thoughts of others stay behind."""
    vendor.will(gemini_stream({"text": "x"}))
    asked = call(
        "q",
        called(("c1", '{"city": "Paris"}'), ("c2", "{}")),
        result("c1", '"boom"', is_error=True),
        result("c2", '{"sky": "blue"}'),
        thought("hm", "a"),
        "r",
        tools=(LOOKUP,),
    )

    await items(connect("google"), asked)

    contents = vendor.seen[0].body["contents"]
    assert [one["role"] for one in contents] == [
        "user",
        "model",
        "user",
        "model",
        "user",
    ]
    assert [p["functionCall"]["args"] for p in contents[1]["parts"]] == [
        {"city": "Paris"},
        {},
    ]
    told = [part["functionResponse"] for part in contents[2]["parts"]]
    assert [one["id"] for one in told] == ["c1", "c2"]
    assert told[0]["response"] == {"error": '"boom"'}
    declared = vendor.seen[0].body["tools"][0]["functionDeclarations"][0]
    assert declared["name"] == "lookup"


async def test_an_answer_arrives_piece_by_piece(
    vendor: FakeVendor, connect: Connect
) -> None:
    """Arguments come whole; that there are calls is the reason why it ended."""
    vendor.will(
        gemini_stream(
            {"text": "Hm. ", "thought": True},
            {"text": "So.", "thought": True},
            {"text": " Let me "},
            {"text": "look. "},
            {
                "functionCall": {
                    "id": "c1",
                    "name": "lookup",
                    "args": {"city": "Paris"},
                },
                "thoughtSignature": "c2ln",
            },
        )
    )

    answer = await items(connect("google"), call(tools=(LOOKUP,)))

    assert answer == [
        ReasoningDelta("Hm. "),
        ReasoningDelta("So."),
        TextDelta(" Let me "),
        TextDelta("look. "),
        ToolInputDelta("c1", "lookup", '{"city":"Paris"}'),
        ToolCall("c1", "lookup", '{"city":"Paris"}', SIGNED),
        Finished("tool_calls", COUNTED),
    ]


async def test_what_a_search_found_are_sources(
    vendor: FakeVendor, connect: Connect
) -> None:
    grounding = {
        "webSearchQueries": ["sky"],
        "groundingChunks": [{"web": {"uri": "https://s.example/", "title": "Sky"}}],
        "groundingSupports": [
            {
                "segment": {"startIndex": 0, "endIndex": 4, "text": "Blue"},
                "groundingChunkIndices": [0],
            }
        ],
    }
    vendor.will(gemini_stream({"text": "Blue"}, groundingMetadata=grounding))
    settings = {"provider_options": {"google": {"web_search_enabled": True}}}

    answer = await items(connect("google"), call(settings=settings))

    assert SourceFound("https://s.example/", "Sky") in answer
    assert vendor.seen[0].body["tools"] == [{"googleSearch": {}}]


async def test_a_short_answer_can_be_asked_for_by_a_forced_call(
    vendor: FakeVendor, connect: Connect
) -> None:
    part = {"functionCall": {"id": "c1", "name": "lookup", "args": {"city": "Rome"}}}
    vendor.will(Reply.error(200, gemini_answer(part)))

    reply = await connect("google").ask(call(tools=(LOOKUP,), must_call=True))

    assert reply.calls == (ToolCall("c1", "lookup", '{"city":"Rome"}'),)
    assert reply.usage == COUNTED
    config = vendor.seen[0].body["toolConfig"]["functionCallingConfig"]
    assert config["mode"] == "ANY"


async def test_an_odd_count_is_none_and_arguments_with_such_names_stay(
    vendor: FakeVendor, connect: Connect
) -> None:
    args = {"totalTokenCount": 0, "maxTokenCount": 3.5}
    asked_for = {"functionCall": {"id": "c1", "name": "lookup", "args": args}}
    counted = {"promptTokenCount": 7.5, "candidatesTokenCount": 2}
    body = json.dumps(gemini_answer(asked_for) | {"usageMetadata": counted})
    vendor.will(Reply((f"data: {body}\r\n\r\n".encode(),)))

    found = await items(connect("google"), call("q", tools=(LOOKUP,)))

    (made,) = [item for item in found if isinstance(item, ToolCall)]
    assert json.loads(made.args) == args
    assert isinstance(found[-1], Finished)
    assert found[-1].usage == StepUsage(output_tokens=2)
