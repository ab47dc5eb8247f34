"""A model that says what a test makes it say, when the test says so."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncGenerator
from typing import cast

from coderchat_jupyter.server.providers import Provider, ProviderRow
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    FinishReason,
    Item,
    ModelCall,
    ProviderError,
    Reply,
    StepUsage,
    TextContent,
    TextDelta,
    ToolCall,
)

__all__ = ["USAGE", "Puppet"]

USAGE = StepUsage(input_tokens=1000, output_tokens=500, total_tokens=1500)


class Puppet:
    """One model behind every provider of a server.

    Attributes:
        calls: What it was asked, in order.
        cut: Set when a call is ended before it was finished.
        short: What it answers when it is not to stream: by the name of the tool it
            must call, or `summary`. What is not there fails.
        asides: The calls that were not to stream.
        held: If there, such an answer waits for it; `holding` says that one does.
    """

    def __init__(self) -> None:
        self.calls: list[ModelCall] = []
        self.rows: list[ProviderRow] = []
        self.cut = asyncio.Event()
        self.closed = 0
        self.short: dict[str, str] = {}
        self.asides: list[ModelCall] = []
        self.held: asyncio.Event | None = None
        self.holding = asyncio.Event()
        self._asked = asyncio.Condition()
        self._lines: defaultdict[str, asyncio.Queue[Item | ProviderError]]
        self._lines = defaultdict(asyncio.Queue)

    def build(self, row: ProviderRow) -> Provider:
        """What a server is given to make its adapters with."""
        self.rows.append(row)
        return self

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        async with self._asked:
            self.calls.append(call)
            self._asked.notify_all()
        (first, *_) = call.messages[0].parts
        name = first.text if isinstance(first, TextContent) else ""
        lines = self._lines[name if name in self._lines else ""]
        finished = False
        try:
            while not finished:
                line = await lines.get()
                if isinstance(line, ProviderError):
                    raise line
                finished = isinstance(line, Finished)
                yield line
        except (asyncio.CancelledError, GeneratorExit):
            self.cut.set()
            raise

    async def ask(self, call: ModelCall) -> Reply:
        async with self._asked:
            self.asides.append(call)
            self._asked.notify_all()
        name = _aside(call)
        if name not in self.short:
            raise ProviderError(f"nothing to {name}")
        if self.held is not None:
            self.holding.set()
            await self.held.wait()
        said = self.short[name]
        if not call.must_call:
            return Reply(said, usage=USAGE)
        (field,) = cast("dict[str, object]", call.tools[0].parameters["properties"])
        return Reply("", (ToolCall("aside", name, json.dumps({field: said})),), USAGE)

    async def aclose(self) -> None:
        self.closed += 1

    async def asked(self, times: int = 1) -> ModelCall:
        """Wait until it was asked so often; the newest call."""
        async with asyncio.timeout(30), self._asked:
            await self._asked.wait_for(lambda: len(self.calls) >= times)
        return self.calls[-1]

    def asides_for(self, name: str) -> int:
        """How often it was asked for such a short answer, as `short` names them."""
        return sum(_aside(call) == name for call in self.asides)

    async def asked_for(self, name: str, times: int = 1) -> None:
        """Wait until it was asked for that so often; what it said then is decided."""
        async with asyncio.timeout(30), self._asked:
            await self._asked.wait_for(lambda: self.asides_for(name) >= times)

    def say(self, *items: Item | ProviderError | str, to: str = "") -> None:
        """Say these things; a text is a delta.

        `to` is the text that a conversation begins with: one that `listen` named.
        """
        for item in items:
            said = TextDelta(item) if isinstance(item, str) else item
            self._lines[to].put_nowait(said)

    def listen(self, to: str) -> None:
        """Let a conversation that begins with this text hear only what is for it."""
        self._lines[to]

    def finish(
        self,
        reason: FinishReason = "stop",
        usage: StepUsage | None = USAGE,
        to: str = "",
    ) -> None:
        """End the answer."""
        self.say(Finished(reason, usage), to=to)

    def answer(self, *texts: str, to: str = "") -> None:
        """A whole answer."""
        self.say(*texts, to=to)
        self.finish(to=to)

    def call(
        self, name: str, args: str = "{}", call_id: str = "call_1", to: str = ""
    ) -> None:
        """Call a tool and wait for its result."""
        self.say(ToolCall(call_id, name, args), to=to)
        self.finish("tool_calls", to=to)


def _aside(call: ModelCall) -> str:
    return call.tools[0].name if call.must_call else "summary"
