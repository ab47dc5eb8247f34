"""The SDK's decoder of server-sent events, made quick for the usual ones.

Imports the SDK at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from openai._streaming import ServerSentEvent, SSEDecoder

__all__ = ["QuickDecoder"]

_END = b"\n\n"
_DATA = b"data: "


class QuickDecoder(SSEDecoder):
    """Takes all events of a read at once while each is one line of data or a comment.

    From the first on that is anything else, the SDK decodes byte by byte.
    """

    async def aiter_bytes(
        self, iterator: AsyncIterator[bytes]
    ) -> AsyncGenerator[ServerSentEvent, None]:
        """Give the events of a body as they come."""
        begun = b""
        async for read in iterator:
            *lines, begun = (begun + read).split(_END)
            for place, line in enumerate(lines):
                is_plain = b"\n" not in line and b"\r" not in line
                if is_plain and line.startswith(b":"):
                    continue
                if not (is_plain and line.startswith(_DATA)):
                    rest = _END.join((*lines[place:], begun))
                    async for event in super().aiter_bytes(_chain(rest, iterator)):
                        yield event
                    return
                yield ServerSentEvent(data=line[len(_DATA) :].decode())
            if b"\r" in begun:
                break
        async for event in super().aiter_bytes(_chain(begun, iterator)):
            yield event


async def _chain(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for read in rest:
        yield read
