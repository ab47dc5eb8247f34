"""An answer's plain text past the library, and everything else through it.

The library makes several objects of each piece and passes them through half a dozen
generators. Nearly all pieces are a few letters more of a text that has begun.

Imports the library at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from functools import cached_property
from typing import Any, Self

from openai.types.chat import ChatCompletionChunk
from pydantic_ai.models import StreamedResponse
from pydantic_ai.models.openai import OpenAIStreamedResponse

from coderchat_jupyter.server.providers._library import Reader
from coderchat_jupyter.server.providers._openai_client import PlainPiece
from coderchat_jupyter.server.providers._openai_events import (
    QuickDecoder,
    TextPattern,
)
from coderchat_jupyter.server.providers._protocol import Item, TextDelta

__all__ = ["Pieces", "PiecewiseResponse", "items_of"]


class Pieces:
    """The pieces of an answer: some the library takes, some are taken before it.

    It is told later of what went past it, in one piece, so that it knows all.

    Attributes:
        is_plain: Whether the piece that it took last is text and nothing else.
        is_old: Whether it went past it before.
    """

    def __init__(self, pieces: Any) -> None:
        """Begin.

        Args:
            pieces: The library's stream of them, which has looked at the first.
        """
        self.is_plain = False
        self.is_old = False
        self._first = pieces
        self._rest: AsyncIterator[Any] | None = None
        self._past: list[str] = []
        self._like: PlainPiece | None = None
        self._kept: Any = None
        self._failed: Exception | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ChatCompletionChunk:
        """The next piece for the library.

        Raises:
            StopAsyncIteration: There is none.
            Exception: It could not be read; the library knows what that means.
        """
        self.is_plain = False
        self.is_old = bool(self._past)
        if self._past and self._like is not None:
            past, self._past = self._past, []
            return self._like.chunk("".join(past))
        if self._failed is not None:
            raise self._failed
        piece, self._kept = self._kept, None
        if piece is None:
            piece = await self._next()
        self.is_plain = isinstance(piece, PlainPiece)
        chunk: ChatCompletionChunk = piece.chunk(piece.text) if self.is_plain else piece
        return chunk

    async def texts(self) -> AsyncGenerator[str, None]:
        """Take text past the library, up to the next piece that is anything else."""
        while True:
            try:
                piece = await self._next()
            except Exception as failed:  # noqa: BLE001  the library tells it, or the end
                self._failed = failed
                return
            if not isinstance(piece, PlainPiece):
                self._kept = piece
                return
            self._past.append(piece.text)
            self._like = piece
            if piece.text:
                yield piece.text
            async with aclosing(self._more(piece.text)) as more:
                async for text in more:
                    self._past.append(text)
                    if text:
                        yield text

    async def _more(self, said: str) -> AsyncGenerator[str, None]:
        """What follows that differs in nothing but its text: past the SDK, too."""
        decoder = getattr(self._rest, "_decoder", None)
        events = decoder.events if isinstance(decoder, QuickDecoder) else None
        if events is None:
            return
        pattern = TextPattern.of(events.last, said)
        while pattern is not None:
            text = await events.text(pattern)
            if text is None:
                return
            yield text

    async def _next(self) -> Any:
        if self._rest is not None:
            return await anext(self._rest)
        # The library's stream holds one piece, and takes a lock for each.
        first = await anext(self._first)
        self._rest = self._first.source
        return first


class PiecewiseResponse(OpenAIStreamedResponse):
    """A response whose pieces need not all go through the library."""

    @cached_property
    def pieces(self) -> Pieces:
        """What there is of it."""
        return Pieces(self._response)

    def _validate_response(self) -> Pieces:
        return self.pieces


async def items_of(
    stream: StreamedResponse, reader: Reader
) -> AsyncGenerator[Item, None]:
    """Yield the items of a stream; the caller adds `Finished`."""
    if not isinstance(stream, PiecewiseResponse):
        async with aclosing(reader.read(stream)) as items:
            async for item in items:
                yield item
        return
    pieces = stream.pieces
    async for event in stream:
        is_told = event.event_kind in ("part_start", "part_delta")
        if is_told and pieces.is_old:
            continue
        for item in reader.items(event):
            yield item
        if is_told and pieces.is_plain:
            async with aclosing(pieces.texts()) as texts:
                async for text in texts:
                    yield TextDelta(text)
