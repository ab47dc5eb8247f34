"""Options of one provider family each, as a model config carries them.

Whose options a model takes depends on the type of its provider: `OPTION_FAMILIES` is
the one place that says so. Families and options of a newer server are kept.
"""

from __future__ import annotations

from typing import Annotated, Final

from coderchat_jupyter.wire._base import OMIT, WireModel
from coderchat_jupyter.wire._options_gateways import (
    OpenRouterOptions,
    OpenRouterRouting,
    ReasoningOptions,
    VercelGateway,
    VercelOptions,
)
from coderchat_jupyter.wire._options_openai import OpenAICompatOptions, OpenAIOptions
from coderchat_jupyter.wire._options_vendors import (
    AnthropicOptions,
    AnthropicThinking,
    GoogleOptions,
    GoogleSafetySetting,
    GoogleThinking,
)

__all__ = [
    "OPTION_FAMILIES",
    "AnthropicOptions",
    "AnthropicThinking",
    "GoogleOptions",
    "GoogleSafetySetting",
    "GoogleThinking",
    "OpenAICompatOptions",
    "OpenAIOptions",
    "OpenRouterOptions",
    "OpenRouterRouting",
    "ProviderOptions",
    "ReasoningOptions",
    "VercelGateway",
    "VercelOptions",
]

OPTION_FAMILIES: Final = {
    "anthropic": "anthropic",
    "azure": "openai",
    "bedrock": "anthropic",
    "google": "google",
    "local": "openaicompat",
    "openai": "openai",
    "openai-compat": "openaicompat",
    "openrouter": "openrouter",
    "vercel": "vercel",
}
"""Provider type → field of `ProviderOptions`. Types that are not here take none."""


class ProviderOptions(WireModel):
    """Options by provider family (upstream `ChatModelProviderOptions`).

    A model reads those of its own family; the others are kept for another day.
    """

    openai: Annotated[OpenAIOptions | None, OMIT] = None
    anthropic: Annotated[AnthropicOptions | None, OMIT] = None
    google: Annotated[GoogleOptions | None, OMIT] = None
    openaicompat: Annotated[OpenAICompatOptions | None, OMIT] = None
    openrouter: Annotated[OpenRouterOptions | None, OMIT] = None
    vercel: Annotated[VercelOptions | None, OMIT] = None
