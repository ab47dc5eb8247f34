"""A vendor that streams many answers at once, each token with its time of birth.

As cheap as can be, for it shares a core with those who read. Run as a process:
`python -m tests.bench.load_vendor RATE SECONDS`; the first line is its address.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sys
import time
from typing import Final

__all__ = ["GO"]

GO: Final = "Go on"
"""A message that begins so is answered at full length, any other by a word."""

_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\nconnection: close\r\n%b\r\n"
_CHUNKED: Final = b"transfer-encoding: chunked\r\n"
_CHUNK: Final = (
    '{"id":"c","object":"chat.completion.chunk","created":1,"model":"bench",'
    '"choices":[{"index":0,"delta":%s,"finish_reason":%s}]}'
)


def _chunked(data: bytes) -> bytes:
    """As all vendors send a stream."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def _event(delta: str, finish: str = "null") -> bytes:
    return f"data: {_CHUNK % (delta, finish)}\n\n".encode()


_TOKEN: Final = _event('{"content":"%d "}')
_END: Final = _chunked(_event("{}", '"stop"') + b"data: [DONE]\n\n") + _chunked(b"")
_SHORT: Final = _chunked(_event('{"content":"Yes."}')) + _END
_TITLE: Final = json.dumps(
    {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "bench",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "A title"},
                "finish_reason": "stop",
            }
        ],
    }
).encode()


class _Vendor:
    def __init__(self, rate: float, seconds: float) -> None:
        self._rate = rate
        self._tokens = round(rate * seconds)

    async def answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            size = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            asked = json.loads(await reader.readexactly(size))
            if not asked.get("stream"):
                writer.write(_HEAD % (b"application/json", b"") + _TITLE)
            else:
                writer.write(_HEAD % (b"text/event-stream", _CHUNKED))
                await self._stream(writer, json.dumps(asked["messages"][-1]))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _stream(self, writer: asyncio.StreamWriter, last: str) -> None:
        if GO not in last:
            writer.write(_SHORT)
            return
        # Not all at the same moment: nobody's answers are.
        began = time.monotonic() + random.random() / self._rate  # noqa: S311
        for number in range(self._tokens):
            due = began + number / self._rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if writer.is_closing():
                return
            writer.write(_chunked(_TOKEN % time.monotonic_ns()))
        writer.write(_END)


async def _main(rate: float, seconds: float) -> None:
    vendor = _Vendor(rate, seconds)
    server = await asyncio.start_server(vendor.answer, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    # It says of every token that its reader is gone.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    asyncio.run(_main(float(sys.argv[1]), float(sys.argv[2])))
