"""A model provider whose every token says when it was sent.

Speaks as much of OpenAI's chat completions as a stream needs. Run as a process:
`python -m tests.bench.provider`; the first line printed is its address.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

__all__ = ["RATE", "TOKENS", "WARM_UP"]

TOKENS: Final = 2000
WARM_UP: Final = "Warm up"
RATE: Final = 200


def _chunk(delta: dict[str, str], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "bench",
        "choices": [choice],
    }
    return f"data: {json.dumps(chunk)}\n\n"


async def _tokens(count: int) -> AsyncIterator[str]:
    started = time.monotonic()
    for number in range(count):
        # The clock of the machine, so that another process can read it.
        yield _chunk({"content": f"{time.monotonic_ns()} "})
        due = started + (number + 1) / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    yield _chunk({}, "stop")
    yield "data: [DONE]\n\n"


async def _complete(request: Request) -> Response:
    asked = await request.json()
    if not asked.get("stream"):
        answer = {"role": "assistant", "content": "A title"}
        choice = {"index": 0, "message": answer, "finish_reason": "stop"}
        return JSONResponse(
            {"id": "c", "object": "chat.completion", "created": 1, "model": "bench",
             "choices": [choice]}
        )  # fmt: skip
    # The first answer of a process imports and connects; it is not measured.
    count = 20 if WARM_UP in json.dumps(asked["messages"][-1:]) else TOKENS
    return StreamingResponse(_tokens(count), media_type="text/event-stream")


def _main() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    app = Starlette(routes=[Route("/v1/chat/completions", _complete, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    server.run(sockets=[listener])


if __name__ == "__main__":
    _main()
