"""A server on a real socket that breaks its word in every way there is.

Each connection is given at most one fault by the dice of its run; when the faults are
used up the server is well, and a session has to have come to the truth.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from tests.fakes.fault_chat import CHAT_ID, FaultChat, Json
from tests.fakes.fault_followers import LaneFollower, SyncFollower, follower_of
from tests.fakes.raw_web import (
    Request,
    answer,
    close_frame,
    handshake,
    ping_frame,
    pong_frame,
    read_client_frame,
    read_request,
    text_frame,
)

__all__ = ["FaultServer", "faulty"]

_ONE: Final = f"/api/experimental/chats/{CHAT_ID}"

STREAM_FAULTS: Final = (
    "cut",  # after any byte, also in the handshake or in a frame
    "reset",  # the same, without a goodbye of the socket
    "stall",  # nothing more, not even an answer to a ping
    "garbage",  # a frame that is not JSON in the place of a real one
    "broken",  # the beginning of a frame's JSON, as if it was whole
    "close",  # a close code
    "refuse",  # no upgrade at all
)
CALL_FAULTS: Final = (
    "cut",
    "reset",
    "stall",
    "deaf",  # hangs up before anything is done
    "garbage",  # 200, but no JSON
    "html",  # the page of a gateway
    "oops",  # 500
    "busy",  # 429
    "empty",  # 200 without a body
)
_CODES: Final = (1000, 1001, 1006, 1008, 1011, 1012, 4000)


class _Hangup(Exception):  # noqa: N818  never leaves this module
    """The connection is over."""


@dataclass(slots=True)
class _Fault:
    kind: str = ""
    after: int = 0


class _Line:
    """The way to one client, which may end at a byte."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.fault = _Fault()

    def write(self, data: bytes) -> None:
        """Say something, or as much of it as the fault allows."""
        if self.fault.kind not in ("cut", "reset"):
            self._writer.write(data)
            return
        self._writer.write(data[: self.fault.after])
        self.fault.after -= len(data)
        if self.fault.after <= 0:
            raise _Hangup

    async def end(self) -> None:
        if self.fault.kind == "reset":
            self._writer.transport.abort()
        self._writer.close()
        with contextlib.suppress(ConnectionError, TimeoutError):
            await self._writer.wait_closed()


