"""Events that are decoded quickly are as the SDK decodes them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from openai._streaming import SSEDecoder

from coderchat_jupyter.server.providers._openai_events import (
    QuickDecoder,
    TextPattern,
)

_BODIES = [
    b"",
    b"data: 1\n\ndata: 2\n\n",
    b"data: 1\n\ndata: 2",
    b"data: 1\n\ndata: 2\n",
    "data: é\n\ndata: 𝄞\n\n".encode(),
    b"data: 1\r\n\r\ndata: 2\r\n\r\n",
    b"data: 1\n\ndata: 2\r\rdata: 3\r\r",
    b": wait\n\ndata: 1\n\n: wait\n\ndata: 2\n\n",
    b"event: error\ndata: 1\n\ndata: 2\n\n",
    b"data: 1\ndata: 2\n\ndata: 3\n\n",
    b"data:1\n\ndata:  2\n\ndata\n\nid: 7\ndata: 3\n\n",
    b"data: 1\n\n\n\ndata: 2\n\n\n",
    b"\n\ndata: 1\n\nretry: 5\n\ndata: [DONE]\n\n",
]


async def _decoded(
    decoder: SSEDecoder, body: bytes, size: int
) -> list[tuple[str | None, str, str | None, int | None]]:
    async def reads() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    return [
        (event.event, event.data, event.id, event.retry)
        async for event in decoder.aiter_bytes(reads())
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 9, 1000])
@pytest.mark.parametrize("body", _BODIES)
async def test_events_are_as_the_sdk_decodes_them(body: bytes, size: int) -> None:
    """However the body is cut into reads."""
    quick = await _decoded(QuickDecoder(), body, size)

    assert quick == await _decoded(SSEDecoder(), body, size)


def _event(text: str, **more: object) -> str:
    delta = {"content": text}
    return json.dumps({"id": "c", "choices": [{"index": 0, "delta": delta}], **more})


@pytest.mark.parametrize(
    "text",
    ["", "plain", 'a "quote"', "back\\slash", "\n\t\0", "é𝄞\u2028", "\\", '"content":'],
)
@pytest.mark.parametrize("first", ["", "One", 'a "', "\\"])
def test_what_differs_only_in_its_text_is_read_by_its_pattern(
    first: str, text: str
) -> None:
    pattern = TextPattern.of(_event(first), first)

    assert pattern is not None
    assert pattern.text(_event(text)) == text


@pytest.mark.parametrize(
    "other",
    [
        _event("x", usage={}),
        _event("x").replace('"c"', '"d"'),
        _event("x").replace('"x"', "null"),
        _event("x").replace('"x"', '"x", "refusal": "y"'),
        _event("x").replace('"x"', '"x\\"'),
        _event("x").replace('"x"', '"\n"'),
        _event("x").replace('"x"', '"\\u12"'),
        _event("x")[:-1],
        _event("").replace('""', '"'),
        "[DONE]",
        "",
    ],
)
def test_what_differs_in_more_is_not(other: str) -> None:
    pattern = TextPattern.of(_event("One"), "One")

    assert pattern is not None
    assert pattern.text(other) is None


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (_event("One", content="Two"), "One"),
        (_event("One"), "Two"),
        ('{"content": 1}', "1"),
        ("{}", ""),
    ],
)
def test_there_is_no_pattern_where_it_cannot_be_told(data: str, text: str) -> None:
    assert TextPattern.of(data, text) is None


@pytest.mark.parametrize("size", [1, 3, 1000])
async def test_what_is_taken_before_the_sdk_is_missed_by_it_and_nothing_else(
    size: int,
) -> None:
    said = [_event(text) for text in ("One", " two", "", " three")]
    rest = [_event("x", usage={}), "[DONE]"]
    body = "".join(f"data: {data}\n\n" for data in (*said, *rest)).encode()

    async def reads() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    events = QuickDecoder().aiter_bytes(reads())
    first = await anext(events)
    pattern = TextPattern.of(events.last, "One")
    assert pattern is not None
    taken = []
    while (text := await events.text(pattern)) is not None:
        taken.append(text)

    assert first.data == said[0]
    assert taken == [" two", "", " three"]
    assert [event.data async for event in events] == rest


async def test_what_fails_is_told_to_the_sdk() -> None:
    async def reads() -> AsyncIterator[bytes]:
        yield f"data: {_event('One')}\n\n".encode()
        raise ConnectionResetError("gone")

    events = QuickDecoder().aiter_bytes(reads())
    await anext(events)
    pattern = TextPattern.of(events.last, "One")
    assert pattern is not None

    assert await events.text(pattern) is None
    with pytest.raises(ConnectionResetError, match="gone"):
        await anext(events)
