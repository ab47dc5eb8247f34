"""Text that is taken past the library is as it would have come through it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coderchat_jupyter.server.providers import Provider, ProviderError, _openai_client
from coderchat_jupyter.server.providers._protocol import Item
from tests.fakes.vendor import FakeVendor, Reply, chat_stream
from tests.server.providers.calls import LOOKUP, call

Connect = Callable[..., Provider]

_TEXTS = [{"content": "One"}, {"content": ""}, {"content": " two"}, {"content": "\n"}]
_THOUGHTS = [{"reasoning_content": "Hm"}, {"reasoning_content": "m"}]
_CITED = {
    "annotations": [
        {
            "type": "url_citation",
            "url_citation": {
                "url": "https://example.com/a",
                "title": "A",
                "start_index": 4,
                "end_index": 7,
            },
        }
    ]
}


def _calls(*texts: str) -> list[dict[str, Any]]:
    first = {"index": 0, "id": "c1", "function": {"name": "lookup", "arguments": ""}}
    return [
        {"tool_calls": [first]},
        *(
            {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}
            for text in texts
        ),
    ]


def _with(reply: Reply, *more: bytes) -> Reply:
    return Reply((*reply.pieces, *more), ending="close")


_CALLS = _calls('{"q":', "1}")
_BOTH = {"content": "so:", **_CALLS[0]}

_ANSWERS = {
    "text": chat_stream(*_TEXTS),
    "text without usage": chat_stream(*_TEXTS, usage=None, finish=None),
    "thoughts and text": chat_stream(*_THOUGHTS, *_TEXTS),
    "text between thoughts": chat_stream(*_TEXTS, *_THOUGHTS, *_TEXTS, *_THOUGHTS),
    "text and a call": chat_stream(*_TEXTS, *_CALLS, finish="tool_calls"),
    "text around a call": chat_stream(*_TEXTS, *_CALLS, *_TEXTS, finish="tool_calls"),
    "both in one": chat_stream(*_TEXTS, _BOTH, *_CALLS[1:], finish="tool_calls"),
    "text with pages": chat_stream(*_TEXTS, _CITED, *_TEXTS),
    "pages at last": chat_stream(*_TEXTS, _CITED),
    "text and a refusal": chat_stream(*_TEXTS, {"refusal": "no"}, *_TEXTS),
    "cut off": chat_stream(*_TEXTS, ending="drop"),
    "an error": _with(
        chat_stream(*_TEXTS, ending="drop"), b'data: {"error": {"message": "no"}}\n\n'
    ),
    "nonsense": _with(chat_stream(*_TEXTS, ending="drop"), b"data: {oops\n\n"),
    "no end": _with(chat_stream(*_TEXTS, ending="drop")),
}


async def _told(provider: Provider) -> tuple[list[Item], tuple[object, ...]]:
    """The items, and what failed in the end."""
    items: list[Item] = []
    try:
        async for item in provider.stream(call(tools=(LOOKUP,))):
            items.append(item)  # noqa: PERF401  it may fail in between
    except ProviderError as error:
        return items, (error.message, error.status_code, error.kind_hint)
    return items, ()


@pytest.mark.parametrize("answer", _ANSWERS.values(), ids=_ANSWERS.keys())
async def test_items_are_as_the_library_tells_them(
    answer: Reply,
    vendor: FakeVendor,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vendor.will(answer, answer)
    provider = connect("openai-compat")
    quick = await _told(provider)

    monkeypatch.setattr(_openai_client, "plain_text", lambda _: None)

    assert quick == await _told(provider)
    assert quick[0]
