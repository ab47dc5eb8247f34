"""What a turn says, without its looks: the one source of all static renderings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.preview import (
    Block,
    FileBlock,
    ReasoningBlock,
    SourcesBlock,
    TextBlock,
    ToolBlock,
)
from coderchat_jupyter.state.select import turn_from, usage_of
from coderchat_jupyter.wire.messages import Message, Usage
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

__all__ = [
    "MAX_ASIDE",
    "MAX_PROMPT",
    "MAX_PROSE",
    "Attachment",
    "Piece",
    "Prose",
    "Source",
    "Thought",
    "Tool",
    "Twin",
    "twin",
]

MAX_PROSE: Final = 200_000
MAX_PROMPT: Final = 2_000
MAX_ASIDE: Final = 2_000
"""Characters kept of one thought, and of one tool's arguments or result."""


@dataclass(frozen=True, slots=True)
class Prose:
    """What the model says, in Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """What the model thought before it spoke."""

    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool call; arguments and result as text."""

    call_id: str
    name: str
    args: str = ""
    result: str = ""
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A page that the answer cites."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file, by name; what is in it stays at the server."""

    name: str


Piece: TypeAlias = Prose | Thought | Tool | Source | Attachment


@dataclass(frozen=True, slots=True)
class Twin:
    """One turn: what was asked, what came back, and what is known about it.

    Attributes:
        prompt: Text of the user's message.
        pieces: In the order in which they were made.
        usage: Tokens of all model calls; None when the server told none.
        seconds: From the prompt to the last stored message.
        at: When the last message was stored.
        error: Why the turn failed. Empty when it did not.
    """

    prompt: str
    pieces: tuple[Piece, ...]
    usage: Usage | None
    seconds: float | None
    at: datetime | None
    error: str


def twin(state: ChatState, turn: int) -> Twin:
    """Read one turn out of a state.

    Args:
        state: The chat.
        turn: Id of the user message that began it. One that is not in the state
            gives an empty twin.
    """
    found = turn_from(state, turn)
    if found is None:
        return Twin("", (), usage=None, seconds=None, at=None, error="")
    pieces = [p for m in found.answer for part in m.content if (p := _piece(part))]
    pieces += [p for block in found.preview.blocks for p in _from_block(block)]
    failed = found.status == "failed" and found.error is not None
    return Twin(
        prompt=_prompt_text(found.prompt),
        pieces=_merged(pieces),
        usage=usage_of(found),
        seconds=_seconds(found.prompt, found.answer),
        at=found.answer[-1].created_at if found.answer else None,
        error=found.error.message if failed and found.error else "",
    )


def _prompt_text(message: Message) -> str:
    said = (_said(part) for part in message.content)
    return "\n\n".join(text for text in said if text)


def _said(part: Part) -> str:
    match part:
        case TextPart(text=text):
            return text
        case FilePart():
            return f"[{_file_name(part)}]"
        case FileReferencePart(file_name=name, start_line=first, end_line=last):
            return f"[{name}:{first}-{last}]"
        case _:
            return ""


def _piece(part: Part) -> Piece | None:
    match part:
        case TextPart(text=text):
            return Prose(text) if text else None
        case ReasoningPart(text=text):
            return Thought(text) if text else None
        case ToolCallPart(tool_call_id=call_id, tool_name=name, args=args):
            return Tool(call_id, name, args=_as_text(args))
        case ToolResultPart(tool_call_id=call_id, tool_name=name, result=result):
            shown = "" if part.is_media else _as_text(result)
            return Tool(call_id, name, result=shown, is_error=part.is_error)
        case SourcePart(title=title, url=url):
            return Source(title or url, url)
        case FilePart():
            return Attachment(_file_name(part))
        case UnknownPart() | _:
            return None


def _from_block(block: Block) -> tuple[Piece, ...]:
    match block:
        case TextBlock(text=text):
            return (Prose(str(text)),)
        case ReasoningBlock(text=text):
            return (Thought(str(text)),)
        case ToolBlock():
            args = _as_text(block.args) if block.has_args else str(block.args_text)
            result = (
                _as_text(block.result) if block.has_result else str(block.result_text)
            )
            name, call_id = block.tool_name, block.tool_call_id
            return (Tool(call_id, name, args, result, is_error=block.is_error),)
        case FileBlock(file=file):
            return (Attachment(_file_name(file)),)
        case SourcesBlock(sources=sources):
            return tuple(Source(s.title or s.url, s.url) for s in sources)


def _merged(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Put a tool's result beside its call; both come as pieces of their own."""
    out: list[Piece] = []
    calls: dict[str, int] = {}
    for piece in pieces:
        if not isinstance(piece, Tool):
            out.append(piece)
            continue
        at = calls.get(piece.call_id) if piece.call_id else None
        if at is None:
            calls[piece.call_id] = len(out)
            out.append(piece)
            continue
        first = out[at]
        assert isinstance(first, Tool)  # noqa: S101 - `calls` holds nothing else
        out[at] = Tool(
            call_id=piece.call_id,
            name=first.name or piece.name,
            args=first.args or piece.args,
            result=piece.result or first.result,
            is_error=first.is_error or piece.is_error,
        )
    return tuple(out)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _file_name(part: FilePart) -> str:
    return part.name or part.file_name or part.media_type or "file"


def _seconds(prompt: Message, answer: tuple[Message, ...]) -> float | None:
    if not answer:
        return None
    return max(0.0, (answer[-1].created_at - prompt.created_at).total_seconds())
