"""Options of vendors with a protocol of their own: Anthropic and Google.

Descriptions, choices and what is hidden are the server's; titles, units, limits ours.
"""

from __future__ import annotations

from typing import Annotated

from coderchat_jupyter.wire._base import OMIT, WireModel, form
from coderchat_jupyter.wire._values import Items

__all__ = [
    "AnthropicOptions",
    "AnthropicThinking",
    "GoogleOptions",
    "GoogleSafetySetting",
    "GoogleThinking",
]


class AnthropicThinking(WireModel):
    """Extended thinking of Claude models.

    Upstream `ChatModelAnthropicThinkingOptions`.
    """

    budget_tokens: Annotated[
        int | None,
        OMIT,
        form(
            "Maximum number of tokens the model may use for thinking",
            unit="tokens",
            minimum=0,
            title="Thinking budget",
        ),
    ] = None


class AnthropicOptions(WireModel):
    """Options of Anthropic and AWS Bedrock.

    Upstream `ChatModelAnthropicProviderOptions`.
    """

    send_reasoning: Annotated[
        bool | None, OMIT, form("Whether to include reasoning content in the response")
    ] = None
    thinking: Annotated[
        AnthropicThinking | None, OMIT, form("Configuration for extended thinking")
    ] = None
    effort: Annotated[
        str | None,
        OMIT,
        form(
            "Controls the level of reasoning effort",
            label="Reasoning Effort",
            choices=("low", "medium", "high", "xhigh", "max"),
        ),
    ] = None
    disable_parallel_tool_use: Annotated[
        bool | None, OMIT, form("Whether to disable parallel tool execution")
    ] = None
    web_search_enabled: Annotated[
        bool | None,
        OMIT,
        form(
            "Enable Anthropic web search tool for grounding responses "
            "with real-time information",
            title="Web search",
        ),
    ] = None
    allowed_domains: Annotated[
        Items[str],
        OMIT,
        form(
            "Restrict web search to these domains (cannot be used with "
            "blocked_domains)",
            label="Web Search: Allowed Domains",
            excludes="blocked_domains",
        ),
    ] = ()
    blocked_domains: Annotated[
        Items[str],
        OMIT,
        form(
            "Block web search on these domains (cannot be used with allowed_domains)",
            label="Web Search: Blocked Domains",
            excludes="allowed_domains",
        ),
    ] = ()


class GoogleThinking(WireModel):
    """Thinking of Gemini models.

    Upstream `ChatModelGoogleThinkingConfig`.
    """

    thinking_budget: Annotated[
        int | None,
        OMIT,
        form(
            "Maximum number of tokens the model may use for thinking",
            unit="tokens",
            title="Thinking budget",
        ),
    ] = None
    include_thoughts: Annotated[
        bool | None,
        OMIT,
        form(
            "Whether to include thinking content in the response",
            title="Include thoughts",
        ),
    ] = None


class GoogleSafetySetting(WireModel):
    """From where on one kind of harm is blocked.

    Upstream `ChatModelGoogleSafetySetting`.
    """

    category: Annotated[str, OMIT, form("The harm category to configure")] = ""
    threshold: Annotated[
        str, OMIT, form("The blocking threshold for the harm category")
    ] = ""


class GoogleOptions(WireModel):
    """Options of Google.

    Upstream `ChatModelGoogleProviderOptions`.
    """

    thinking_config: Annotated[
        GoogleThinking | None, OMIT, form("Configuration for extended thinking")
    ] = None
    cached_content: Annotated[
        str, OMIT, form("Resource name of a cached content object", hidden=True)
    ] = ""
    safety_settings: Annotated[
        Items[GoogleSafetySetting],
        OMIT,
        form("Safety filtering settings for harmful content categories", hidden=True),
    ] = ()
    threshold: Annotated[str, OMIT, form("", hidden=True)] = ""
    web_search_enabled: Annotated[
        bool | None,
        OMIT,
        form(
            "Enable Google Search grounding for real-time information",
            title="Web search",
        ),
    ] = None
