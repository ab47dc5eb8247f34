"""Chats as a server would tell them, for tests of what a page shows of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.wire.events import (
    Event,
    MessageEvent,
    MessagePartEvent,
    Status,
    StatusEvent,
    StreamedPart,
)
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.messages import Message, Usage
from coderchat_jupyter.wire.models import ModelConfig
from coderchat_jupyter.wire.parts import TextPart

__all__ = ["CHAT", "MODEL", "config", "delta", "message", "state", "status"]

CHAT: Final = ChatId("11111111-1111-4111-8111-111111111111")
MODEL: Final = ModelConfigId("44444444-4444-4444-8444-444444444444")
NOON: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
USAGE: Final = Usage(input_tokens=1000, output_tokens=100, context_limit=8000)


def message(message_id: int, role: str, *parts: Any, **fields: Any) -> Message:
    """A stored message, `message_id` seconds after noon; a text is a text part."""
    fields.setdefault("usage", USAGE if role == "assistant" else None)
    content = tuple(TextPart(text=p) if isinstance(p, str) else p for p in parts)
    return Message(
        id=message_id,
        chat_id=CHAT,
        role=role,
        content=content,
        created_at=NOON + timedelta(seconds=message_id),
        model_config_id=MODEL,
        **fields,
    )


def delta(part: Any) -> MessagePartEvent:
    """A piece of the answer that is being written; a text is a text part."""
    made = TextPart(text=part) if isinstance(part, str) else part
    streamed = StreamedPart(role="assistant", part=made)
    return MessagePartEvent(chat_id=CHAT, message_part=streamed)


def status(word: str) -> StatusEvent:
    """What the chat does now."""
    return StatusEvent(chat_id=CHAT, status=Status(status=word))


def state(*events: Event | Message, start: ChatState = EMPTY) -> ChatState:
    """What is known after these events, each a frame of its own."""
    known = start if start.chat_id else ChatState(chat_id=CHAT)
    for event in events:
        known = reduce(known, (_told(event),))
    return known


def _told(event: Event | Message) -> Event:
    if isinstance(event, Message):
        return MessageEvent(chat_id=CHAT, message=event)
    return event


def config(**prices: str) -> ModelConfig:
    """A model; prices are dollars per million tokens."""
    cost = {f"{kind}_price_per_million_tokens": value for kind, value in prices.items()}
    return ModelConfig.model_validate(
        {
            "id": MODEL,
            "model": "atlas",
            "display_name": "Atlas",
            "provider": "openai",
            "context_limit": 8000,
            "compression_threshold": 70,
            "model_config": {"cost": cost} if cost else {},
        }
    )
