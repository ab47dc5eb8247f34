"""A provider that plays a file, for tests and documentation. Never the default.

`_script.py` describes the file.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from typing import Final

from coderchat_jupyter.server.providers import _script as play
from coderchat_jupyter.server.providers._failures import title_of
from coderchat_jupyter.server.providers._library import usage_of
from coderchat_jupyter.server.providers._protocol import (
    Finished,
    FinishReason,
    Item,
    ModelCall,
    ProviderError,
    ProviderRow,
    ReasoningDelta,
    Reply,
    SourceFound,
    StepUsage,
    TextContent,
    TextDelta,
    ToolCall,
    ToolInputDelta,
)

__all__ = ["ScriptedProvider"]

_NAME: Final = re.compile(r"#([A-Za-z0-9_-]+)")


class ScriptedProvider:
    """Plays the script that the last user text names."""

    def __init__(self, row: ProviderRow) -> None:
        self._url = row.base_url
        self._attempts: Counter[int] = Counter()

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Play one turn; see `Provider.stream`."""
        script = await asyncio.to_thread(play.load_script, self._url)
        name, turn = _place(call)
        attempt = 0
        if script.has_attempts(name, turn):
            # A retry repeats its call exactly; that is how it is known.
            key = hash(call.messages)
            attempt = self._attempts[key]
            self._attempts[key] += 1
        async for item in _Player().run(script.actions(name, turn, attempt)):
            yield item

    async def ask(self, call: ModelCall) -> Reply:
        """Play the script that is named after the only tool; see `Provider.ask`."""
        script = await asyncio.to_thread(play.load_script, self._url)
        name = call.tools[0].name if call.must_call else "summary"
        if name not in script.scripts:
            raise ProviderError(f"The script does not say what to {name}.")
        texts, calls, usage = [], [], None
        async for item in _Player().run(script.actions(name, 0, 0)):
            match item:
                case TextDelta(text=text):
                    texts.append(text)
                case ToolCall():
                    calls.append(item)
                case Finished():
                    usage = item.usage
        return Reply("".join(texts), tuple(calls), usage)

    async def aclose(self) -> None:
        """Nothing is kept open."""


def _place(call: ModelCall) -> tuple[str, int]:
    """The script's name, and how many of its turns are over."""
    turn = 0
    for message in reversed(call.messages):
        texts = [part.text for part in message.parts if isinstance(part, TextContent)]
        if message.role == "assistant":
            turn += 1
        elif message.role == "user" and texts:
            found = _NAME.search(" ".join(texts))
            return (found[1] if found else "default"), turn
    return "default", turn


class _Player:
    def __init__(self) -> None:
        self._at: float | None = None
        self._calls = 0
        self._usage: StepUsage | None = None
        self._reason: FinishReason | None = None

    async def run(self, actions: tuple[play.Action, ...]) -> AsyncGenerator[Item, None]:
        for action in actions:
            match action:
                case play.Wait(wait_ms=wait):
                    await self._pause(wait)
                case play.Hang(hang=True):
                    await asyncio.Event().wait()
                case play.Fail(error=error):
                    raise _failure(error)
                case play.Drop(drop=True):
                    raise ProviderError("unexpected EOF: the answer was cut off")
                case play.Usage(usage=counts):
                    self._usage = usage_of(**counts.model_dump())
                case play.Finish(finish=reason):
                    self._reason = reason
                case play.Source():
                    yield SourceFound(action.source, action.title)
                case play.Say() | play.Think() | play.Call():
                    for item in self._items(action):
                        await self._pause(action.delay_ms)
                        yield item
                    if isinstance(action, play.Call):
                        yield self._whole(action)
        default: FinishReason = "tool_calls" if self._calls else "stop"
        yield Finished(self._reason or default, self._usage)

    async def _pause(self, milliseconds: float) -> None:
        """Wait on a schedule, so that the pace does not drift with our own work."""
        if not milliseconds:
            return
        now = asyncio.get_running_loop().time()
        self._at = (self._at or now) + milliseconds / 1000
        await asyncio.sleep(self._at - now)

    def _items(self, action: play.Say | play.Think | play.Call) -> Iterator[Item]:
        match action:
            case play.Say(text=text, repeat=repeat):
                for piece in _pieces(text, repeat, action.chunk):
                    yield TextDelta(piece)
            case play.Think(reasoning=text, repeat=repeat):
                for piece in _pieces(text, repeat, action.chunk):
                    yield ReasoningDelta(piece)
            case play.Call():
                call_id = self._call_id(action)
                for piece in _pieces(_args(action), 1, action.chunk):
                    yield ToolInputDelta(call_id, action.tool, piece)

    def _whole(self, action: play.Call) -> ToolCall:
        call_id = self._call_id(action)
        self._calls += 1
        return ToolCall(call_id, action.tool, _args(action))

    def _call_id(self, action: play.Call) -> str:
        return action.id or f"call_{action.tool}_{self._calls}"


def _args(action: play.Call) -> str:
    return action.args if isinstance(action.args, str) else json.dumps(action.args)


def _pieces(text: str, repeat: int, chunk: int | None) -> Iterator[str]:
    for number in range(repeat):
        said = text.replace("{i}", str(number)) if repeat > 1 else text
        size = chunk or max(len(said), 1)
        for start in range(0, len(said), size):
            yield said[start : start + size]


def _failure(error: play.Failure) -> ProviderError:
    text = ": ".join(part for part in (title_of(error.status), error.message) if part)
    return ProviderError(
        text,
        status_code=error.status,
        detail=error.message,
        retry_after_ms=error.retry_after_ms,
    )
