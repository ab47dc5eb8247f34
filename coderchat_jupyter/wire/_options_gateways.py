"""Options of gateways to many vendors: OpenRouter and Vercel.

Descriptions, choices and what is hidden are the server's; titles, units, limits ours.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from coderchat_jupyter.wire._base import OMIT, WireModel, form
from coderchat_jupyter.wire._values import Items, Table

__all__ = [
    "OpenRouterOptions",
    "OpenRouterRouting",
    "ReasoningOptions",
    "VercelGateway",
    "VercelOptions",
]


class ReasoningOptions(WireModel):
    """How much a model behind a gateway reasons.

    Upstream `ChatModelReasoningOptions`.
    """

    enabled: Annotated[bool | None, OMIT, form("Whether reasoning is enabled")] = None
    exclude: Annotated[
        bool | None,
        OMIT,
        form(
            "Whether to exclude reasoning content from the response",
            title="Exclude reasoning",
        ),
    ] = None
    max_tokens: Annotated[
        int | None,
        OMIT,
        form(
            "Maximum number of tokens for reasoning output",
            unit="tokens",
            minimum=1,
            title="Reasoning budget",
        ),
    ] = None
    effort: Annotated[
        str | None,
        OMIT,
        form(
            "Controls the level of reasoning effort",
            choices=("none", "minimal", "low", "medium", "high", "xhigh"),
        ),
    ] = None


class OpenRouterRouting(WireModel):
    """Which of OpenRouter's providers may answer.

    Upstream `ChatModelOpenRouterProvider`.
    """

    order: Annotated[
        Items[str], OMIT, form("Ordered list of preferred provider names")
    ] = ()
    allow_fallbacks: Annotated[
        bool | None, OMIT, form("Whether to allow fallback to other providers")
    ] = None
    require_parameters: Annotated[
        bool | None,
        OMIT,
        form("Whether to require all parameters to be supported by the provider"),
    ] = None
    data_collection: Annotated[
        str | None, OMIT, form("Data collection policy preference")
    ] = None
    only: Annotated[
        Items[str], OMIT, form("Restrict to only these provider names")
    ] = ()
    ignore: Annotated[
        Items[str], OMIT, form("Provider names to exclude from routing")
    ] = ()
    quantizations: Annotated[
        Items[str], OMIT, form("Allowed model quantization levels")
    ] = ()
    sort: Annotated[str | None, OMIT, form("Sort order for provider selection")] = None


class OpenRouterOptions(WireModel):
    """Options of OpenRouter.

    Upstream `ChatModelOpenRouterProviderOptions`.
    """

    reasoning: Annotated[
        ReasoningOptions | None, OMIT, form("Configuration for reasoning behavior")
    ] = None
    extra_body: Annotated[
        Table[Any],
        OMIT,
        form("Additional fields to include in the request body", hidden=True),
    ] = Field(default_factory=dict)
    include_usage: Annotated[
        bool | None,
        OMIT,
        form("Whether to include token usage information in the response", hidden=True),
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
    provider: Annotated[
        OpenRouterRouting | None,
        OMIT,
        form("Routing preferences for provider selection", hidden=True),
    ] = None


class VercelGateway(WireModel):
    """Which providers Vercel's gateway may call.

    Upstream `ChatModelVercelGatewayProviderOptions`.
    """

    order: Annotated[
        Items[str], OMIT, form("Ordered list of preferred provider names")
    ] = ()
    models: Annotated[Items[str], OMIT, form("Model identifiers to route across")] = ()


class VercelOptions(WireModel):
    """Options of the Vercel AI Gateway.

    Upstream `ChatModelVercelProviderOptions`.
    """

    reasoning: Annotated[
        ReasoningOptions | None, OMIT, form("Configuration for reasoning behavior")
    ] = None
    provider_options: Annotated[
        VercelGateway | None,
        OMIT,
        form("Gateway routing options for provider selection", hidden=True),
        Field(alias="providerOptions"),
    ] = None
    user: Annotated[
        str | None,
        OMIT,
        form("Unique identifier for the end user for abuse monitoring", hidden=True),
    ] = None
    logit_bias: Annotated[
        Table[int],
        OMIT,
        form("Token IDs mapped to bias values from -100 to 100", hidden=True),
    ] = Field(default_factory=dict)
    logprobs: Annotated[
        bool | None,
        OMIT,
        form("Whether to return log probabilities of output tokens", hidden=True),
    ] = None
    top_logprobs: Annotated[
        int | None,
        OMIT,
        form(
            "Number of most likely tokens to return log probabilities for", hidden=True
        ),
    ] = None
    parallel_tool_calls: Annotated[
        bool | None,
        OMIT,
        form("Whether the model may make multiple tool calls in parallel"),
    ] = None
    extra_body: Annotated[
        Table[Any],
        OMIT,
        form("Additional fields to include in the request body", hidden=True),
    ] = Field(default_factory=dict)
