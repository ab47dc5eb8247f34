"""Events that are decoded quickly are as the SDK decodes them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from openai._streaming import SSEDecoder

from coderchat_jupyter.server.providers._openai_events import QuickDecoder

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
