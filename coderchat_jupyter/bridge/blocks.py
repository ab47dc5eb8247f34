"""Parts of messages, and the preview, as blocks of a row.

A step looks the same while it streams and when it is stored, so that a page keeps
what it drew when the stored message takes the preview's place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from coderchat_jupyter.bridge.view import (
    Block,
    FileBlock,
    NoteBlock,
    ReasoningBlock,
    Source,
    SourcesBlock,
    TextBlock,
    ToolBlock,
)
from coderchat_jupyter.state import preview as live
from coderchat_jupyter.state.text import NO_TEXT, TextBuffer
from coderchat_jupyter.wire.messages import Message
from coderchat_jupyter.wire.parts import (
    FilePart,
    FileReferencePart,
    Part,
    ReasoningPart,
    SourcePart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)

__all__ = ["MAX_SHOWN", "preview_blocks", "prompt_text", "settle", "stored_blocks"]

MAX_SHOWN: Final = 16_384
"""Characters of a tool's output that travel to a page; ours."""

_SUMMARY_CHARS: Final = 120
_SUMMARY_KEYS: Final = ("command", "path", "query", "question", "url", "title", "name")

ToolState: TypeAlias = Literal["running", "done", "failed", "waiting", "stopped"]


def stored_blocks(messages: Iterable[Message]) -> tuple[Block, ...]:
    """The blocks of the messages of one row, tool results beside their calls."""
    blocks: list[Block] = []
    calls: dict[str, tuple[int, ToolBlock, datetime | None]] = {}
    for message in messages:
        listed: tuple[int, SourcesBlock] | None = None
        for part in message.content:
            match part:
                case ToolCallPart():
                    call = _call(part)
                    calls[part.tool_call_id] = (len(blocks), call, part.created_at)
                    blocks.append(call)
                case ToolResultPart(tool_call_id=call_id) if call_id in calls:
                    at, call, began = calls[call_id]
                    blocks[at] = _answered(call, part, began)
                case ToolResultPart():
                    blocks.append(_answered(_orphan(part), part, None))
                case SourcePart() if listed is None:
                    listed = (len(blocks), SourcesBlock(sources=(_source(part),)))
                    blocks.append(listed[1])
                case SourcePart() if listed is not None:
                    listed = (listed[0], _with_source(listed[1], part))
                    blocks[listed[0]] = listed[1]
                case _:
                    block = _plain(part)
                    if block is not None:
                        blocks.append(block)
    return tuple(blocks)


def preview_blocks(preview: live.Preview) -> tuple[Block, ...]:
    """The blocks of the step that is being written."""
    return tuple(_live(block) for block in preview.blocks)


def settle(blocks: tuple[Block, ...], state: ToolState) -> tuple[Block, ...]:
    """The blocks when nothing runs any more: calls without a result are `state`."""
    if not any(isinstance(b, ToolBlock) and b.state == "running" for b in blocks):
        return blocks
    return tuple(
        block.model_copy(update={"state": state})
        if isinstance(block, ToolBlock) and block.state == "running"
        else block
        for block in blocks
    )


def prompt_text(parts: Iterable[Part]) -> str:
    """The text of a prompt, pieces on lines of their own."""
    return "\n".join(p.text for p in parts if isinstance(p, TextPart) and p.text)


def _plain(part: Part) -> Block | None:
    match part:
        case TextPart(text=text):
            return TextBlock(text=TextBuffer(text)) if text else None
        case ReasoningPart():
            if not part.text:
                return None
            seconds = _between(part.created_at, part.completed_at)
            return ReasoningBlock(text=TextBuffer(part.text), seconds=seconds)
        case FilePart():
            return _file(part)
        case FileReferencePart():
            lines = f"lines {part.start_line} to {part.end_line}"
            return FileBlock(name=part.file_name, detail=lines)
        case UnknownPart():
            return NoteBlock(title=f"A part of type {part.kind!r} cannot be shown yet.")
        case _:
            return None  # context files and skills belong to the model, not the talk


def _live(block: live.Block) -> Block:
    match block:
        case live.TextBlock(text=text):
            return TextBlock(text=text)
        case live.ReasoningBlock(text=text):
            return ReasoningBlock(text=text)
        case live.ToolBlock():
            return _live_tool(block)
        case live.FileBlock(file=file):
            return _file(file)
        case live.SourcesBlock(sources=sources):
            return SourcesBlock(sources=tuple(_source(s) for s in sources))


def _live_tool(block: live.ToolBlock) -> ToolBlock:
    state: ToolState = "running"
    result, elided = block.result_text, 0
    if block.has_result:
        shown, elided = _shown(block.result)
        result = TextBuffer(shown)
        state = "failed" if block.is_error else "done"
    args = TextBuffer(_json(block.args)) if block.has_args else block.args_text
    return ToolBlock(
        tool_call_id=block.tool_call_id,
        name=block.tool_name,
        summary=_summary(block.args) if block.has_args else "",
        args=args,
        result=result,
        elided=elided,
        state=state,
    )


def _call(part: ToolCallPart) -> ToolBlock:
    return ToolBlock(
        tool_call_id=part.tool_call_id,
        name=part.tool_name,
        summary=_summary(part.args),
        args=TextBuffer(_json(part.args)),
    )


def _orphan(part: ToolResultPart) -> ToolBlock:
    return ToolBlock(tool_call_id=part.tool_call_id, name=part.tool_name)


def _answered(
    call: ToolBlock, part: ToolResultPart, began: datetime | None
) -> ToolBlock:
    shown, elided = _shown(part.result)
    return call.model_copy(
        update={
            "result": TextBuffer(shown) if shown else NO_TEXT,
            "elided": elided,
            "state": "failed" if part.is_error else "done",
            "seconds": _between(began, part.created_at),
        }
    )


def _shown(result: Any) -> tuple[str, int]:
    """A tool's answer as text, and how much of it was cut."""
    if isinstance(result, dict) and isinstance(result.get("output"), str):
        result = result["output"]
    text = result if isinstance(result, str) else _json(result)
    return text[:MAX_SHOWN], max(0, len(text) - MAX_SHOWN)


def _json(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list) and not value:
        return ""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _summary(args: Any) -> str:
    """The one argument that tells most, on one line."""
    if not isinstance(args, dict):
        return ""
    texts = [args[key] for key in _SUMMARY_KEYS if isinstance(args.get(key), str)]
    if not texts:
        texts = [value for value in args.values() if isinstance(value, str)]
    line = " ".join(texts[0].split()) if texts else ""
    return line if len(line) <= _SUMMARY_CHARS else line[: _SUMMARY_CHARS - 1] + "…"


def _file(part: FilePart) -> FileBlock:
    name = part.name or part.file_name or "file"
    return FileBlock(name=name, detail=part.media_type)


def _source(part: SourcePart) -> Source:
    return Source(url=part.url, title=part.title or part.url)


def _with_source(block: SourcesBlock, part: SourcePart) -> SourcesBlock:
    if any(source.url == part.url for source in block.sources):
        return block
    return SourcesBlock(sources=(*block.sources, _source(part)))


def _between(began: datetime | None, ended: datetime | None) -> float | None:
    if began is None or ended is None:
        return None
    return max(0.0, round((ended - began).total_seconds(), 1))
