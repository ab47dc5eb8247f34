"""A server that answers every request with a script, byte by byte if need be."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.fakes.raw_web import Request, handshake, read_request, text_frame

__all__ = ["Said", "Script", "Speaker", "answering", "says", "speaking"]


@dataclass
class Said:
    """One connection, after its request was read and a stream accepted."""

    request: Request
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def write(self, *pieces: bytes) -> None:
        """Say something; each piece travels alone."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0)


Script = Callable[[Said], Awaitable[None]]


def says(*frames: str | bytes) -> Script:
    """A script that says these frames and waits for a goodbye."""

    async def say(one: Said) -> None:
        for frame in frames:
            raw = frame if isinstance(frame, bytes) else text_frame(frame.encode())
            await one.write(raw)
        await one.reader.read(100)

    return say


@dataclass
class Speaker:
    """Where it listens, and what it was asked."""

    url: str
    requests: list[Request] = field(default_factory=list)


@asynccontextmanager
async def speaking(script: Script) -> AsyncIterator[Speaker]:
    """Serve until the context is left. Streams are accepted before the script runs."""
    tasks: set[asyncio.Task[None]] = set()
    speaker = Speaker("")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await read_request(reader)
            if request is not None:
                speaker.requests.append(request)
                if "sec-websocket-key" in request.headers:
                    writer.write(handshake(request))
                await script(Said(request, reader, writer))
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    speaker.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield speaker
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@asynccontextmanager
async def answering(said: bytes) -> AsyncIterator[str]:
    """Something that answers every request with the same bytes; gives its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(said)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()
