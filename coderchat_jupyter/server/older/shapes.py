"""Values as the older API has them: fewer fields, fewer types, texts for errors.

What comes in is the JSON of the newer API; what goes out is a part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from coderchat_jupyter.server import present
from coderchat_jupyter.server.engine.history import reference_text
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.wire._go import encode

__all__ = [
    "Json",
    "chat",
    "chat_of_row",
    "events",
    "message",
    "model_config",
    "queued",
    "watch_event",
]

Json: TypeAlias = dict[str, Any]

_CHAT: Final = (
    "id",
    "owner_id",
    "workspace_id",
    "parent_chat_id",
    "root_chat_id",
    "last_model_config_id",
    "title",
    "status",
    "created_at",
    "updated_at",
    "archived",
)
_MESSAGE: Final = ("id", "chat_id", "model_config_id", "created_at", "role", "usage")
_QUEUED: Final = ("id", "chat_id", "created_at")
_PART: Final = (
    "text",
    "signature",
    "tool_call_id",
    "tool_name",
    "args",
    "args_delta",
    "result",
    "result_delta",
    "is_error",
    "source_id",
    "url",
    "title",
    "media_type",
    "data",
)
_PART_TYPES: Final = frozenset(
    {"text", "reasoning", "tool-call", "tool-result", "source", "file"}
)
_ANY_VALUE: Final = frozenset({"args", "result"})
"""Of a part: JSON that is told as it is, also where it is empty or false."""

_WATCHED: Final = frozenset(
    {"status_change", "title_change", "created", "deleted", "diff_status_change"}
)

_MODEL_CONFIG: Final = (
    "id",
    "provider",
    "model",
    "display_name",
    "enabled",
    "is_default",
    "context_limit",
    "compression_threshold",
    "model_config",
    "created_at",
    "updated_at",
)


def chat(newer: Mapping[str, Any]) -> Json:
    """A chat: its last error is a text, or null; a root names no root."""
    told = _only(newer, _CHAT)
    if told.get("root_chat_id") == told["id"]:
        del told["root_chat_id"]
    told["status"] = _status(told["status"])
    error = newer.get("last_error")
    return {**told, "last_error": error["message"] if error else None}


def chat_of_row(row: ChatRow) -> Json:
    """A stored chat."""
    return chat(encode(present.chat(row)))


def message(newer: Mapping[str, Any]) -> Json:
    """A stored message; nobody is told who wrote it."""
    told = _only(newer, _MESSAGE)
    content = _parts(newer.get("content") or ())
    return {**told, "content": content} if content else told


def queued(newer: Mapping[str, Any]) -> Json:
    """A message in the queue."""
    return {**_only(newer, _QUEUED), "content": _parts(newer.get("content") or ())}


def model_config(newer: Mapping[str, Any]) -> Json:
    """A model: it names the type of its provider, and has no prices."""
    told = _only(newer, _MODEL_CONFIG)
    settings = _without(told.pop("model_config", None) or {}, "cost")
    return {**told, "model_config": settings} if settings else told


def events(newer: Iterable[Mapping[str, Any]]) -> list[Json]:
    """The events of a batch that the older API knows."""
    return [told for event in newer if (told := _event(event)) is not None]


def watch_event(newer: Mapping[str, Any]) -> Json | None:
    """What became of a chat; None for what the older API does not tell."""
    if newer["kind"] not in _WATCHED:
        return None
    return {"kind": newer["kind"], "chat": chat(newer["chat"])}


def _event(newer: Mapping[str, Any]) -> Json | None:
    kind = newer["type"]
    body = _BODIES.get(kind)
    if body is None:
        return None
    told = body(newer)
    head = {"type": kind, "chat_id": newer["chat_id"]}
    return None if told is None else {**head, **told}


def _message_part(newer: Mapping[str, Any]) -> Json | None:
    piece = newer["message_part"]
    part = _part(piece["part"])
    return part and {"message_part": {**_only(piece, ("role",)), "part": part}}


def _queue(newer: Mapping[str, Any]) -> Json:
    waiting = [queued(one) for one in newer.get("queued_messages") or ()]
    return {"queued_messages": waiting} if waiting else {}


_RETRY: Final = ("attempt", "delay_ms", "error", "retrying_at")
_BODIES: Final[Mapping[str, Callable[[Mapping[str, Any]], Json | None]]] = {
    "message": lambda event: {"message": message(event["message"])},
    "message_part": _message_part,
    "status": lambda event: {"status": {"status": _status(event["status"]["status"])}},
    "error": lambda event: {"error": {"message": event["error"]["message"]}},
    "queue_update": _queue,
    "retry": lambda event: {"retry": _only(event["retry"], _RETRY)},
}


def _status(newer: str) -> str:
    """A chat that waits for its client's tools is one that works, for the older."""
    return "running" if newer in ("requires_action", "interrupting") else newer


def _parts(newer: Iterable[Mapping[str, Any]]) -> list[Json]:
    return [part for one in newer if (part := _part(one)) is not None]


def _part(newer: Mapping[str, Any]) -> Json | None:
    """A part without what is empty; None for one that the older API lacks."""
    if newer["type"] == "file-reference":
        return {"type": "text", "text": reference_text(dict(newer))}
    if newer["type"] not in _PART_TYPES:
        return None
    told = {n: v for n, v in _only(newer, _PART).items() if v or n in _ANY_VALUE}
    return {"type": newer["type"], **told}


def _only(newer: Mapping[str, Any], names: Iterable[str]) -> Json:
    return {name: newer[name] for name in names if name in newer}


def _without(newer: Mapping[str, Any], name: str) -> Json:
    return {key: value for key, value in newer.items() if key != name}
