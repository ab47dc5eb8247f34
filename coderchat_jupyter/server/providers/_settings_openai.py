"""Settings of OpenAI's two APIs, and of all who speak the older one.

They become fields of the request's body, beside messages and tools.
"""

from __future__ import annotations

from typing import Any, Final

from coderchat_jupyter.server.providers._protocol import Ignored
from coderchat_jupyter.server.providers._settings import (
    NO_PLACE,
    NO_SEARCH,
    Asked,
    Passed,
    max_output_tokens,
)
from coderchat_jupyter.wire.models import CallConfig

__all__ = ["chat_body", "responses_body", "wants_responses"]

_OWN: Final = frozenset({"openai", "azure"})
"""Types that run OpenAI's own models, with OpenAI's own options."""

_RENAMED: Final = {
    "log_probs": "logprobs",
    "top_log_probs": "top_logprobs",
    "text_verbosity": "verbosity",
}

_RESPONSES_ONLY: Final = (
    "allowed_domains",
    "include",
    "instructions",
    "max_tool_calls",
    "reasoning_summary",
    "search_context_size",
    "web_search_enabled",
)
"""Options of OpenAI's Responses API, which the chat API has no place for."""

_CHAT_ONLY: Final = ("logit_bias", "prediction")

_ABOUT_SCHEMAS: Final = ("strict_json_schema", "structured_outputs")

_PLAIN_TOOLS: Final = "tools are described by plain schemas, which are not enforced"


def wants_responses(settings: CallConfig | None, family: str) -> bool:
    """Whether an option is set that only the Responses API has.

    False and empty ask for nothing.
    """
    if family not in _OWN:
        return False
    options = Asked(settings, family).options
    return any(options.get(name) for name in _RESPONSES_ONLY)


def chat_body(settings: CallConfig | None, family: str, *, has_tools: bool) -> Passed:
    """Fields of a chat completions request."""
    asked = Asked(settings, family)
    # OpenAI's reasoning models refuse the older name, and all its models know this.
    limit = "max_completion_tokens" if family in _OWN else "max_tokens"
    body: dict[str, Any] = {limit: max_output_tokens(settings)}
    if family in _OWN:
        _one_limit(asked, settings)
        asked.drop(NO_PLACE, "top_k")
        asked.drop(_PLAIN_TOOLS, *_ABOUT_SCHEMAS)
        # Only reached where they ask for nothing.
        asked.drop(NO_PLACE, *_RESPONSES_ONLY)
    extra = asked.take("extra_body") or {}
    body |= asked.sampling
    for name in tuple(asked.options):
        _add(body, name, asked.take(name), family)
    if not has_tools:
        body.pop("parallel_tool_calls", None)  # refused without tools
    return asked.passed(body | extra)


def _one_limit(asked: Asked, settings: CallConfig | None) -> None:
    """Say which of two limits counts."""
    common = settings.max_output_tokens if settings else None
    if common and asked.options.get("max_completion_tokens"):
        reason = "max_completion_tokens counts instead"
        asked.ignored.append(Ignored("max_output_tokens", reason))


def _add(body: dict[str, Any], name: str, value: Any, family: str) -> None:
    if name == "include_usage" and family == "openrouter":
        body["usage"] = {"include": value}
    elif name == "providerOptions":
        body[name] = {"gateway": value}
    else:
        body[_RENAMED.get(name, name)] = value


def responses_body(
    settings: CallConfig | None, family: str, *, has_tools: bool, may_search: bool
) -> Passed:
    """Fields of a Responses request; `web_search` is the vendor's tool, if wanted."""
    asked = Asked(settings, family)
    asked.drop(NO_PLACE, "top_k", "presence_penalty", "frequency_penalty", *_CHAT_ONLY)
    asked.drop(_PLAIN_TOOLS, *_ABOUT_SCHEMAS)
    _one_limit(asked, settings)
    limit = asked.take("max_completion_tokens") or max_output_tokens(settings)
    body: dict[str, Any] = {"max_output_tokens": limit, **asked.sampling}
    effort, summary = asked.take("reasoning_effort"), asked.take("reasoning_summary")
    reasoning = {"effort": effort, "summary": summary}
    if any(reasoning.values()):
        body["reasoning"] = {k: v for k, v in reasoning.items() if v}
    if verbosity := asked.take("text_verbosity"):
        body["text"] = {"verbosity": verbosity}
    include = list(asked.take("include") or ())
    if asked.take("log_probs"):
        include.append("message.output_text.logprobs")
    if (top := asked.take("top_log_probs")) is not None:
        body["top_logprobs"] = top
    if include:
        body["include"] = list(dict.fromkeys(include))
    search = _search(asked)
    if search and may_search:
        body["web_search"] = search
    body |= asked.options
    asked.options.clear()
    if not has_tools:
        body.pop("parallel_tool_calls", None)
    return asked.passed(body)


def _search(asked: Asked) -> dict[str, Any] | None:
    if not asked.take("web_search_enabled"):
        asked.drop(NO_SEARCH, "search_context_size", "allowed_domains")
        return None
    tool: dict[str, Any] = {"type": "web_search"}
    if size := asked.take("search_context_size"):
        tool["search_context_size"] = size
    if domains := asked.take("allowed_domains"):
        tool["filters"] = {"allowed_domains": domains}
    return tool
