"""The vendor of the machine: one open call for each running chat, told what to say."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from typing import TypeAlias

from coderchat_jupyter.server.providers import Provider, ProviderRow
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    FinishReason,
    Item,
    ModelCall,
    ProviderError,
    Reply,
    StepUsage,
    TextDelta,
    ToolCall,
)

__all__ = ["MICROS", "Stage"]

_USAGE = StepUsage(input_tokens=1000, output_tokens=500, total_tokens=1500)

MICROS = 1000 * 3 + 500 * 15
"""What a whole step costs."""

_Lines: TypeAlias = "asyncio.Queue[Item | ProviderError]"


class Stage:
    """Outlives the servers. A chat is told by the text of its system prompt."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._open: defaultdict[str, list[_Lines]] = defaultdict(list)

    def know(self, name: str) -> None:
        """Play in the chat whose system prompt this is."""
        self._names.add(name)

    def build(self, row: ProviderRow) -> Provider:
        """What a server makes its adapters with."""
        return self

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Say what is put into the newest call of the chat."""
        # Behind what the deployment tells every chat.
        name = next(text for text in call.system if text in self._names)
        lines: _Lines = asyncio.Queue()
        self._open[name].append(lines)
        try:
            while True:
                line = await lines.get()
                if isinstance(line, ProviderError):
                    raise line
                yield line
                if isinstance(line, Finished):
                    return
        finally:
            self._open[name].remove(lines)

    async def ask(self, call: ModelCall) -> Reply:
        """Titles and labels are none of the machine's business."""
        raise ProviderError("nothing to say")

    async def aclose(self) -> None:
        """Nothing to close."""

    def calls(self, name: str) -> int:
        """How many calls of a chat are open."""
        return len(self._open[name])

    def hears(self, name: str) -> bool:
        """Whether exactly one call is open, and has said all that it was told."""
        return [lines.empty() for lines in self._open[name]] == [True]

    def say(self, name: str, text: str) -> None:
        """A piece of the answer."""
        self._put(name, TextDelta(text))

    def finish(self, name: str, *, reason: FinishReason = "stop") -> None:
        """The end of the step."""
        self._put(name, Finished(reason, _USAGE))

    def call(self, name: str, tool: str, call_id: str) -> None:
        """Call a tool, and end the step."""
        self._put(name, ToolCall(call_id, tool, "{}"))
        self.finish(name, reason="tool_calls")

    def fail(self, name: str, *, status: int) -> None:
        """Break off."""
        self._put(name, ProviderError("it failed", status_code=status))

    def _put(self, name: str, line: Item | ProviderError) -> None:
        self._open[name][-1].put_nowait(line)
