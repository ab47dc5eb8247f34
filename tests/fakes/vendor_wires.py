"""Answers as Gemini, Bedrock and OpenAI's Responses API frame them, for `FakeVendor`.

Written after the vendors' public documentation, byte for byte, without their libraries.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any, Literal

from tests.fakes.vendor import Reply

__all__ = [
    "bedrock_event",
    "bedrock_exception",
    "bedrock_stream",
    "gemini_answer",
    "gemini_stream",
    "responses_stream",
]

Ending = Literal["close", "drop", "hang"]

GEMINI_USAGE = {
    "promptTokenCount": 1000,
    "cachedContentTokenCount": 600,
    "candidatesTokenCount": 400,
    "thoughtsTokenCount": 100,
    "totalTokenCount": 1500,
}

BEDROCK_USAGE = {
    "inputTokens": 400,
    "outputTokens": 500,
    "totalTokens": 1700,
    "cacheReadInputTokens": 600,
    "cacheWriteInputTokens": 200,
}

RESPONSES_USAGE = {
    "input_tokens": 1000,
    "input_tokens_details": {"cached_tokens": 600},
    "output_tokens": 500,
    "output_tokens_details": {"reasoning_tokens": 100},
    "total_tokens": 1500,
}


def gemini_answer(
    *parts: dict[str, Any], finish: str | None = "STOP", **more: Any
) -> dict[str, Any]:
    """One `GenerateContentResponse`."""
    candidate: dict[str, Any] = {
        "content": {"role": "model", "parts": list(parts)},
        "index": 0,
    }
    if finish:
        candidate["finishReason"] = finish
    candidate |= more
    return {
        "candidates": [candidate],
        "usageMetadata": GEMINI_USAGE,
        "modelVersion": "model-1",
        "responseId": "r1",
    }


def gemini_stream(
    *parts: dict[str, Any], ending: Ending = "close", **more: Any
) -> Reply:
    """Gemini's answer as server-sent events, one part each."""
    last = len(parts) - 1
    pieces = []
    for index, part in enumerate(parts):
        ends = index == last and ending == "close"
        rest = {"finish": "STOP", **more} if ends else {"finish": None}
        body = json.dumps(gemini_answer(part, **rest))
        pieces.append(f"data: {body}\r\n\r\n".encode())
    return Reply(tuple(pieces), ending=ending)


def _frame(headers: dict[str, str], payload: bytes) -> bytes:
    """One message of `application/vnd.amazon.eventstream`."""
    told = b"".join(
        struct.pack("!B", len(name))
        + name.encode()
        + struct.pack("!BH", 7, len(value.encode()))
        + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 16 + len(told) + len(payload), len(told))
    begun = prelude + struct.pack("!I", zlib.crc32(prelude)) + told + payload
    return begun + struct.pack("!I", zlib.crc32(begun))


def bedrock_event(name: str, payload: dict[str, Any]) -> bytes:
    headers = {
        ":event-type": name,
        ":content-type": "application/json",
        ":message-type": "event",
    }
    return _frame(headers, json.dumps(payload).encode())


def bedrock_exception(name: str, **payload: Any) -> bytes:
    """An error in the midst of a stream that began with 200."""
    headers = {
        ":exception-type": name,
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return _frame(headers, json.dumps(payload).encode())


def bedrock_stream(
    *blocks: tuple[dict[str, Any] | None, list[dict[str, Any]]],
    stop: str = "end_turn",
    ending: Ending = "close",
) -> Reply:
    """An answer of ConverseStream: blocks, each with its start and its deltas."""
    pieces = [bedrock_event("messageStart", {"role": "assistant"})]
    for index, (start, deltas) in enumerate(blocks):
        at = {"contentBlockIndex": index}
        if start is not None:
            pieces.append(bedrock_event("contentBlockStart", {**at, "start": start}))
        pieces += [
            bedrock_event("contentBlockDelta", {**at, "delta": delta})
            for delta in deltas
        ]
        if ending == "close" or index < len(blocks) - 1:
            pieces.append(bedrock_event("contentBlockStop", at))
    if ending == "close":
        pieces.append(bedrock_event("messageStop", {"stopReason": stop}))
        told = {"usage": BEDROCK_USAGE, "metrics": {"latencyMs": 5}}
        pieces.append(bedrock_event("metadata", told))
    kind = "application/vnd.amazon.eventstream"
    return Reply(tuple(pieces), ending=ending, content_type=kind)


def responses_stream(
    *items: dict[str, Any], deltas: tuple[str, ...] = (), ending: Ending = "close"
) -> Reply:
    """An answer of the Responses API: its items, the text of a message in deltas."""
    response: dict[str, Any] = {
        "id": "resp1",
        "object": "response",
        "created_at": 1,
        "model": "model-1",
        "status": "in_progress",
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }
    pieces: list[bytes] = []

    def event(kind: str, **rest: Any) -> None:
        told = {"type": kind, "sequence_number": len(pieces), **rest}
        pieces.append(f"event: {kind}\ndata: {json.dumps(told)}\n\n".encode())

    event("response.created", response=response)
    for index, item in enumerate(items):
        at = {"output_index": index, "item_id": item.get("id", f"i{index}")}
        _item(event, item, at, deltas, index)
        event("response.output_item.done", output_index=index, item=item)
    if ending == "close":
        over = {"status": "completed", "output": list(items), "usage": RESPONSES_USAGE}
        event("response.completed", response={**response, **over})
    return Reply(tuple(pieces), ending=ending)


def _item(
    event: Any,
    item: dict[str, Any],
    at: dict[str, Any],
    deltas: tuple[str, ...],
    index: int,
) -> None:
    match item["type"]:
        case "message":
            begun = {**item, "content": [], "status": "in_progress"}
            event("response.output_item.added", output_index=index, item=begun)
            part = {"type": "output_text", "text": "", "annotations": []}
            here = {**at, "content_index": 0}
            event("response.content_part.added", **here, part=part)
            for delta in deltas:
                event("response.output_text.delta", **here, delta=delta, logprobs=[])
            for number, found in enumerate(item["content"][0]["annotations"]):
                event(
                    "response.output_text.annotation.added",
                    **here,
                    annotation_index=number,
                    annotation=found,
                )
            text = "".join(deltas)
            event("response.output_text.done", **here, text=text, logprobs=[])
        case "reasoning":
            begun = {**item, "summary": []}
            event("response.output_item.added", output_index=index, item=begun)
            for place, summary in enumerate(item["summary"]):
                here = {**at, "summary_index": place}
                empty = {"type": "summary_text", "text": ""}
                event("response.reasoning_summary_part.added", **here, part=empty)
                text = summary["text"]
                event("response.reasoning_summary_text.delta", **here, delta=text)
                event("response.reasoning_summary_text.done", **here, text=text)
        case "function_call":
            begun = {**item, "arguments": "", "status": "in_progress"}
            event("response.output_item.added", output_index=index, item=begun)
            args = item["arguments"]
            half = len(args) // 2
            for delta in (args[:half], args[half:]):
                event("response.function_call_arguments.delta", **at, delta=delta)
            event("response.function_call_arguments.done", **at, arguments=args)
        case _:
            begun = {**item, "status": "in_progress"}
            event("response.output_item.added", output_index=index, item=begun)
