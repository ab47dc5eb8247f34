"""Options of OpenAI, and of endpoints that speak its protocol.

Descriptions, choices and what is hidden are the server's; titles, units, limits ours.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from coderchat_jupyter.wire._base import OMIT, WireModel, form
from coderchat_jupyter.wire._values import Items, Table

__all__ = ["OpenAICompatOptions", "OpenAIOptions"]


class OpenAIOptions(WireModel):
    """Options of OpenAI and Azure OpenAI.

    Upstream `ChatModelOpenAIProviderOptions`.
    """

    include: Annotated[
        Items[str], OMIT, form("Model names to include in discovery", hidden=True)
    ] = ()
    instructions: Annotated[
        str | None,
        OMIT,
        form("System-level instructions prepended to the conversation", hidden=True),
    ] = None
    logit_bias: Annotated[
        Table[int],
        OMIT,
        form("Token IDs mapped to bias values from -100 to 100", hidden=True),
    ] = Field(default_factory=dict)
    log_probs: Annotated[
        bool | None,
        OMIT,
        form("Whether to return log probabilities of output tokens", hidden=True),
    ] = None
    top_log_probs: Annotated[
        int | None,
        OMIT,
        form(
            "Number of most likely tokens to return log probabilities for", hidden=True
        ),
    ] = None
    max_tool_calls: Annotated[
        int | None,
        OMIT,
        form("Maximum number of tool calls per response", unit="calls", minimum=1),
    ] = None
    parallel_tool_calls: Annotated[
        bool | None,
        OMIT,
        form("Whether the model may make multiple tool calls in parallel"),
    ] = None
    user: Annotated[
        str | None,
        OMIT,
        form("Unique identifier for the end user for abuse monitoring", hidden=True),
    ] = None
    reasoning_effort: Annotated[
        str | None,
        OMIT,
        form(
            "Controls the level of reasoning effort",
            choices=("none", "minimal", "low", "medium", "high", "xhigh"),
        ),
    ] = None
    reasoning_summary: Annotated[
        str | None,
        OMIT,
        form(
            "Controls whether reasoning tokens are summarized in the response",
            choices=("auto", "concise", "detailed"),
        ),
    ] = None
    max_completion_tokens: Annotated[
        int | None,
        OMIT,
        form(
            "Upper bound on tokens the model may generate",
            unit="tokens",
            minimum=1,
            title="Max completion",
        ),
    ] = None
    text_verbosity: Annotated[
        str | None,
        OMIT,
        form(
            "Controls the verbosity of the text response",
            choices=("low", "medium", "high"),
        ),
    ] = None
    prediction: Annotated[
        Table[Any],
        OMIT,
        form("Predicted output content to speed up responses", hidden=True),
    ] = Field(default_factory=dict)
    store: Annotated[
        bool | None,
        OMIT,
        form(
            "Whether to store the response on OpenAI for later retrieval "
            "via the API and dashboard logs",
            title="Store responses",
        ),
    ] = None
    metadata: Annotated[
        Table[Any],
        OMIT,
        form("Arbitrary metadata to attach to the request", hidden=True),
    ] = Field(default_factory=dict)
    prompt_cache_key: Annotated[
        str | None, OMIT, form("Key for enabling cross-request prompt caching")
    ] = None
    safety_identifier: Annotated[
        str | None,
        OMIT,
        form("Developer-specific safety identifier for the request", hidden=True),
    ] = None
    service_tier: Annotated[
        str | None,
        OMIT,
        form(
            "Latency tier to use for processing the request",
            choices=("auto", "default", "flex", "scale", "priority"),
        ),
    ] = None
    structured_outputs: Annotated[
        bool | None,
        OMIT,
        form("Whether to enable structured JSON output mode", hidden=True),
    ] = None
    strict_json_schema: Annotated[
        bool | None,
        OMIT,
        form("Whether to enforce strict adherence to the JSON schema", hidden=True),
    ] = None
    web_search_enabled: Annotated[
        bool | None,
        OMIT,
        form(
            "Enable OpenAI web search tool for grounding responses with "
            "real-time information",
            title="Web search",
        ),
    ] = None
    search_context_size: Annotated[
        str | None,
        OMIT,
        form(
            "Amount of search context to use",
            title="Web search context",
            choices=("low", "medium", "high"),
        ),
    ] = None
    allowed_domains: Annotated[
        Items[str],
        OMIT,
        form(
            "Restrict web search to these domains", label="Web Search: Allowed Domains"
        ),
    ] = ()


class OpenAICompatOptions(WireModel):
    """Options of endpoints that speak OpenAI's protocol.

    Upstream `ChatModelOpenAICompatProviderOptions`.
    """

    user: Annotated[
        str | None,
        OMIT,
        form("Unique identifier for the end user for abuse monitoring", hidden=True),
    ] = None
    reasoning_effort: Annotated[
        str | None,
        OMIT,
        form(
            "Controls the level of reasoning effort",
            choices=("none", "minimal", "low", "medium", "high", "xhigh"),
        ),
    ] = None
