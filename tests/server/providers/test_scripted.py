"""The provider that plays a file."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from coderchat_jupyter.server.providers import (
    Provider,
    ProviderError,
    ProviderRow,
    build_provider,
)
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    ReasoningDelta,
    SourceFound,
    StepUsage,
    TextDelta,
    ToolCall,
    ToolInputDelta,
)
from tests.server.providers.calls import assistant, call, called, items, result


def scripted(folder: Path, **scripts: Any) -> Provider:
    path = folder / "a script.json"
    path.write_text(json.dumps({"scripts": scripts}), encoding="utf-8")
    return build_provider(ProviderRow("scripted", path.as_uri()))


async def test_the_last_user_text_chooses_the_script(tmp_path: Path) -> None:
    provider = scripted(
        tmp_path, default=[[{"text": "D"}]], a=[[{"text": "A"}]], b=[[{"text": "B"}]]
    )

    async def said(*messages: Any) -> str:
        answer = await items(provider, call(*messages))
        return "".join(item.text for item in answer if isinstance(item, TextDelta))

    assert await said("#a please") == "A"
    assert await said("#a", assistant("A"), "now #b") == "B"
    assert await said("#a", assistant("A"), "hello") == "D"
    assert await said("#unknown") == "D"


async def test_the_results_of_tools_lead_to_the_next_turn(tmp_path: Path) -> None:
    turns = [
        [{"text": "Look. "}, {"tool": "lookup", "args": {"city": "Paris"}, "chunk": 9}],
        [{"text": "Sunny."}],
    ]
    provider = scripted(tmp_path, t=turns)

    first = await items(provider, call("#t"))
    second = await items(
        provider, call("#t", called(("call_lookup_0", "{}")), result("call_x", "1"))
    )

    assert first == [
        TextDelta("Look. "),
        ToolInputDelta("call_lookup_0", "lookup", '{"city": '),
        ToolInputDelta("call_lookup_0", "lookup", '"Paris"}'),
        ToolCall("call_lookup_0", "lookup", '{"city": "Paris"}'),
        Finished("tool_calls", None),
    ]
    assert second == [TextDelta("Sunny."), Finished("stop", None)]


async def test_every_kind_of_action_is_played_in_order(tmp_path: Path) -> None:
    turn = [
        {"reasoning": "Hmm", "chunk": 2},
        {"wait_ms": 1},
        {"text": "w{i} ", "repeat": 3, "delay_ms": 1},
        {"source": "https://example.org", "title": "E"},
        {"usage": {"input_tokens": 5, "output_tokens": 0}},
        {"finish": "length"},
    ]

    answer = await items(scripted(tmp_path, default=[turn]))

    assert answer == [
        ReasoningDelta("Hm"),
        ReasoningDelta("m"),
        TextDelta("w0 "),
        TextDelta("w1 "),
        TextDelta("w2 "),
        SourceFound("https://example.org", "E"),
        Finished("length", StepUsage(input_tokens=5)),
    ]


async def test_two_thousand_tokens_are_exact(tmp_path: Path) -> None:
    turn = [{"text": "w{i} ", "repeat": 2000}]

    answer = await items(scripted(tmp_path, default=[turn]))

    expected = [TextDelta(f"w{number} ") for number in range(2000)]
    assert answer == [*expected, Finished("stop", None)]


async def test_a_retry_plays_the_next_attempt(tmp_path: Path) -> None:
    failing = [{"error": {"status": 503, "message": "Off", "retry_after_ms": 9}}]
    turn = {"attempts": [failing, [{"text": "Back."}]]}
    provider = scripted(tmp_path, default=[turn])

    with pytest.raises(ProviderError) as caught:
        await items(provider, call("x"))
    answer = await items(provider, call("x"))

    error = caught.value
    assert str(error) == "Service Unavailable: Off"
    assert (error.status_code, error.detail) == (503, "Off")
    assert error.retry_after_ms == 9
    assert answer == [TextDelta("Back."), Finished("stop", None)]


async def test_a_drop_comes_after_what_was_said(tmp_path: Path) -> None:
    provider = scripted(tmp_path, default=[[{"text": "par"}, {"drop": True}]])
    got = []

    with pytest.raises(ProviderError, match="EOF"):
        async for item in provider.stream(call()):
            got.append(item)  # noqa: PERF401 - what came before the error counts

    assert got == [TextDelta("par")]


async def test_a_hanging_answer_ends_when_it_is_cancelled(tmp_path: Path) -> None:
    provider = scripted(tmp_path, default=[[{"text": "a"}, {"hang": True}]])
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in provider.stream(call()):
            begun.set()

    reading = asyncio.create_task(read())
    async with asyncio.timeout(10):
        await begun.wait()
    reading.cancel()

    with pytest.raises(asyncio.CancelledError):
        await reading


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "not valid"),
        ('{"scripts": {"default": [[{"txt": "typo"}]]}}', "not valid"),
        (None, "cannot be read"),
    ],
)
async def test_a_bad_file_is_told_in_the_chat(
    tmp_path: Path, content: str | None, expected: str
) -> None:
    path = tmp_path / "script.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    provider = build_provider(ProviderRow("scripted", path.as_uri()))

    with pytest.raises(ProviderError, match=expected) as caught:
        await items(provider)

    assert caught.value.kind_hint == "config"
