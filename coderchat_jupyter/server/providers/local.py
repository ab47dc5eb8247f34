"""The tiny demo model: a real language model on this machine's processor.

An OpenAI-compatible provider that points at a child process. It writes English
sentences and little more, so what it is sent is cut down to what it can use.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from pydantic import SecretStr

from coderchat_jupyter.server.providers._local_process import LocalProcess
from coderchat_jupyter.server.providers._protocol import (
    FileContent,
    Item,
    ModelCall,
    ModelMessage,
    ProviderError,
    ProviderRow,
    Reply,
    TextContent,
    TextDelta,
)
from coderchat_jupyter.server.providers.local_model import LocalModelError
from coderchat_jupyter.server.providers.openai_chat import OpenAIChatProvider

__all__ = ["LocalProvider", "for_small_model"]

_SYSTEM: Final = "You are a helpful assistant."
"""Measured: this very sentence gives twice the right answers of any other."""

_HISTORY_TOKENS: Final = 1_000
"""Reading is its slow part: 1,500 tokens take ten seconds on one core."""

_BYTES_PER_TOKEN: Final = 3.5

_FILE_BYTES: Final = 8 * 1024
"""As much of a file as could be read together with a question."""

_HOPELESS_BYTES: Final = 256 * 1024
"""No text of this size fits, however few tokens it makes; so it is not even sent."""

_TOO_LONG: Final = (
    "This message is longer than the tiny demo model can read (about 4,000 tokens). "
    "Shorten it, or choose a model of another provider."
)


class LocalProvider:
    """A provider of type local. Its process starts with the first call."""

    def __init__(self, row: ProviderRow) -> None:
        self._process = LocalProcess()
        self._chat: OpenAIChatProvider | None = None
        self._address = ""
        self._opening = asyncio.Lock()

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Ask the model; see `Provider.stream`."""
        asked = for_small_model(call)
        if sum(map(_size, asked.messages)) > _HOPELESS_BYTES:
            raise ProviderError(_TOO_LONG, kind_hint="config")
        has_begun = False
        try:
            async with aclosing(self._ask(asked)) as items:
                async for item in items:
                    has_begun = True
                    yield item
            return
        except ProviderError as error:
            if "exceeds the available context size" in error.detail:
                raise ProviderError(_TOO_LONG, kind_hint="config") from error
            if has_begun or error.status_code or not await self._process.has_died():
                raise
        # It died since it was last asked, and another one is quickly there.
        async with aclosing(self._ask(asked)) as items:
            async for item in items:
                yield item

    async def ask(self, call: ModelCall) -> Reply:
        """Ask for text; a call it cannot make. See `Provider.ask`."""
        async with aclosing(self.stream(call)) as items:
            said = [item.text async for item in items if isinstance(item, TextDelta)]
        return Reply("".join(said))

    async def _ask(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        try:
            chat = await self._opened()
        except LocalModelError as error:
            raise ProviderError(str(error), kind_hint="config") from error
        async with aclosing(chat.stream(call)) as items:
            async for item in items:
                yield item

    async def aclose(self) -> None:
        """End the process."""
        chat, self._chat = self._chat, None
        if chat is not None:
            await chat.aclose()
        await self._process.aclose()

    async def _opened(self) -> OpenAIChatProvider:
        async with self._opening:
            address, key = await self._process.ready()
            if self._chat is None or address != self._address:
                if self._chat is not None:
                    await self._chat.aclose()
                row = ProviderRow("local", f"{address}/v1", SecretStr(key))
                self._chat, self._address = OpenAIChatProvider(row), address
            return self._chat


def for_small_model(call: ModelCall) -> ModelCall:
    """Keep what the model can use: text alone, and of it the newest turns.

    The newest user message and what follows stay whole, however long. Tools are
    left out, as it cannot call any.
    """
    kept: list[ModelMessage] = []
    tokens = 0.0
    for turn in reversed(_turns(call.messages)):
        tokens += sum(map(_size, turn)) / _BYTES_PER_TOKEN
        if kept and tokens > _HISTORY_TOKENS:
            break
        kept[:0] = turn
    return replace(
        call, messages=tuple(kept), tools=(), system=(_SYSTEM,), must_call=False
    )


def _turns(messages: tuple[ModelMessage, ...]) -> list[list[ModelMessage]]:
    """The texts, grouped: every group but the first starts with a user message."""
    turns: list[list[ModelMessage]] = []
    for message in messages:
        texts = tuple(_texts(message))
        if message.role == "tool" or not texts:
            continue
        if message.role == "user" or not turns:
            turns.append([])
        turns[-1].append(ModelMessage(message.role, texts))
    return turns


def _texts(message: ModelMessage) -> Iterator[TextContent]:
    for part in message.parts:
        if isinstance(part, TextContent):
            yield part
        elif isinstance(part, FileContent):
            # It reads nothing but text, and little of that.
            text = part.data[:_FILE_BYTES].decode("utf-8", "replace")
            yield TextContent(f"[File {part.name}]\n{text if part.is_text else ''}")


def _size(message: ModelMessage) -> int:
    return sum(
        len(part.text.encode("utf-8", "replace"))
        for part in message.parts
        if isinstance(part, TextContent)
    )
