"""The calls of one run: made all at once, their results in the order of the calls."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from coderchat_jupyter.server.engine.tools import (
    Outcome,
    ToolContext,
    Toolset,
    compact,
    failed,
    result_part,
)
from coderchat_jupyter.wire.parts import ToolCallPart, ToolResultPart

__all__ = ["Calls", "places"]

_log = logging.getLogger(__name__)


class Calls:
    """Runs the calls that are the server's to answer, a step at a time.

    Attributes:
        tools: What may be called.
        texts: By call, how the results of the step were written.
        parked: Whether calls of the step are the client's to answer.
    """

    def __init__(self, tools: Toolset, clock: Callable[[], datetime]) -> None:
        self.tools = tools
        self.texts: dict[str, str] = {}
        self.parked = False
        self._clock = clock
        self._results: dict[str, ToolResultPart] = {}
        self._waiting: dict[str, ToolContext] = {}

    async def run(
        self,
        calls: Sequence[ToolCallPart],
        context: ToolContext,
        refused: Mapping[str, str] = MappingProxyType({}),
    ) -> bool:
        """Run the calls of a step; whether one of them ends the turn.

        Args:
            calls: The calls.
            context: What they are made in.
            refused: By call, why some of them cannot be made.
        """
        self.forget()
        refusal = self.tools.refusal(calls)
        if refusal is not None:
            for call in calls:
                self._keep(call, failed(refusal))
            return False
        for call in calls:
            if call.tool_call_id in refused:
                self._keep(call, failed(refused[call.tool_call_id]))
        sound = [call for call in calls if call.tool_call_id not in refused]
        mine = [call for call in sound if not self.tools.parks(call.tool_name)]
        self.parked = len(mine) < len(sound)
        outcomes = await asyncio.gather(*(self._run(call, context) for call in mine))
        return any(outcome.ends_turn for outcome in outcomes)

    def forget(self) -> None:
        """A step begins. Its calls may have the ids of those of the last one."""
        self._results, self._waiting, self.texts = {}, {}, {}
        self.parked = False

    def results(self, calls: Sequence[ToolCallPart]) -> list[ToolResultPart]:
        """The results there are, in the order of the calls."""
        found = (self._results.get(call.tool_call_id) for call in calls)
        return [result for result in found if result is not None]

    def results_if_cut(
        self, calls: Iterable[ToolCallPart], now: datetime
    ) -> dict[str, ToolResultPart]:
        """The results there are by call, and what tools that wait have to say."""
        said = {
            call.tool_call_id: result_part(
                call, cut.result, is_error=cut.is_error, created_at=now
            )
            for call in calls
            if (context := self._waiting.get(call.tool_call_id)) is not None
            and (cut := context.if_cut) is not None
        }
        return said | self._results

    async def _run(self, call: ToolCallPart, context: ToolContext) -> Outcome:
        context = replace(context, call_id=call.tool_call_id)
        self._waiting[call.tool_call_id] = context
        try:
            outcome = await self.tools.run(call, context)
        except Exception as error:  # noqa: BLE001  the model must hear of it
            _log.error("%s", places(f"the tool {call.tool_name} broke", error))
            outcome = failed("the tool failed unexpectedly")
        self._keep(call, outcome)
        return outcome

    def _keep(self, call: ToolCallPart, outcome: Outcome) -> None:
        if not outcome.is_error and not outcome.is_media:
            text = compact(outcome.result) if outcome.text is None else outcome.text
            self.texts[call.tool_call_id] = text
        self._results[call.tool_call_id] = result_part(
            call,
            outcome.result,
            is_error=outcome.is_error,
            is_media=outcome.is_media,
            created_at=self._clock(),
        )


def places(what: str, error: Exception) -> str:
    """Where something broke. What exceptions say may quote what was said."""
    found = "".join(traceback.format_tb(error.__traceback__))
    return f"{what}: {type(error).__name__}\n{found}"
