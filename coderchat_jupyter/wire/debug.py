"""Debug runs: what was really asked of a provider, step by step.

They exist only for turns that ran while debug logging was on for the chat's owner.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import Field

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._tolerant import parse_json
from coderchat_jupyter.wire._values import Items, Moment, Table
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId

__all__ = [
    "DebugKind",
    "DebugOperation",
    "DebugRun",
    "DebugRunSummary",
    "DebugStatus",
    "DebugStep",
    "decoded",
]

DebugKind: TypeAlias = Annotated[
    str, Words("chat_turn", "title_generation", "quickgen", "compaction")
]
DebugStatus: TypeAlias = Annotated[
    str, Words("in_progress", "completed", "error", "interrupted")
]
DebugOperation: TypeAlias = Annotated[str, Words("stream", "generate")]

_SHORTEST: int = 8  # Shorter strings are words that happen to look like base64.


def decoded(value: Any) -> Any:
    """The same with every string readable that is base64 of JSON or of text.

    Bodies of provider calls are stored like that. JSON becomes a value, a text (such
    as a stream of server-sent events) a string; all else stays as it is.
    """
    if isinstance(value, str):
        return _decoded_text(value)
    if isinstance(value, Mapping):
        return {
            name: _body(item) if name.endswith("_body") else decoded(item)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [decoded(item) for item in value]
    return value


def _from_base64(text: str) -> str | None:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def _body(value: Any) -> Any:
    """What is named a body is base64 even when it holds no JSON."""
    if not isinstance(value, str) or not value:
        return decoded(value)
    text = _from_base64(value)
    if text is None:
        return value
    try:
        return parse_json(text)
    except ProtocolError:
        return text


def _decoded_text(value: str) -> Any:
    # Only objects and lists: `1234` or `true` are no JSON documents in disguise.
    if len(value) < _SHORTEST or len(value) % 4:
        return value
    text = _from_base64(value)
    if text is None or text.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return parse_json(text)
    except ProtocolError:
        return value


class DebugRunSummary(WireModel):
    """One run, as it stands in the list (upstream `ChatDebugRunSummary`).

    `summary` holds `step_count`, `total_input_tokens`, `total_output_tokens`,
    `first_message`, `endpoint_label`, and `has_error` where there was one.
    """

    id: str
    chat_id: ChatId
    kind: DebugKind = ""
    status: DebugStatus = ""
    provider: Annotated[str | None, OMIT] = None
    model: Annotated[str | None, OMIT] = None
    summary: Table[Any] = Field(default_factory=dict)
    started_at: Moment
    updated_at: Moment
    finished_at: Annotated[Moment | None, OMIT] = None


class DebugStep(WireModel):
    """One call of a model, with all its attempts (upstream `ChatDebugStep`).

    `attempts` are HTTP exchanges, in order: `number` from 1, `status`, `method`,
    `url`, `request_body`, `response_status`, `response_body`, `duration_ms`, ….
    Their bodies are base64; `readable_attempts` has them decoded.
    """

    id: str
    run_id: str
    chat_id: ChatId
    step_number: int = 0
    operation: DebugOperation = ""
    status: DebugStatus = ""
    history_tip_message_id: Annotated[int | None, OMIT] = None
    assistant_message_id: Annotated[int | None, OMIT] = None
    normalized_request: Table[Any] = Field(default_factory=dict)
    normalized_response: Annotated[Table[Any], OMIT] = Field(default_factory=dict)
    usage: Annotated[Table[Any], OMIT] = Field(default_factory=dict)
    attempts: Items[Table[Any]] = ()
    error: Annotated[Table[Any], OMIT] = Field(default_factory=dict)
    metadata: Table[Any] = Field(default_factory=dict)
    started_at: Moment
    updated_at: Moment
    finished_at: Annotated[Moment | None, OMIT] = None

    @property
    def readable_attempts(self) -> tuple[dict[str, Any], ...]:
        """The attempts with their bodies decoded: JSON as values, streams as text."""
        return tuple(decoded(attempt) for attempt in self.attempts)


class DebugRun(DebugRunSummary):
    """One run with its steps (upstream `ChatDebugRun`)."""

    root_chat_id: Annotated[ChatId | None, OMIT] = None
    parent_chat_id: Annotated[ChatId | None, OMIT] = None
    model_config_id: Annotated[ModelConfigId | None, OMIT] = None
    trigger_message_id: Annotated[int | None, OMIT] = None
    history_tip_message_id: Annotated[int | None, OMIT] = None
    steps: Items[DebugStep] = ()
