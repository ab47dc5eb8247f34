"""Builders: the noun itself, with sensible defaults, made from wire text."""

from __future__ import annotations

import json
from typing import Any, Final

from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.state.preview import TextBlock
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import reconnected
from coderchat_jupyter.wire.framing import Batch, decode_frame
from coderchat_jupyter.wire.messages import Message, MessagesPage, QueuedMessage

__all__ = [
    "CHAT",
    "after",
    "batch",
    "error",
    "ids",
    "live",
    "message",
    "message_value",
    "page",
    "part",
    "queue",
    "queued",
    "retry",
    "sign",
    "status",
    "tool_call",
    "tool_result",
    "written",
]

CHAT: Final = "chat-1"
_AT: Final = "2026-06-01T00:00:00Z"

Json = dict[str, Any]


def batch(*events: Json) -> Batch:
    """One frame, as it comes off the wire."""
    return decode_frame(json.dumps([{"chat_id": CHAT, **event} for event in events]))


def after(state: ChatState, *frames: Batch | Json) -> ChatState:
    """The state after some frames; an event alone is a frame of its own."""
    for frame in frames:
        state = reduce(state, batch(frame) if isinstance(frame, dict) else frame)
    return state


def live(*frames: Batch | Json, snapshot: str = "running") -> ChatState:
    """A state past the snapshot of its connection."""
    return after(reconnected(EMPTY), status(snapshot), status(snapshot), *frames)


def status(name: str) -> Json:
    return {"type": "status", "status": {"status": name}}


def part(text: str = "", kind: str = "text", **more: Any) -> Json:
    """`more` goes to the part, but for the numbers of an episode."""
    numbers = {
        name: more.pop(name)
        for name in ("history_version", "generation_attempt", "seq")
        if name in more
    }
    inner = {"type": kind, "text": text, **more}
    return {
        "type": "message_part",
        "message_part": {"role": "assistant", "part": inner, **numbers},
    }


def tool_call(tool_call_id: str = "c1", name: str = "look", **more: Any) -> Json:
    return part(kind="tool-call", tool_call_id=tool_call_id, tool_name=name, **more)


def tool_result(tool_call_id: str = "c1", name: str = "look", **more: Any) -> Json:
    return part(kind="tool-result", tool_call_id=tool_call_id, tool_name=name, **more)


def message(message_id: int, role: str = "user", *parts: Any) -> Json:
    return {"type": "message", "message": _message(message_id, role, parts)}


def message_value(message_id: int, role: str = "user", *parts: Any) -> Message:
    return Message.model_validate(_message(message_id, role, parts))


def page(
    *messages: Message, queue: tuple[QueuedMessage, ...] = (), has_more: bool = False
) -> MessagesPage:
    """Newest first, as the server sends it."""
    return MessagesPage(
        messages=tuple(reversed(messages)), queued_messages=queue, has_more=has_more
    )


def queued(queued_id: int, text: str = "later") -> Json:
    content = [{"type": "text", "text": text}]
    return {"id": queued_id, "chat_id": CHAT, "content": content, "created_at": _AT}


def queue(*entries: Json) -> Json:
    """The key is left out when nothing waits."""
    return {"type": "queue_update"} | ({"queued_messages": entries} if entries else {})


def retry(attempt: int = 1) -> Json:
    told = {"attempt": attempt, "delay_ms": 5, "error": "busy", "retrying_at": _AT}
    return {"type": "retry", "retry": told}


def error(text: str = "It broke.") -> Json:
    return {"type": "error", "error": {"message": text, "retryable": False}}


def sign(kind: str, **more: Any) -> Json:
    """An event that is little more than its type."""
    return {"type": kind, **more}


def _message(message_id: int, role: str, parts: tuple[Any, ...]) -> Json:
    content = [{"type": "text", "text": p} if isinstance(p, str) else p for p in parts]
    return {
        "id": message_id,
        "chat_id": CHAT,
        "role": role,
        "created_at": _AT,
        "content": content,
    }


def written(state: ChatState) -> str:
    """The texts of the preview, one after the other."""
    blocks = state.preview.blocks
    return "|".join(str(b.text) for b in blocks if isinstance(b, TextBlock))


def ids(state: ChatState) -> list[int]:
    """The ids of the stored messages."""
    return [m.id for m in state.messages]
