"""A call of a model and its answer, as debug runs show them. No I/O."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from coderchat_jupyter.server.engine.classify import Classified
from coderchat_jupyter.server.engine.retry import MAX_ATTEMPTS, delay_ms
from coderchat_jupyter.server.providers._exchanges import Exchange
from coderchat_jupyter.server.providers._protocol import (
    FileContent,
    Finished,
    Ignored,
    Item,
    MessageContent,
    ModelCall,
    PartSigned,
    ReasoningContent,
    ReasoningDelta,
    Reply,
    SourceFound,
    StepUsage,
    TextContent,
    TextDelta,
    ToolCall,
    ToolCallContent,
    ToolInputDelta,
    ToolResultContent,
)
from coderchat_jupyter.wire._go import encode, go_time
from coderchat_jupyter.wire.debug import DebugOperation

__all__ = ["Tally", "attempt", "request_of", "retry_of", "usage_of"]

_MAX_OUTPUT: Final = 32_000
_REASONS: Final = {"tool_calls": "tool-calls", "content_filter": "content-filter"}
_COUNTS: Final = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "reasoning_tokens",
    "cache_creation_tokens",
    "cache_read_tokens",
)


def request_of(call: ModelCall, operation: DebugOperation) -> dict[str, Any]:
    """What a model is asked."""
    settings = call.settings
    limit = settings.max_output_tokens if settings else None
    options = settings.provider_options if settings else None
    system = [
        {"role": "system", "parts": [_text("text", text)]} for text in call.system
    ]
    said = [
        {"role": message.role, "parts": [_part(part) for part in message.parts]}
        for message in call.messages
    ]
    shown: dict[str, Any] = {
        "messages": [*system, *said],
        "options": {"max_output_tokens": limit or _MAX_OUTPUT},
        "provider_option_count": sum(
            len(given) for given in (encode(options) or {}).values()
        )
        if options
        else 0,
    }
    if operation == "stream":
        shown["tools"] = [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "has_input_schema": bool(tool.parameters),
                "input_schema": tool.parameters,
            }
            for tool in call.tools
        ]
    elif call.tools:
        (tool, *_) = call.tools
        shown |= {
            "structured_output": True,
            "schema_name": tool.name,
            "schema_description": tool.description,
        }
    else:
        shown["tool_choice"] = "none"
    return shown


def _text(kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, "text": text, "text_length": len(text)}


def _part(part: MessageContent) -> dict[str, Any]:
    match part:
        case TextContent(text=text):
            return _text("text", text)
        case ReasoningContent(text=text):
            return _text("reasoning", text)
        case FileContent():
            return {
                "type": "file",
                "filename": part.name,
                "media_type": part.media_type,
            }
        case ToolCallContent():
            return {
                "type": "tool-call",
                "tool_call_id": part.call_id,
                "tool_name": part.name,
                "arguments": part.args,
            }
        case ToolResultContent():
            return {
                "type": "tool-result",
                "tool_call_id": part.call_id,
                "result": part.text,
            }


def usage_of(counted: StepUsage | None) -> dict[str, int]:
    """Every count, zeros too; nothing if the vendor counted nothing."""
    if counted is None:
        return {}
    return {name: getattr(counted, name) or 0 for name in _COUNTS}


@dataclass(slots=True)
class Tally:
    """An answer as it comes: its blocks, and how many pieces it had.

    `part_count` counts as the reference's library would: a block of text of n pieces
    is n and its start and its end; a call is the same and the call itself.
    """

    content: list[dict[str, Any]] = field(default_factory=list)
    usage: StepUsage | None = None
    reason: str = ""
    parts: int = 0
    deltas: int = 0
    calls: int = 0
    sources: int = 0
    raw_length: int = 0
    ignored: tuple[Ignored, ...] = ()
    _open: str = ""

    def take(self, item: Item) -> None:
        """Count a piece of an answer that streams."""
        match item:
            case TextDelta(text=text):
                self._grow("text", text)
                self.deltas += 1
            case ReasoningDelta(text=text):
                self._grow("reasoning", text)
            case PartSigned():
                self._open = ""
            case ToolInputDelta():
                self.parts += 1
            case ToolCall():
                self._open = ""
                self.parts += 3
                self.calls += 1
                self.content += _called(item)
            case SourceFound():
                self.parts += 1
                self.sources += 1
                self.content.append(
                    {"type": "source", "url": item.url, "title": item.title}
                )
            case Finished():
                self.parts += 1
                self.reason = _REASONS.get(item.reason, item.reason)
                self.usage = item.usage
                self.ignored = item.ignored

    def take_reply(self, reply: Reply) -> None:
        """Count an answer that came in one."""
        self.usage = reply.usage
        self.ignored = reply.ignored
        self.reason = "tool-calls" if reply.calls else "stop"
        texts = [call.args for call in reply.calls] or [reply.text]
        self.raw_length = sum(map(len, texts))
        self.content.append({"type": "text", "text": reply.text})

    def response(self, *, is_structured: bool) -> dict[str, Any]:
        """What the model answered: one value if `is_structured`, else its blocks."""
        shown: dict[str, Any] = {
            "finish_reason": self.reason,
            "usage": usage_of(self.usage),
        }
        if self.ignored:
            shown["warnings"] = [
                {
                    "type": "unsupported-setting",
                    "setting": one.option,
                    "details": one.reason,
                }
                for one in self.ignored
            ]
        if not is_structured:
            return shown | {"content": self.content}
        return shown | {"structured_output": True, "raw_text_length": self.raw_length}

    def streaming(self, error: str = "") -> dict[str, Any]:
        """How it came, piece by piece, and why it broke off, if it did."""
        summary: dict[str, Any] = {
            "part_count": self.parts,
            "text_delta_count": self.deltas,
            "tool_call_count": self.calls,
            "source_count": self.sources,
            "warning_count": len(self.ignored),
            "error_count": 1 if error else 0,
        }
        summary |= {"last_error": error} if error else {"finish_reason": self.reason}
        return {"stream_summary": summary}

    def _grow(self, kind: str, text: str) -> None:
        if self._open != kind:
            self._open = kind
            self.parts += 2
            self.content.append({"type": kind, "text": ""})
        self.parts += 1
        self.content[-1]["text"] += text


def _called(call: ToolCall) -> Sequence[dict[str, Any]]:
    return (
        {
            "type": "tool_input",
            "tool_call_id": call.call_id,
            "arguments": call.args,
        },
        {
            "type": "tool-call",
            "tool_call_id": call.call_id,
            "tool_name": call.name,
            "arguments": call.args,
            "input_length": len(call.args),
        },
    )


def attempt(number: int, exchange: Exchange, error: str = "") -> dict[str, Any]:
    """One request to the vendor; its bodies in base64.

    An answer that tells an error is an answer: the attempt is completed.
    """
    end = exchange.finished_at or exchange.started_at
    answered = exchange.response_status is not None
    took = end - exchange.started_at
    body = exchange.without_secrets(bytes(exchange.response_body))
    shown: dict[str, Any] = {
        "number": number,
        "status": "completed" if answered else "error",
        "method": exchange.method,
        "url": exchange.url,
        "path": exchange.path,
        "request_headers": exchange.request_headers,
        "request_body": base64.b64encode(exchange.request_body).decode(),
        "response_status": exchange.response_status or 0,
        "response_headers": exchange.response_headers,
        "response_body": base64.b64encode(body).decode(),
        "duration_ms": round(took.total_seconds() * 1000),
        "started_at": go_time(exchange.started_at),
        "finished_at": go_time(end),
    }
    return shown | ({"error": error} if error else {})


def retry_of(failure: Classified, attempts: int) -> dict[str, Any]:
    """What a failed attempt meant, and how long was waited before the next."""
    shown: dict[str, Any] = {"retry_classification": failure.error.kind}
    if failure.retryable and attempts < MAX_ATTEMPTS:
        shown["retry_delay_ms"] = delay_ms(attempts, failure.retry_after_ms)
    return shown
