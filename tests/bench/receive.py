"""Events a second over a loopback socket, against a bare loop of the library.

A process of its own writes frames as fast as they are taken, so that the reader is
what is measured. The bare loop of `websockets` receives each frame and throws it
away; ours receives, decodes and reduces it. In turns; the best round of each counts,
in CPU time, because what else the machine does only adds to a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from websockets.asyncio.client import connect

from coderchat_jupyter.client import Client
from coderchat_jupyter.state.chat_state import EMPTY
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import reconnected
from coderchat_jupyter.wire.ids import ChatId
from tests.bench.frames import CHAT_ID, RUNNING, parts, slices
from tests.fakes.raw_web import close_frame, handshake, read_request, text_frame

__all__ = ["bare", "firehose", "main", "measure", "ours"]

_EVENTS: Final = 16_384
_ROUNDS: Final = 7


async def bare(url: str) -> float:
    """CPU seconds of a loop that receives and does nothing."""
    async with connect(f"ws{url[4:]}", compression=None, proxy=None) as socket:
        began = time.process_time()
        async for _ in socket:
            pass
        return time.process_time() - began


async def ours(url: str) -> float:
    """CPU seconds of what a session does with a stream."""
    async with (
        Client(url, "a-b") as client,
        client.chats.stream(ChatId(CHAT_ID)) as batches,
    ):
        state = reconnected(EMPTY)
        began = time.process_time()
        async for batch in batches:
            state = reduce(state, batch)
        taken = time.process_time() - began
    assert state.preview, "nothing was read"
    return taken


def measure(size: int, rounds: int, events: int = _EVENTS) -> tuple[float, float]:
    """The fewest CPU seconds for all events: of the bare loop, and of ours.

    Args:
        size: Events a frame.
        rounds: How often each is measured.
        events: How many events there are.
    """
    with firehose(size, events) as url:
        taken = [
            [_run(job, url) for job in (bare, ours)]
            for _ in range(rounds + 1)  # the first one warms up
        ]
    barely, whole = zip(*taken[1:], strict=True)
    return min(barely), min(whole)


def _run(job: Callable[[str], Awaitable[float]], url: str) -> float:
    async def once() -> float:
        return await job(url)

    return asyncio.run(once())


@contextmanager
def firehose(size: int, events: int) -> Iterator[str]:
    """A process that pours frames on whoever connects; gives its address.

    One frame with a status comes first, then the events.
    """
    command = [sys.executable, "-m", "tests.bench.receive", str(size), str(events)]
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

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            request: Any = await read_request(reader)
            writer.write(handshake(request) + said + close_frame(1000))
            await writer.drain()
            await reader.read(100)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Measure and print."""
    print("events a frame   bare loop      receive + decode + reduce")
    for size in (1, 8, 64):
        barely, whole = measure(size, _ROUNDS)
        goal = " (>= 60 %)" if size == 1 else ""
        print(
            f"{size:>14} {_EVENTS / barely:>11,.0f}/s {_EVENTS / whole:>11,.0f}/s"
            f" {barely / whole:>6.0%}{goal}"
        )


if __name__ == "__main__":
    asyncio.run(_pour(int(sys.argv[1]), int(sys.argv[2])))
