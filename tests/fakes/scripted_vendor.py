"""A model vendor in a process of its own: OpenAI's chat completions, and Anthropic's.

`tests.fakes.vendor_plays` says what it answers. A call that does not stream gets a
fixed answer. `GET /log` gives the requests since the last look and forgets them. Run
as `python -m tests.fakes.scripted_vendor`; the first line printed is the address.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.fakes.vendor_plays import USAGE, Play, chosen, filled

_seen: list[dict[str, Any]] = []


class _DropError(Exception):
    """The connection is to break."""


async def _complete(request: Request) -> Response:
    body = await request.json()
    _seen.append(body)
    if not body.get("stream"):
        return JSONResponse(_whole(body))
    play = chosen(body["messages"])
    if play.status != 200:
        return JSONResponse({"error": play.error}, play.status, headers=play.headers)
    return StreamingResponse(_stream(play, body), media_type="text/event-stream")


def _whole(body: dict[str, Any]) -> dict[str, Any]:
    """What is asked beside the turns: a call of the only tool, or a short text."""
    message: dict[str, Any] = {"role": "assistant", "content": "Short answer"}
    if tools := body.get("tools"):
        function = tools[0]["function"]
        args = {
            name: f"Scripted {name}" for name in function["parameters"]["properties"]
        }
        called = {"name": function["name"], "arguments": json.dumps(args)}
        call = {"id": "call_forced", "type": "function", "function": called}
        message |= {"content": None, "tool_calls": [call]}
    finish = "tool_calls" if tools else "stop"
    return {
        "id": "completion",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "usage": USAGE,
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
    }


async def _stream(play: Play, body: dict[str, Any]) -> AsyncIterator[str]:
    frame = {
        "id": "completion",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": body["model"],
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
    if play.drops:
        raise _DropError
    for index, call in enumerate(play.calls):
        args = filled(call, body["messages"])
        opening = {"name": call.name, "arguments": ""}
        first = {"index": index, "id": call.call_id, "type": "function"}
        yield line({"tool_calls": [{**first, "function": opening}]})
        for piece in (args[: len(args) // 2], args[len(args) // 2 :]):
            yield line(
                {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
            )
    yield line({}, "tool_calls" if play.calls else "stop")
    yield f"data: {json.dumps({**frame, 'choices': [], 'usage': play.usage})}\n\n"
    yield "data: [DONE]\n\n"


async def _messages(request: Request) -> Response:
    """Anthropic's: texts alone, as far as the conversations need it."""
    body = await request.json()
    _seen.append(body)
    if not body.get("stream"):
        tool = body["tools"][0]
        args = {name: f"Scripted {name}" for name in tool["input_schema"]["properties"]}
        block = {
            "type": "tool_use",
            "id": "toolu_forced",
            "name": tool["name"],
            "input": args,
        }
        return JSONResponse({**_opening(body), "content": [block]})
    return StreamingResponse(
        _pieces(chosen(body["messages"]), body), media_type="text/event-stream"
    )


def _opening(body: dict[str, Any]) -> dict[str, Any]:
    usage = {
        "input_tokens": 400,
        "cache_read_input_tokens": 600,
        "cache_creation_input_tokens": 200,
        "output_tokens": 1,
    }
    return {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [],
        "stop_reason": "tool_use",
        "usage": usage,
    }


async def _pieces(play: Play, body: dict[str, Any]) -> AsyncIterator[str]:
    def event(kind: str, **more: Any) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n"

    yield event("message_start", message={**_opening(body), "stop_reason": None})
    block = {"type": "text", "text": ""}
    yield event("content_block_start", index=0, content_block=block)
    for start in range(0, len(play.text), play.piece):
        delta = {"type": "text_delta", "text": play.text[start : start + play.piece]}
        yield event("content_block_delta", index=0, delta=delta)
    yield event("content_block_stop", index=0)
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    yield event("message_delta", delta=end, usage={"output_tokens": 500})
    yield event("message_stop")


async def _log(_: Request) -> Response:
    seen, _seen[:] = list(_seen), []
    return JSONResponse(seen)


def main() -> None:
    app = Starlette(
        routes=[
            Route("/v1/chat/completions", _complete, methods=["POST"]),
            Route("/v1/messages", _messages, methods=["POST"]),
            Route("/log", _log),
        ]
    )
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
