"""The same short answer, "par", as each vendor sends it."""

from __future__ import annotations

from collections.abc import Callable

from tests.fakes.vendor import Reply, chat_stream, messages_stream
from tests.fakes.vendor_wires import bedrock_stream, gemini_stream

__all__ = ["ANSWERS"]

ANSWERS: dict[str, Callable[..., Reply]] = {
    "anthropic": lambda **more: messages_stream(
        ({"type": "text", "text": ""}, [{"type": "text_delta", "text": "par"}]), **more
    ),
    "azure": lambda **more: chat_stream({"content": "par"}, **more),
    "bedrock": lambda **more: bedrock_stream((None, [{"text": "par"}]), **more),
    "google": lambda **more: gemini_stream({"text": "par"}, **more),
    "openai": lambda **more: chat_stream({"content": "par"}, **more),
    "openrouter": lambda **more: chat_stream({"content": "par"}, **more),
    "vercel": lambda **more: chat_stream({"content": "par"}, **more),
}
