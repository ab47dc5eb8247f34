"""Events a second over a loopback socket, against a bare loop of the library.

A process of its own writes frames. The bare loop of `websockets` receives each and
throws it away; ours receives, decodes and reduces it. Beside them, what explains the
figures: the bare loop with a `json.loads` and nothing more, and our decoding and
reducing behind the library's reading instead of our own.

All in turns; the best round of each counts. Twice: against a server of the library, in
events a second as a user has them, and against bytes that lie ready, in CPU time, where
the reader alone is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias
from unittest.mock import patch

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from coderchat_jupyter.client import Client, _socket
from coderchat_jupyter.state.chat_state import EMPTY
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import reconnected
from coderchat_jupyter.wire.ids import ChatId
from tests.bench.frames import CHAT_ID, RUNNING, parts, slices
from tests.fakes.raw_web import close_frame, handshake, read_request, text_frame

__all__ = ["bare", "behind_library", "firehose", "main", "measure", "ours", "parsing"]

_EVENTS: Final = 16_384
_ROUNDS: Final = 7


Clock: TypeAlias = Callable[[], float]


async def bare(url: str, clock: Clock = time.process_time) -> float:
    """Seconds of a loop that receives and does nothing."""
    async with connect(f"ws{url[4:]}", compression=None, proxy=None) as socket:
        began = clock()
        async for _ in socket:
            pass
        return clock() - began


async def parsing(url: str, clock: Clock = time.process_time) -> float:
    """Seconds of the bare loop with the least that any client does."""
    async with connect(f"ws{url[4:]}", compression=None, proxy=None) as socket:
        began = clock()
        async for frame in socket:
            json.loads(frame)
        return clock() - began


async def ours(url: str, clock: Clock = time.process_time) -> float:
    """Seconds of what a session does with a stream."""
    async with (
        Client(url, "a-b") as client,
        client.chats.stream(ChatId(CHAT_ID)) as batches,
    ):
        state = reconnected(EMPTY)
        began = clock()
        async for batch in batches:
            state = reduce(state, batch)
        taken = clock() - began
    assert state.preview, "nothing was read"
    return taken


async def behind_library(url: str, clock: Clock = time.process_time) -> float:
    """As `ours`, on connections that the library makes and reads by itself."""
    with patch.object(_socket, "is_fit", lambda: False):
        return await ours(url, clock)


_JOBS: Final = (bare, parsing, behind_library, ours)


def measure(
    size: int, rounds: int, events: int = _EVENTS, *, by_library: bool = False
) -> tuple[float, ...]:
    """The fewest seconds for all events, of each of the loops.

    Args:
        size: Events a frame.
        rounds: How often each is measured.
        events: How many events there are.
        by_library: A server of the library sends each frame, and the clock on the
            wall counts; else all bytes lie ready, and CPU time counts.
    """
    clock = time.perf_counter if by_library else time.process_time
    with firehose(size, events, by_library=by_library) as url:
        taken = [
            [_run(job, url, clock) for job in _JOBS]
            for _ in range(rounds + 1)  # the first one warms up
        ]
    return tuple(map(min, zip(*taken[1:], strict=True)))


def _run(
    job: Callable[[str, Clock], Awaitable[float]], url: str, clock: Clock
) -> float:
    async def once() -> float:
        return await job(url, clock)

    return asyncio.run(once())


@contextmanager
def firehose(size: int, events: int, *, by_library: bool = False) -> Iterator[str]:
    """A process that pours frames on whoever connects; gives its address.

    One frame with a status comes first, then the events.
    """
    kind = "library" if by_library else "bytes"
    command = [sys.executable, "-m", "tests.bench.receive"]
    command += [kind, str(size), str(events)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


async def _pour(size: int, events: int) -> None:
    """Write the same frames to whoever connects."""
    frames = [RUNNING, *slices(parts(events), size)]
    said = b"".join(text_frame(f"{frame}\n".encode()) for frame in frames)

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            request: Any = await read_request(reader)
            writer.write(handshake(request) + said + close_frame(1000))
            await writer.drain()
            await reader.read(100)
        writer.close()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _send(size: int, events: int) -> None:
    """Send the same frames to whoever connects, one by one."""
    frames = [f"{frame}\n" for frame in (RUNNING, *slices(parts(events), size))]

    async def talk(socket: ServerConnection) -> None:
        for frame in frames:
            await socket.send(frame)

    async with serve(talk, "127.0.0.1", 0, compression=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await server.serve_forever()


def main() -> None:
    """Measure and print."""
    for by_library in (True, False):
        sent = "a server of the library, wall clock"
        print(f"From {sent if by_library else 'bytes at hand, CPU time'}:")
        print("events a frame    bare loop   json.loads   library's reading    ours")
        for size in (1, 8, 64):
            barely, *others = measure(size, _ROUNDS, by_library=by_library)
            parsed, theirs, whole = (barely / taken for taken in others)
            goal = "  (goal: >= 60 %)" if size == 1 and by_library else ""
            print(
                f"{size:>14} {_EVENTS / barely:>10,.0f}/s {parsed:>12.0%}"
                f" {theirs:>19.0%} {whole:>7.0%}{goal}"
            )


if __name__ == "__main__":
    _SENDERS: Final = {"library": _send, "bytes": _pour}
    asyncio.run(_SENDERS[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3])))
