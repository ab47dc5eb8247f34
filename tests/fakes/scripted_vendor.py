"""A model vendor in a process of its own, speaking OpenAI's chat completions.

The last user text names a script: `#slow go on`. `GET /log` gives the requests since
the last look and forgets them. Run as `python -m tests.fakes.scripted_vendor`; the
first line printed is the address.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

FOX: Final = "The quick brown fox jumps over the lazy dog. "
_USAGE: Final = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}


@dataclass(frozen=True)
class _Play:
    """What to answer: reasoning, then text in pieces; or a failure."""

    text: str = ""
    piece: int = 4
    pause: float = 0.0
    reasoning: tuple[str, ...] = ()
    status: int = 200
    error: dict[str, Any] = field(default_factory=dict)


_PLAYS: Final = {
    "hello": _Play("Hello, world!\n\nThis is **bold**."),
    "think": _Play("Forty-two.", reasoning=("Let me think about it. ", "Done.")),
    "slow": _Play(FOX * 12, 5, 0.05),
    "slower": _Play(FOX * 40, 5, 0.05),
    "err401": _Play(
        status=401,
        error={
            "message": "Incorrect API key provided",
            "type": "invalid_request_error",
            "code": "invalid_api_key",
            "param": None,
        },
    ),
}
_DEFAULT: Final = _Play("Short answer")

_seen: list[dict[str, Any]] = []


def _prompt(messages: list[dict[str, Any]]) -> str:
    for message in reversed(messages):
        if message["role"] == "user":
            content = message["content"]
            if isinstance(content, str):
                return content
            return " ".join(part.get("text", "") for part in content)
    return ""


async def _complete(request: Request) -> Response:
    body = await request.json()
    _seen.append(body)
    named = re.search(r"#(\w+)", _prompt(body["messages"]))
    play = _PLAYS.get(named[1], _DEFAULT) if named else _DEFAULT
    if play.status != 200:
        return JSONResponse({"error": play.error}, play.status)
    return StreamingResponse(
        _stream(play, body["model"]), media_type="text/event-stream"
    )


async def _stream(play: _Play, model: str) -> AsyncIterator[str]:
    frame = {
        "id": "completion",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": model,
    }

    def line(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return f"data: {json.dumps({**frame, 'choices': [choice]})}\n\n"

    yield line({"role": "assistant", "content": ""})
    for thought in play.reasoning:
        yield line({"reasoning_content": thought})
    for start in range(0, len(play.text), play.piece):
        if play.pause:
            await asyncio.sleep(play.pause)
        yield line({"content": play.text[start : start + play.piece]})
    yield line({}, "stop")
    yield f"data: {json.dumps({**frame, 'choices': [], 'usage': _USAGE})}\n\n"
    yield "data: [DONE]\n\n"


async def _log(_: Request) -> Response:
    seen, _seen[:] = list(_seen), []
    return JSONResponse(seen)


def main() -> None:
    app = Starlette(
        routes=[
            Route("/v1/chat/completions", _complete, methods=["POST"]),
            Route("/log", _log),
        ]
    )
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
