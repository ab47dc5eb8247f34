"""Models that refuse tools: how they say so, and what they are asked instead."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from coderchat_jupyter.server.providers._protocol import (
    Ignored,
    MessageContent,
    ModelCall,
    ModelMessage,
    ProviderError,
    TextContent,
    ToolCallContent,
    ToolResultContent,
)

__all__ = ["TOOLS_REFUSED", "refuses_tools", "without_tools"]

TOOLS_REFUSED: Final = Ignored(
    "tools", "the model does not take tools, so it was asked without them"
)

_TOOLS: Final = r"(?:tools?|tool[ _-](?:use|calls?|calling)|functions?(?: calling)?)"

_REFUSAL: Final = re.compile(
    # Ollama, Bedrock and many more; OpenRouter says that no endpoint does.
    rf"(?:does not|doesn't|do not|don't|cannot) support (?:\w+ )?[`'\"]?{_TOOLS}\b"
    r"|no endpoints found that support tool use"
    # OpenAI, Groq.
    rf"|[`'\"]?\b{_TOOLS}[`'\"]? (?:is|are) not (?:supported|enabled|available)"
    rf"|unsupported (?:parameter|value): [`'\"]?{_TOOLS}\b"
    # Servers that were started without.
    r"|tools param requires --jinja"
    r"|tool choice requires --enable-auto-tool-choice",
    re.IGNORECASE,
)

_STATUSES: Final = frozenset({400, 404, 405, 422, 500, 501})


def refuses_tools(error: ProviderError) -> bool:
    """Whether a call failed only because it brought tools."""
    return error.status_code in _STATUSES and bool(_REFUSAL.search(error.message))


def without_tools(call: ModelCall) -> ModelCall:
    """The call with no tools; what was called before is told in words."""
    told = tuple(_told(message) for message in call.messages)
    return replace(call, messages=told, tools=(), must_call=False, vendor_tools=False)


def _told(message: ModelMessage) -> ModelMessage:
    parts = tuple(map(_in_words, message.parts))
    if parts == message.parts:
        return message
    role = "user" if message.role == "tool" else message.role
    return ModelMessage(role, parts)


def _in_words(part: MessageContent) -> MessageContent:
    match part:
        case ToolCallContent():
            return TextContent(f"[called {part.name}: {part.args}]")
        case ToolResultContent():
            return TextContent(f"[result of {part.name}: {part.text}]")
    return part
