"""The SDK's decoder of server-sent events, made quick for the usual ones.

Imports the SDK at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from json.decoder import scanstring  # type: ignore[attr-defined]  # it has it
from typing import Final, Self

from openai._streaming import ServerSentEvent, SSEDecoder

__all__ = ["Events", "QuickDecoder", "TextPattern"]

_END: Final = b"\n\n"
_DATA: Final = b"data: "
_CONTENT: Final = '"content":'


class TextPattern:
    """Events that differ in nothing but the text that they say."""

    def __init__(self, data: str, start: int, end: int) -> None:
        self._head, self._tail = data[:start], data[end:]

    @classmethod
    def of(cls, data: str, text: str) -> Self | None:
        """The events like one that says some text; None if it cannot be told where."""
        before, name, after = data.partition(_CONTENT)
        if not name or _CONTENT in after:
            return None
        start = len(before) + len(name) + len(after) - len(after.lstrip(" "))
        if data[start : start + 1] != '"':
            return None
        said, end = scanstring(data, start + 1)
        return cls(data, start + 1, end - 1) if said == text else None

    def text(self, data: str) -> str | None:
        """What an event says; None if it differs in more."""
        head, tail = self._head, self._tail
        is_like = data.startswith(head) and data.endswith(tail)
        if not is_like or len(data) < len(head) + len(tail):
            return None
        inside = data[len(head) : len(data) - len(tail)]
        try:
            text, end = scanstring(inside + '"', 0)
        except json.JSONDecodeError:
            return None
        return text if end == len(inside) + 1 else None


class Events:
    """The events of a body, for the SDK; some may be taken before it.

    Attributes:
        last: What the SDK was given last.
    """

    def __init__(self, events: AsyncIterator[ServerSentEvent]) -> None:
        self.last = ""
        self._events = events
        self._kept: ServerSentEvent | None = None
        self._failed: Exception | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ServerSentEvent:
        if self._failed is not None:
            raise self._failed
        event, self._kept = self._kept, None
        if event is None:
            event = await anext(self._events)
        self.last = event.data
        return event

    async def text(self, pattern: TextPattern) -> str | None:
        """What the next event says; None if it, or what fails, is for the SDK."""
        try:
            event = await anext(self._events)
        except Exception as failed:  # noqa: BLE001  the SDK tells it, or the end
            self._failed = failed
            return None
        text = None if event.event else pattern.text(event.data)
        if text is None:
            self._kept = event
        return text


class QuickDecoder(SSEDecoder):
    """Takes all events of a read at once while each is one line of data or a comment.

    From the first on that is anything else, the SDK decodes byte by byte.

    Attributes:
        events: Those of the body that is read.
    """

    events: Events | None = None

    def aiter_bytes(self, iterator: AsyncIterator[bytes]) -> Events:
        """Give the events of a body as they come."""
        self.events = Events(self._read(iterator))
        return self.events

    async def _read(
        self, iterator: AsyncIterator[bytes]
    ) -> AsyncGenerator[ServerSentEvent, None]:
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
