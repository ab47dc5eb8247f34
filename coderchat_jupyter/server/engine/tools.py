"""The tools that a model may call in a step, and what becomes of its calls.

A tool of the server runs here. A dynamic tool runs with the client: its call parks
the chat. Whatever else a model calls is answered with an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from coderchat_jupyter.server.providers._protocol import ModelCall, ToolSpec
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.wire._go import dumps
from coderchat_jupyter.wire.ids import ModelConfigId
from coderchat_jupyter.wire.parts import Part, ToolCallPart, ToolResultPart

__all__ = [
    "CUT_SHORT",
    "Outcome",
    "ServerTool",
    "ToolContext",
    "Toolset",
    "compact",
    "failed",
    "result_part",
]

CUT_SHORT: Final = "tool call was interrupted before it produced a result"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tool of the server came to.

    Attributes:
        result: A JSON value; a failure is `{"error": text}`.
        is_error: Whether the model is told that it failed.
        text: The JSON text of `result` that the model reads within this run, if it
            is not `compact`; later runs read it as the database writes it. Of an
            error the model reads the error alone.
        ends_turn: The model is not asked again.
        is_media: `result` holds a picture or a sound: `data` in base64, `mime_type`
            and `text`.
    """

    result: Any
    is_error: bool = False
    text: str | None = None
    ends_turn: bool = False
    is_media: bool = False


def compact(value: Any) -> str:
    """JSON as a tool of the reference writes it: keys sorted, without spaces."""
    return dumps(_sorted(value)).decode().rstrip("\n")


def failed(text: str, **more: Any) -> Outcome:
    """A failure that the model can read, and act upon."""
    return Outcome({"error": text, **more}, is_error=True)


def _show_nothing(_: Part) -> None:
    """Nobody looks."""


@dataclass(slots=True)
class ToolContext:
    """What one call is made in.

    Attributes:
        chat: The chat as it was when the run began.
        model_config_id: The model that makes the call.
        asked: What the model was asked when it made the call.
        call_id: The call's.
        show: Streams parts of a result while it grows.
        if_cut: What a tool that waits says should the turn be cut meanwhile.
    """

    chat: ChatRow
    model_config_id: ModelConfigId
    asked: ModelCall | None = None
    call_id: str = ""
    show: Callable[[Part], None] = _show_nothing
    if_cut: Outcome | None = None


class ServerTool(Protocol):
    """A tool that runs on the server."""

    @property
    def spec(self) -> ToolSpec:
        """What the model is told of it."""
        ...

    async def run(self, args: Any, context: ToolContext) -> Outcome:
        """Do what was asked. `args` is any JSON value: a model wrote it.

        Cancelled when the turn is cut. What it raises is a defect; what the model
        did wrong is `failed`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Toolset:
    """What a model may call in one step.

    Attributes:
        server: The tools of the server by name, in the order they are offered.
        dynamic: What the client of the chat declared. One whose name the server has
            too is hidden by the server's.
        lent_by: For tools of other servers, the ids of these.
        alone: The tools that may only be called alone in a step.
        guidance: What the model is told of its tools beside what each says of itself.
    """

    server: Mapping[str, ServerTool] = field(default_factory=dict)
    dynamic: tuple[ToolSpec, ...] = ()
    lent_by: Mapping[str, str] = field(default_factory=dict)
    alone: frozenset[str] = frozenset()
    guidance: tuple[str, ...] = ()

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """Everything that is offered, in order."""
        hidden = self.server.keys()
        return (
            *(tool.spec for tool in self.server.values()),
            *(spec for spec in self.dynamic if spec.name not in hidden),
        )

    def parks(self, name: str) -> bool:
        """Whether a call of `name` is the client's to answer."""
        return name not in self.server and any(
            spec.name == name for spec in self.dynamic
        )

    def refusal(self, calls: Sequence[ToolCallPart]) -> str | None:
        """Why none of these calls may be made in one step; None if they may."""
        lone = self.alone.intersection(call.tool_name for call in calls)
        if not lone or len(calls) == 1:
            return None
        return f"nothing was done: {min(lone)} must be the only call of its step"

    async def run(self, call: ToolCallPart, context: ToolContext) -> Outcome:
        """Run a call that does not park."""
        tool = self.server.get(call.tool_name)
        if tool is None:
            return failed(f"Tool not active in this turn: {call.tool_name}")
        return await tool.run(call.args, context)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def result_part(
    call: ToolCallPart,
    result: Any,
    *,
    is_error: bool = False,
    is_media: bool = False,
    created_at: datetime | None = None,
) -> ToolResultPart:
    """A result that belongs to `call`."""
    return ToolResultPart(
        tool_call_id=call.tool_call_id,
        tool_name=call.tool_name,
        result=result,
        is_error=is_error,
        is_media=is_media,
        mcp_server_config_id=call.mcp_server_config_id,
        created_at=created_at,
    )
