"""Long conversations made short: a summary takes the place of what was said.

Only what models are shown changes; users see their history as it was, with a note
that it was summarised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from coderchat_jupyter.server.engine.asides import is_slow
from coderchat_jupyter.server.engine.history import kept_by, transcript
from coderchat_jupyter.server.engine.models import ChosenModel
from coderchat_jupyter.server.engine.moves import Move
from coderchat_jupyter.server.engine.step import stored
from coderchat_jupyter.server.present import INTERNAL
from coderchat_jupyter.server.providers._protocol import (
    ModelCall,
    ModelMessage,
    ProviderError,
    TextContent,
)
from coderchat_jupyter.server.storage.rows import MessageRow, NewMessage
from coderchat_jupyter.wire.ids import ModelConfigId
from coderchat_jupyter.wire.messages import Usage
from coderchat_jupyter.wire.models import CallConfig
from coderchat_jupyter.wire.parts import Part, TextPart, ToolCallPart, ToolResultPart

__all__ = ["DEFAULT_THRESHOLD", "Compaction", "Crossing", "crossing"]

DEFAULT_THRESHOLD: Final = 70
_NEVER: Final = 100
_TOOL: Final = "chat_summarized"
_SECONDS: Final = 90.0
_MOST_IN_A_RUN: Final = 3

_INTRODUCTION: Final = (
    "The conversation so far has been summarised. Work was under way when that was "
    "done. Go on with it from this summary."
)
_INSTRUCTIONS: Final = (
    "You get the record of a conversation between a user and an assistant. Write a "
    "summary from which the assistant can go on without the record: what the user "
    "wants, what was decided and found out, what was done and with which result, "
    "names, numbers and paths that will be needed, and what is left to do. Write "
    "nothing else, and do not answer the user."
)

Show = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Crossing:
    """A context that has grown past its threshold.

    Attributes:
        tokens: What the last call of the model read.
        limit: What it can read.
        threshold: In percent of `limit`.
    """

    tokens: int
    limit: int
    threshold: int

    @property
    def percent(self) -> float:
        """How full the context is; whole numbers without a fraction."""
        exact = self.tokens / self.limit * 100
        return int(exact) if exact.is_integer() else exact


def crossing(
    rows: Iterable[MessageRow],
    threshold: int,
    model_config_id: ModelConfigId | None,
    context_limit: int,
) -> Crossing | None:
    """Whether the next call would read more than it should.

    Args:
        rows: The conversation, hidden messages too.
        threshold: In percent of what the model can read. 100 is never, and 0 is
            always; what is neither nor between is taken for the default.
        model_config_id: The model that is asked next.
        context_limit: How many tokens it can read, as far as its settings say: what
            its vendor said when it was asked last counts more.
    """
    if not 0 <= threshold <= _NEVER:
        threshold = DEFAULT_THRESHOLD
    usage: Usage | None = None
    limit = context_limit
    for row in rows:
        if kept_by(row) is not None:
            usage = None
        elif row.role == "assistant" and row.usage is not None:
            usage = row.usage
            is_same = row.model_config_id == model_config_id
            limit = (is_same and usage.context_limit) or context_limit
    if usage is None or threshold == _NEVER:
        return None
    counts = (
        usage.input_tokens,
        usage.cache_read_tokens,
        usage.cache_creation_tokens,
    )
    tokens = sum(count or 0 for count in counts) or usage.total_tokens or 0
    if not tokens or tokens * 100 < threshold * limit:
        return None
    return Crossing(tokens, limit, threshold)


class Compaction:
    """The summaries of one run: at most three, and none after one has failed.

    Args:
        show: Shows a part to all who listen.
    """

    def __init__(self, show: Show) -> None:
        self._show = show
        self._call_id = f"{_TOOL}_{uuid4()}"
        self._left = _MOST_IN_A_RUN

    def is_due(
        self, rows: Sequence[MessageRow], model: ChosenModel, threshold: int
    ) -> Crossing | None:
        """Whether to summarise before the model is asked again; see `crossing`."""
        if not self._left or is_slow(model.config):
            return None
        config = model.config
        return crossing(rows, threshold, config.id, config.context_limit)

    async def summarise(
        self, rows: Sequence[MessageRow], model: ChosenModel, found: Crossing
    ) -> str | None:
        """Have the conversation summarised; None if that failed, which is shown."""
        self._left -= 1
        self._show(ToolCallPart(tool_call_id=self._call_id, tool_name=_TOOL))
        # The newest message goes on to the model as it is.
        told = rows[:-1] if rows and rows[-1].role == "user" else rows
        try:
            summary = await _ask(model, transcript(told))
        except (ProviderError, TimeoutError) as error:
            self._left = 0
            reason = str(error) or "the summary took too long"
            self._show(self._result({"error": reason}, is_error=True), role="tool")
            return None
        self._show(self._result(_told(summary, found)), role="tool")
        return summary

    async def store(
        self, move: Move, rows: Sequence[MessageRow], summary: str, found: Crossing
    ) -> None:
        """Let the summary stand for everything but the newest message of the user."""
        config_id = move.chat.last_model_config_id
        newest = max((row.id for row in rows if _is_asked(row)), default=0)
        hidden = stored(TextPart(text=f"{_INTRODUCTION}\n\n{summary}"))
        hidden[INTERNAL] = {"keeps": newest}
        call = ToolCallPart(
            tool_call_id=self._call_id,
            tool_name=_TOOL,
            args={"source": "automatic", "threshold_percent": found.threshold},
        )
        for role, visibility, part in (
            ("user", "model", hidden),
            ("assistant", "both", stored(call)),
            ("tool", "both", stored(self._result(_told(summary, found)))),
        ):
            await move.store(
                NewMessage(
                    role=role,
                    content=(part,),
                    visibility=visibility,
                    model_config_id=config_id,
                )
            )

    def _result(self, result: Any, *, is_error: bool = False) -> Part:
        return ToolResultPart(
            tool_call_id=self._call_id,
            tool_name=_TOOL,
            result=result,
            is_error=is_error,
        )


def _told(summary: str, found: Crossing) -> dict[str, object]:
    return {
        "summary": summary,
        "source": "automatic",
        "threshold_percent": found.threshold,
        "usage_percent": found.percent,
        "context_tokens": found.tokens,
        "context_limit_tokens": found.limit,
    }


def _is_asked(row: MessageRow) -> bool:
    return row.role == "user" and row.visibility != "model"


async def _ask(model: ChosenModel, text: str) -> str:
    call = ModelCall(
        model=model.config.model,
        messages=(ModelMessage("user", (TextContent(text),)),),
        settings=CallConfig(
            max_output_tokens=model.config.call_config.max_output_tokens
        ),
        system=(_INSTRUCTIONS,),
    )
    async with asyncio.timeout(_SECONDS):
        reply = await model.provider.ask(call)
    if not (summary := reply.text.strip()):
        raise ProviderError("the model gave no summary")
    return summary
