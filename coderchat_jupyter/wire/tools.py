"""Tools that the client runs: declared with a chat, called by its model."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from coderchat_jupyter.wire._base import WireModel
from coderchat_jupyter.wire._values import Items
from coderchat_jupyter.wire.chats import DynamicTool
from coderchat_jupyter.wire.events import StreamedToolCall

__all__ = [
    "MAX_DYNAMIC_TOOLS",
    "DynamicTool",
    "DynamicToolCall",
    "DynamicToolResponse",
    "SubmitToolResults",
    "ToolResult",
]

MAX_DYNAMIC_TOOLS: Final = 250
"""The server's limit on the tools of one chat."""

DynamicToolCall: TypeAlias = StreamedToolCall
"""A call of such a tool; `args` is JSON text. The same in events and here."""


class DynamicToolResponse(WireModel):
    """What a handler of a tool gives back: text for the model."""

    content: str = ""
    is_error: bool = False


class ToolResult(WireModel):
    """The answer to one call; `output` is any JSON value."""

    tool_call_id: str
    output: Any
    is_error: bool = False


class SubmitToolResults(WireModel):
    """Body of `POST /chats/{chat}/tool-results`: one result for each pending call.

    Upstream `SubmitToolResultsRequest`.
    """

    results: Items[ToolResult]