class FaultServer:
    """Serves one chat, with the faults that the dice choose.

    Attributes:
        faults: How many there are still to come.
        envelope: Frames look as in v2.32.
        is_patient: Nothing stalls, since the client waits for long.
        posted: The texts of all messages that were taken in.
        streams: How many connections to the stream there were.
        story: The latest of what was asked and said, for those who have to find out.
    """

    def __init__(self, chat: FaultChat, dice: Random, *, faults: int) -> None:
        self.chat = chat
        self.dice = dice
        self.faults = faults
        self.envelope = False
        self.is_patient = False
        self.posted: list[str] = []
        self.streams = 0
        self.story: deque[str] = deque(maxlen=40)
        self.port = 0
        self.tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """A client has come."""
        task = asyncio.create_task(self._serve(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        line = _Line(writer)
        try:
            while (request := await read_request(reader)) is not None:
                if request.path == f"{_ONE}/stream":
                    await self._stream(line, reader, request)
                    return
                line.fault = self._draw(CALL_FAULTS, 0.2)
                self._reply(line, request)
                if line.fault.kind == "stall":
                    await reader.read()  # until the client has had enough
                    return
                await writer.drain()
        except (_Hangup, ConnectionError):
            pass
        finally:
            await line.end()

    def _draw(self, kinds: tuple[str, ...], chance: float) -> _Fault:
        if self.faults <= 0 or self.dice.random() > chance:
            return _Fault()
        self.faults -= 1
        kind = self.dice.choice(kinds)
        # A stall is over only when the client gives up, in real time.
        if kind == "stall" and (self.is_patient or self.dice.random() < 0.7):
            kind = "reset"
        self.story.append(f"fault {kind}")
        return _Fault(kind, self.dice.choice((1, 60, 130, 200, 400, 900, 2500)))

    # Calls.

    def _reply(self, line: _Line, request: Request) -> None:
        kind = line.fault.kind
        self.story.append(f"{request.method} {request.path.removeprefix(_ONE)} {kind}")
        if kind == "deaf":
            raise _Hangup
        if kind in ("oops", "busy", "html"):
            line.write(_refusal(kind))
            return
        told = self._do(request)
        if kind == "garbage":
            line.write(answer(200, b'{"id": "' + b"x" * 10))
        elif kind == "empty":
            line.write(answer(200, b""))
        elif kind != "stall":
            line.write(told)

    def _do(self, request: Request) -> bytes:
        chat, path = self.chat, request.path
        match request.method, path.removeprefix(_ONE):
            case "GET", "":
                return answer(200, chat.chat)
            case "GET", "/messages":
                before = request.number("before_id", 2**62)
                return answer(200, chat.page(before, request.number("limit", 50)))
            case "POST", "/messages":
                text = request.json()["content"][0]["text"]
                self.posted.append(text)
                return answer(200, chat.send(text))
            case "POST", "/interrupt":
                if chat.status == "running":
                    chat.interrupt()
                return answer(200, chat.chat)
            case _:
                return answer(404, {"message": "Route not found."})

    # The stream.

    async def _stream(
        self, line: _Line, reader: asyncio.StreamReader, request: Request
    ) -> None:
        self.streams += 1
        self.story.append(f"stream {request.number('after_id', 0)}")
        line.fault = fault = self._draw(STREAM_FAULTS, 0.75)
        if fault.kind == "refuse":
            line.write(_refusal(self.dice.choice(("oops", "html"))))
            raise _Hangup
        line.write(handshake(request))
        follower = follower_of(self.chat, request.number("after_id", 0))
        wake = self.chat.follow(follower)
        hears = asyncio.create_task(self._listen(line, reader, wake))
        try:
            await self._tell(line, follower, wake, hears)
        finally:
            self.chat.leave(follower)
            hears.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError, _Hangup):
                await hears

    async def _tell(
        self,
        line: _Line,
        follower: LaneFollower | SyncFollower,
        wake: asyncio.Event,
        hears: asyncio.Task[None],
    ) -> None:
        left = line.fault.after // 60
        while not hears.done():
            await wake.wait()
            wake.clear()
            for events in follower.frames():
                await self._say(line, events, is_due=left == 0, hears=hears)
                left -= 1

    async def _say(
        self,
        line: _Line,
        events: list[Json],
        *,
        is_due: bool,
        hears: asyncio.Task[None],
    ) -> None:
        kind, dice = line.fault.kind if is_due else "", self.dice
        payload = self._payload(events)
        self.story.append(f"says {kind} {' '.join(map(brief, events))}")
        if kind == "stall":
            await hears
            raise _Hangup
        if kind == "garbage":
            payload = dice.choice((b"{not json", b'"text"', b"\xff\xfe", b"[[1]]"))
        elif kind == "broken":
            payload = payload[: len(payload) // 2]
        elif kind == "close":
            code = dice.choice(_CODES)
            if code != 1006:  # which is no close at all
                line.write(close_frame(code, "go"))
                await asyncio.wait([hears], timeout=1)
            raise _Hangup
        if dice.random() < 0.1:
            line.write(ping_frame())
        line.write(text_frame(payload, pieces=1 if dice.random() < 0.9 else 3))

    def _payload(self, events: list[Json]) -> bytes:
        value: Any = events
        if self.envelope:
            value = {"type": "data", "data": events}
        return json.dumps(value).encode() + b"\n"

    async def _listen(
        self, line: _Line, reader: asyncio.StreamReader, wake: asyncio.Event
    ) -> None:
        """Answer pings; whoever says anything else, or goodbye, is let go."""
        try:
            while (frame := await read_client_frame(reader)) is not None:
                opcode, payload = frame
                if opcode == 9 and line.fault.kind != "stall":
                    line.write(pong_frame(payload))
                elif opcode == 8:
                    line.write(close_frame(1000))
                    return
                elif opcode in (1, 2):
                    line.write(close_frame(1008, "unexpected data message"))
                    return
        finally:
            wake.set()


def brief(event: Json) -> str:
    """An event in a word."""
    match event["type"]:
        case "message":
            return f"{event['message']['role']}{event['message']['id']}"
        case "status":
            return str(event["status"]["status"])
        case "queue_update":
            return f"queue{[item['id'] for item in event.get('queued_messages', ())]}"
        case "message_part":
            return "part"
        case other:
            return str(other)


def _refusal(kind: str) -> bytes:
    if kind == "oops":
        return answer(500, {"message": "Internal error.", "detail": "pq: no"})
    if kind == "busy":
        return answer(429, {"message": "Slow."}, headers={"Retry-After": "0"})
    return answer(502, b"<html>Bad gateway</html>", content_type="text/html")


@asynccontextmanager
async def faulty(server: FaultServer) -> AsyncIterator[FaultServer]:
    """Serve on a free port until the context is left; no connection outlives it."""
    listening = await asyncio.start_server(server.accept, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in tuple(server.tasks):
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)
        await listening.wait_closed()
