"""Call settings → what goes into a request, one function a family.

Every setting that is configured is passed on. One that the family's API has no
place for ends the call with a sentence that names it; none is dropped silently.
"""

from __future__ import annotations

from typing import Any, Final

from coderchat_jupyter.server.providers._protocol import ProviderError
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.models import CallConfig
from coderchat_jupyter.wire.provider_options import OPTION_FAMILIES

__all__ = [
    "anthropic_options",
    "anthropic_settings",
    "max_output_tokens",
    "openai_body",
]

_DEFAULT_MAX_OUTPUT: Final = 32_000
"""What the real server asks for when the model config has no limit."""

_SAMPLING: Final = (
    "temperature",
    "top_p",
    "top_k",
    "presence_penalty",
    "frequency_penalty",
)

_RENAMED: Final = {
    "log_probs": "logprobs",
    "top_log_probs": "top_logprobs",
    "text_verbosity": "verbosity",
}

_RESPONSES_ONLY: Final = frozenset(
    {"allowed_domains", "include", "instructions", "max_tool_calls"}
    | {"reasoning_summary", "search_context_size", "web_search_enabled"}
)
"""Options of OpenAI's Responses API, which the chat API has no place for."""

_ABOUT_TOOLS: Final = frozenset({"strict_json_schema", "structured_outputs"})
"""About how schemas are enforced; plain function tools carry none."""


def max_output_tokens(settings: CallConfig | None) -> int:
    """The output limit that is asked for."""
    limit = settings.max_output_tokens if settings else None
    return limit or _DEFAULT_MAX_OUTPUT


def _sampling(settings: CallConfig) -> dict[str, Any]:
    values = {name: getattr(settings, name) for name in _SAMPLING}
    return {name: value for name, value in values.items() if value is not None}


def _options(settings: CallConfig, family: str) -> dict[str, Any]:
    # As they came: options that we do not know are passed on like the others.
    given = encode(settings.provider_options, only_set=True) or {}
    options = given.get(OPTION_FAMILIES[family]) or {}
    return {name: value for name, value in options.items() if value is not None}


def openai_body(
    settings: CallConfig | None, family: str, *, has_tools: bool
) -> dict[str, Any]:
    """Fields of a chat completions request, beside messages and tools."""
    # OpenAI's reasoning models refuse the older name, and all its models know this.
    limit = "max_completion_tokens" if family == "openai" else "max_tokens"
    body: dict[str, Any] = {limit: max_output_tokens(settings)}
    if settings is None:
        return body
    body |= _sampling(settings)
    options = _options(settings, family)
    extra = options.pop("extra_body", None) or {}
    for name, value in options.items():
        _add(body, name, value, family)
    if not has_tools:
        body.pop("parallel_tool_calls", None)  # refused without tools
    return body | extra


def _add(body: dict[str, Any], name: str, value: Any, family: str) -> None:
    if family == "openai" and name in _RESPONSES_ONLY:
        # False and empty ask for nothing.
        if value:
            raise ProviderError(
                f"The option {name!r} needs OpenAI's Responses API, which this "
                "server does not use. Remove it from the model's settings.",
                kind_hint="config",
            )
    elif name in _ABOUT_TOOLS and family == "openai":
        pass
    elif name == "include_usage" and family == "openrouter":
        body["usage"] = {"include": value}
    elif name == "providerOptions":
        body[name] = {"gateway": value}
    else:
        body[_RENAMED.get(name, name)] = value


def anthropic_settings(
    settings: CallConfig | None, *, has_tools: bool
) -> dict[str, Any]:
    """Settings of a messages request, in the library's names."""
    chosen: dict[str, Any] = {"max_tokens": max_output_tokens(settings)}
    if settings is None:
        return chosen
    chosen |= _sampling(settings)
    options = _options(settings, "anthropic")
    budget = (options.get("thinking") or {}).get("budget_tokens")
    if budget:
        chosen["anthropic_thinking"] = {"type": "enabled", "budget_tokens": budget}
    if effort := options.get("effort"):
        chosen["anthropic_effort"] = effort
    if has_tools and options.get("disable_parallel_tool_use"):
        chosen["parallel_tool_calls"] = False
    return chosen


def anthropic_options(settings: CallConfig | None) -> dict[str, Any]:
    """Options of the family that are not settings of the request."""
    return _options(settings, "anthropic") if settings else {}
