"""A model vendor on a real loopback socket: it answers what the test says.

Written on a bare socket, so that a test decides over every byte and sees when the
other side goes away.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["FakeVendor", "Reply", "Seen", "chat_stream", "messages_stream", "vendor"]

USAGE = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}


@dataclass(frozen=True)
class Reply:
    """One answer. `ending` says what follows the last piece."""

    pieces: tuple[bytes, ...] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    ending: Literal["close", "drop", "hang"] = "close"
    content_type: str = "text/event-stream"

    @classmethod
    def error(cls, status: int, body: object, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return cls((raw,), status, named, content_type="application/json")


@dataclass(frozen=True)
class Seen:
    """One request."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class FakeVendor:
    def __init__(self) -> None:
        self.url = ""
        self.seen: list[Seen] = []
        self.replies: deque[Reply] = deque()
        self.asked = asyncio.Event()
        self.left = asyncio.Event()
        """Set when a client goes away before its answer has ended."""
        self._open: set[asyncio.Task[None]] = set()

    def will(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    async def handle(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        except ConnectionError:
            self.left.set()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        pairs = (line.split(": ", 1) for line in lines if line)
        headers = {name.lower(): value for name, value in pairs}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        self.seen.append(Seen(first.split(" ")[1], headers, json.loads(raw)))
        self.asked.set()
        reply = self.replies.popleft()
        told = {
            "content-type": reply.content_type,
            "connection": "close",
            "transfer-encoding": "chunked",
            **reply.headers,
        }
        lines = [f"{name}: {value}" for name, value in told.items()]
        start = "\r\n".join([f"HTTP/1.1 {reply.status} Said", *lines, "", ""])
        writer.write(start.encode())
        for piece in reply.pieces:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
        if reply.ending == "close":
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        elif reply.ending == "hang":
            await reader.read()
            self.left.set()

    async def aclose(self) -> None:
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)


@contextlib.asynccontextmanager
async def vendor() -> AsyncIterator[FakeVendor]:
    fake = FakeVendor()
    server = await asyncio.start_server(fake.handle, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    fake.url = f"http://{host}:{port}/v1"
    try:
        yield fake
    finally:
        server.close()
        await fake.aclose()
        await server.wait_closed()


def _data(value: object) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def chat_stream(
    *deltas: dict[str, Any],
    finish: str | None = "stop",
    usage: dict[str, Any] | None = USAGE,
    ending: Literal["close", "drop", "hang"] = "close",
) -> Reply:
    """A chat completion, one chunk a delta."""
    frame = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}

    def chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return _data({**frame, "choices": [choice]})

    pieces = [chunk({"role": "assistant", "content": ""})]
    pieces += [chunk(delta) for delta in deltas]
    if ending == "close":
        pieces.append(chunk({}, finish))
        if usage is not None:
            pieces.append(_data({**frame, "choices": [], "usage": usage}))
        pieces.append(b"data: [DONE]\n\n")
    return Reply(tuple(pieces), ending=ending)


def messages_stream(
    *blocks: tuple[dict[str, Any], Iterable[dict[str, Any]]],
    stop: str = "end_turn",
    ending: Literal["close", "drop", "hang"] = "close",
) -> Reply:
    """An Anthropic message: blocks, each with its start and its deltas."""

    def event(kind: str, **rest: Any) -> bytes:
        return f"event: {kind}\n".encode() + _data({"type": kind, **rest})

    usage = {
        "input_tokens": 400,
        "cache_read_input_tokens": 600,
        "cache_creation_input_tokens": 200,
        "output_tokens": 1,
    }
    message: dict[str, Any] = {"id": "m1", "type": "message", "model": "m"}
    message |= {"role": "assistant", "content": [], "stop_reason": None, "usage": usage}
    pieces = [event("message_start", message=message)]
    for index, (start, deltas) in enumerate(blocks):
        pieces.append(event("content_block_start", index=index, content_block=start))
        pieces += [
            event("content_block_delta", index=index, delta=delta) for delta in deltas
        ]
        if ending == "close" or index < len(blocks) - 1:
            pieces.append(event("content_block_stop", index=index))
    if ending == "close":
        over = {"stop_reason": stop, "stop_sequence": None}
        pieces.append(event("message_delta", delta=over, usage={"output_tokens": 500}))
        pieces.append(event("message_stop"))
    return Reply(tuple(pieces), ending=ending)
