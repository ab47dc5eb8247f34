"""What each answer cost, from its usage and the prices of its model.

The API tells no cost per message, so this is an estimate: today's prices, and only
messages that are still there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.cost import price_micros
from coderchat_jupyter.wire.ids import ChatId, ModelConfigId
from coderchat_jupyter.wire.messages import Message, Usage
from coderchat_jupyter.wire.models import ModelConfig

__all__ = [
    "REMOVED_MODEL",
    "PricedRequest",
    "model_name",
    "priced_requests",
    "sum_micros",
]

REMOVED_MODEL: Final = "Removed model"
"""Stands for every model whose config is gone, and its prices with it."""


@dataclass(frozen=True, slots=True)
class PricedRequest:
    """One call of a model that left an answer with usage.

    Attributes:
        chat_id: The root of the chat: a sub-agent's calls count for who started it.
        chat_title: The root's title.
        message_id: The answer.
        created_at: When the answer was stored, with a time zone.
        model_config_id: None when the message does not say.
        model: As people know the model.
        provider: Type of the provider; empty when the config is gone.
        input_tokens: Without what came from the cache.
        output_tokens: Reasoning included.
        reasoning_tokens: The part of the output that was reasoning.
        cache_read_tokens: Input that the provider had kept.
        cache_creation_tokens: Input that the provider was asked to keep.
        micros: Millionths of a US dollar; 0 is free, None is unpriced.
    """

    chat_id: ChatId
    chat_title: str
    message_id: int
    created_at: datetime
    model_config_id: ModelConfigId | None
    model: str
    provider: str
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cache_read_tokens: int
    cache_creation_tokens: int
    micros: int | None


def priced_requests(
    root: Chat,
    messages: Iterable[Message],
    configs: Mapping[ModelConfigId, ModelConfig],
) -> tuple[PricedRequest, ...]:
    """Price the answers of a chat, or of a child of it, in the order given.

    Messages without usage are left out: prompts, tool results, stopped answers. A
    model whose config is gone has no price.
    """
    return tuple(
        _priced(root, message, message.usage, configs)
        for message in messages
        if message.role == "assistant" and message.usage and _has_tokens(message.usage)
    )


def sum_micros(requests: Iterable[PricedRequest]) -> int | None:
    """The sum of what is priced; None when nothing is."""
    priced = [r.micros for r in requests if r.micros is not None]
    return sum(priced) if priced else None


def model_name(config: ModelConfig | None) -> str:
    """A model as people know it."""
    if config is None:
        return REMOVED_MODEL
    return config.display_name or config.model


def _priced(
    root: Chat,
    message: Message,
    usage: Usage,
    configs: Mapping[ModelConfigId, ModelConfig],
) -> PricedRequest:
    config_id = message.model_config_id
    config = configs.get(config_id) if config_id is not None else None
    call = config.call_config if config is not None else None
    return PricedRequest(
        chat_id=root.id,
        chat_title=root.title,
        message_id=message.id,
        created_at=message.created_at,
        model_config_id=config_id,
        model=model_name(config),
        provider=config.provider if config is not None else "",
        input_tokens=usage.input_tokens or 0,
        output_tokens=usage.output_tokens or 0,
        reasoning_tokens=usage.reasoning_tokens or 0,
        cache_read_tokens=usage.cache_read_tokens or 0,
        cache_creation_tokens=usage.cache_creation_tokens or 0,
        micros=price_micros(usage, call.cost if call is not None else None),
    )


def _has_tokens(usage: Usage) -> bool:
    """As the server counts: any kind of token, the context's limit is none."""
    return bool(
        usage.input_tokens
        or usage.output_tokens
        or usage.total_tokens
        or usage.reasoning_tokens
        or usage.cache_creation_tokens
        or usage.cache_read_tokens
    )
