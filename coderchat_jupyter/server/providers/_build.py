"""From a configured provider to the adapter of its family."""

from __future__ import annotations

from coderchat_jupyter.server.providers._protocol import Provider, ProviderRow
from coderchat_jupyter.server.providers.anthropic import AnthropicProvider
from coderchat_jupyter.server.providers.azure import AzureProvider
from coderchat_jupyter.server.providers.bedrock import BedrockProvider
from coderchat_jupyter.server.providers.google import GoogleProvider
from coderchat_jupyter.server.providers.local import LocalProvider
from coderchat_jupyter.server.providers.openai_chat import OpenAIChatProvider
from coderchat_jupyter.server.providers.scripted import ScriptedProvider

__all__ = ["UnknownProviderTypeError", "build_provider"]


class UnknownProviderTypeError(ValueError):
    """No adapter for this type of provider."""


def build_provider(row: ProviderRow) -> Provider:
    """Make the adapter; nothing is opened or imported before its first call.

    Raises:
        UnknownProviderTypeError: There is no adapter for the type.
    """
    if row.settings is not None:
        # Those of Bedrock, which may stand with a provider of type anthropic, too.
        return BedrockProvider(row)
    match row.type:
        case "openai" | "openai-compat" | "openrouter" | "vercel":
            return OpenAIChatProvider(row)
        case "anthropic":
            return AnthropicProvider(row)
        case "azure":
            return AzureProvider(row)
        case "bedrock":
            return BedrockProvider(row)
        case "google":
            return GoogleProvider(row)
        case "local":
            return LocalProvider(row)
        case "scripted":
            return ScriptedProvider(row)
        case _:
            raise UnknownProviderTypeError(
                f"Providers of type {row.type!r} are not supported here."
            )
