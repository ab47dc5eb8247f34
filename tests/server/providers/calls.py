"""Short words for calls and their items."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

from coderchat_jupyter.server.providers import Provider
from coderchat_jupyter.server.providers._protocol import (
    Item,
    ModelCall,
    ModelMessage,
    ReasoningContent,
    TextContent,
    ToolCallContent,
    ToolResultContent,
    ToolSpec,
)
from coderchat_jupyter.wire.models import CallConfig

LOOKUP = ToolSpec(
    "lookup",
    "Looks a city up.",
    {"type": "object", "properties": {"city": {"type": "string"}}},
)


def user(text: str) -> ModelMessage:
    return ModelMessage("user", (TextContent(text),))


def assistant(text: str) -> ModelMessage:
    return ModelMessage("assistant", (TextContent(text),))


def thought(text: str, answer: str, signature: str | None = None) -> ModelMessage:
    metadata = {"signature": signature} if signature else None
    parts = (ReasoningContent(text, metadata), TextContent(answer))
    return ModelMessage("assistant", parts)


def called(*calls: tuple[str, str]) -> ModelMessage:
    parts = tuple(ToolCallContent(call_id, "lookup", args) for call_id, args in calls)
    return ModelMessage("assistant", parts)


def result(call_id: str, text: str, *, is_error: bool = False) -> ModelMessage:
    return ModelMessage("tool", (ToolResultContent(call_id, "lookup", text, is_error),))


def call(*messages: ModelMessage | str, **rest: Any) -> ModelCall:
    said = tuple(user(one) if isinstance(one, str) else one for one in messages)
    if isinstance(settings := rest.pop("settings", None), dict):
        rest["settings"] = CallConfig.model_validate(settings)
    return ModelCall("model-1", said or (user("hello"),), **rest)


async def items(provider: Provider, asked: ModelCall | None = None) -> list[Item]:
    async with aclosing(provider.stream(asked or call())) as stream:
        return [item async for item in stream]
