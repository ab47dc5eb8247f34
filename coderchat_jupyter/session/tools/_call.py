"""One call, from what the model wrote to what it is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any, Final, TypeVar

from coderchat_jupyter.session.tools._consent import Consent, ToolRequest
from coderchat_jupyter.session.tools._threads import FunctionExitError, in_thread
from coderchat_jupyter.session.tools._tool import BadArgumentsError, Tool
from coderchat_jupyter.session.tools._values import jsonable
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.tools import (
    DynamicToolCall,
    DynamicToolResponse,
    ToolResult,
)

__all__ = ["answer_call", "failed"]

T = TypeVar("T")

_log: Final = logging.getLogger(__name__)

_LONGEST_MESSAGE: Final = 2000


def failed(call: DynamicToolCall, text: str) -> ToolResult:
    """An answer that tells the model what is wrong."""
    return ToolResult(
        tool_call_id=call.tool_call_id, output={"error": text}, is_error=True
    )


async def answer_call(
    chat_id: ChatId,
    call: DynamicToolCall,
    tools: Mapping[str, Tool[..., Any]],
    consent: Consent,
    seconds: float,
) -> ToolResult:
    """Run a call. Whatever goes wrong becomes an answer.

    Args:
        chat_id: The chat whose agent asks.
        call: The call.
        tools: What there is, by name.
        consent: Who is asked whether it may run.
        seconds: How long asking and running may take.
    """
    tool = tools.get(call.tool_name)
    if tool is None:
        there = ", ".join(sorted(tools)) or "none"
        return failed(
            call, f"There is no tool {call.tool_name!r} here. There are: {there}."
        )
    try:
        return await _within(seconds, _run(chat_id, call, tool, consent))
    except asyncio.CancelledError:
        raise
    except _TooSlowError as slow:
        text = f"{tool.name} took longer than {slow.seconds:g} seconds"
        return failed(call, f"{text} and was given up on.")
    except BadArgumentsError as error:
        return failed(call, f"The arguments do not fit: {error}")
    except BaseException as error:  # noqa: BLE001  what a function raises is an answer
        # What it says may be private: the agent is told, the log is not.
        kind = type(error).__name__
        _log.info("The tool %s raised %s", call.tool_name, kind)
        return failed(call, _said(error))


class _TooSlowError(Exception):
    """Something took longer than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


async def _within(seconds: float | None, work: Coroutine[Any, Any, T]) -> T:
    """Wait for some work so long and no longer, even if it does not listen."""
    running = asyncio.create_task(work)
    running.add_done_callback(_look_at)
    try:
        done, _ = await asyncio.wait(
            {running}, timeout=None if seconds is None else max(0.0, seconds)
        )
    except asyncio.CancelledError:
        running.cancel()
        raise
    if not done:
        running.cancel()
        raise _TooSlowError(seconds or 0.0)
    if running.cancelled():
        # By itself, and not by us: that would have been raised above.
        raise FunctionExitError(asyncio.CancelledError())
    return running.result()


def _look_at(ended: asyncio.Task[Any]) -> None:
    """Else asyncio would log what a function raised after nobody waited for it."""
    if not ended.cancelled():
        ended.exception()


async def _run(
    chat_id: ChatId,
    call: DynamicToolCall,
    tool: Tool[..., Any],
    consent: Consent,
) -> ToolResult:
    # On a thread as well: types of users may have validators of their own.
    arguments = await in_thread(tool.arguments, (call.args,), {}, tool.name)
    request = ToolRequest(
        chat_id=chat_id,
        call_id=call.tool_call_id,
        name=tool.name,
        arguments=arguments,
    )
    if not await consent.allows(request):
        return failed(call, f"The user did not allow this call of {tool.name}.")
    args, kwargs = tool.bound(arguments)
    # Only now: whoever is asked may take their time.
    running = in_thread(tool.function, args, kwargs, tool.name)
    found = await _within(tool.timeout, running)
    is_error = isinstance(found, DynamicToolResponse) and found.is_error
    if isinstance(found, DynamicToolResponse):
        found = found.content
    # It may be large, or compute what it shows: not on the loop.
    output = await in_thread(jsonable, (found,), {}, f"{tool.name}-result")
    return ToolResult(tool_call_id=call.tool_call_id, output=output, is_error=is_error)


def _said(error: BaseException) -> str:
    """Type and message: no places, no causes, no chained errors."""
    if isinstance(error, FunctionExitError):
        error = error.raised
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  an exception of a user may be broken too
        text = ""
    cut = text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"
    kind = type(error).__name__
    return str(jsonable(f"{kind}: {cut}" if cut else kind))
