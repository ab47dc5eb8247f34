"""OpenAI's Responses API, used where an option needs it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

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
from tests.fakes.vendor import FakeVendor, Reply, chat_stream
from tests.fakes.vendor_wires import responses_stream
from tests.server.providers.calls import LOOKUP, call, called, items, result

Connect = Callable[..., Provider]

COUNTED = StepUsage(
    input_tokens=400,
    output_tokens=500,
    total_tokens=1500,
    reasoning_tokens=100,
    cache_read_tokens=600,
)

SUMMARY = {"provider_options": {"openai": {"reasoning_summary": "auto"}}}


def message(text: str, *annotations: dict[str, Any]) -> dict[str, Any]:
    content = {"type": "output_text", "text": text, "annotations": list(annotations)}
    return {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [content],
    }


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({}, "/v1/chat/completions"),
        ({"include": [], "web_search_enabled": False}, "/v1/chat/completions"),
        ({"reasoning_summary": "auto"}, "/v1/responses"),
        ({"web_search_enabled": True}, "/v1/responses"),
        ({"max_tool_calls": 3}, "/v1/responses"),
    ],
)
async def test_the_options_decide_which_api_is_asked(
    vendor: FakeVendor, connect: Connect, options: dict[str, Any], path: str
) -> None:
    """Options that ask for nothing change nothing."""
    is_chat = path.endswith("completions")
    vendor.will(chat_stream() if is_chat else responses_stream(message("x")))
    settings = {"provider_options": {"openai": options}}

    await items(connect("openai"), call(settings=settings))

    assert vendor.seen[0].path == path


async def test_others_who_speak_the_older_api_are_never_asked_the_newer(
    vendor: FakeVendor, connect: Connect
) -> None:
    vendor.will(chat_stream())

    await items(connect("openai-compat"), call(settings=SUMMARY))

    assert vendor.seen[0].path == "/v1/chat/completions"


async def test_an_answer_arrives_piece_by_piece(
    vendor: FakeVendor, connect: Connect
) -> None:
    thought = {
        "id": "r1",
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": "Hm."}],
    }
    function = {
        "id": "f1",
        "type": "function_call",
        "call_id": "c1",
        "name": "lookup",
        "arguments": '{"city": "Paris"}',
        "status": "completed",
    }
    page = {
        "type": "url_citation",
        "start_index": 0,
        "end_index": 3,
        "url": "https://s.example/",
        "title": "Sky",
    }
    vendor.will(
        responses_stream(
            thought, message("Look.", page), function, deltas=("Lo", "ok.")
        )
    )

    answer = await items(connect("openai"), call(settings=SUMMARY, tools=(LOOKUP,)))

    assert [item for item in answer if not isinstance(item, SourceFound)] == [
        ReasoningDelta("Hm."),
        TextDelta("Lo"),
        TextDelta("ok."),
        ToolInputDelta("c1", "lookup", '{"city":'),
        ToolInputDelta("c1", "lookup", ' "Paris"}'),
        ToolCall("c1", "lookup", '{"city": "Paris"}'),
        Finished("tool_calls", COUNTED),
    ]
    assert SourceFound("https://s.example/", "Sky") in answer


async def test_the_history_goes_along(vendor: FakeVendor, connect: Connect) -> None:
    vendor.will(responses_stream(message("x")))
    asked = call(
        "q",
        called(("c1", '{"city": "Paris"}')),
        result("c1", '{"sky": "blue"}'),
        "r",
        tools=(LOOKUP,),
        settings=SUMMARY,
        system=("Be brief.",),
    )

    await items(connect("openai"), asked)

    body = vendor.seen[0].body
    said = [(one.get("role"), one.get("type")) for one in body["input"]]
    assert said == [
        ("system", None),
        ("user", None),
        (None, "function_call"),
        (None, "function_call_output"),
        ("user", None),
    ]
    assert json.loads(body["input"][2]["arguments"]) == {"city": "Paris"}
    assert body["input"][3]["output"] == '{"sky": "blue"}'
    assert body["tools"][0]["name"] == "lookup"
    assert "tool_choice" not in body


async def test_closing_the_stream_closes_the_connection_at_once(
    vendor: FakeVendor, connect: Connect
) -> None:
    vendor.will(responses_stream(message("ab"), deltas=("a", "b"), ending="hang"))
    stream = connect("openai").stream(call(settings=SUMMARY))
    await anext(stream)

    await stream.aclose()

    async with asyncio.timeout(5):
        await vendor.left.wait()


async def test_a_forced_call_is_never_a_search(
    vendor: FakeVendor, connect: Connect
) -> None:
    function = {
        "id": "f1",
        "type": "function_call",
        "call_id": "c1",
        "name": "lookup",
        "arguments": '{"city":"Rome"}',
        "status": "completed",
    }
    body = {"id": "r", "object": "response", "created_at": 1, "model": "m"}
    rest = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
    vendor.will(
        Reply.error(200, {**body, **rest, "status": "completed", "output": [function]})
    )
    settings = {"provider_options": {"openai": {"web_search_enabled": True}}}
    asked = call(tools=(LOOKUP,), settings=settings, must_call=True)

    reply = await connect("openai").ask(asked)

    assert reply.calls == (ToolCall("c1", "lookup", '{"city":"Rome"}'),)
    sent = vendor.seen[0].body
    assert [tool["type"] for tool in sent["tools"]] == ["function"]
    assert sent["tool_choice"] == "required"
