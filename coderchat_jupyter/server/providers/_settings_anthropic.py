"""Settings of Claude, on Anthropic's own API and on Bedrock."""

from __future__ import annotations

from typing import Any, Final

from coderchat_jupyter.server.providers._settings import (
    NO_PLACE,
    NO_SEARCH,
    Asked,
    Passed,
    max_output_tokens,
)
from coderchat_jupyter.wire.models import CallConfig

__all__ = ["anthropic_settings", "bedrock_settings", "sends_reasoning"]

_NOT_WITH_THINKING: Final = "it cannot go together with thinking"

_LOWEST_TOP_P: Final = 0.95
"""The vendor takes nothing below together with thinking."""

_DOMAINS: Final = ("allowed_domains", "blocked_domains")


def sends_reasoning(settings: CallConfig | None, family: str) -> bool:
    """Whether the model is shown again what it thought before."""
    return bool(Asked(settings, family).options.get("send_reasoning", True))


def anthropic_settings(settings: CallConfig | None, *, has_tools: bool) -> Passed:
    """Settings of a messages request, in the library's names.

    `web_search` holds the limits of the vendor's search, if it is enabled.
    """
    asked = Asked(settings, "anthropic")
    chosen: dict[str, Any] = {"max_tokens": max_output_tokens(settings)}
    if thinking := _thinking(asked):
        chosen["anthropic_thinking"] = thinking
    if effort := asked.take("effort"):
        chosen["anthropic_effort"] = effort
    if asked.take("disable_parallel_tool_use") and has_tools:
        chosen["parallel_tool_calls"] = False
    if asked.take("web_search_enabled"):
        chosen["web_search"] = {name: asked.take(name) for name in _DOMAINS}
    asked.drop(NO_SEARCH, *_DOMAINS)
    asked.take("send_reasoning")
    return asked.passed(chosen | asked.sampling)


def bedrock_settings(
    settings: CallConfig | None, *, has_tools: bool, is_claude: bool
) -> Passed:
    """Settings of a Converse request, in the library's names."""
    asked = Asked(settings, "bedrock")
    chosen: dict[str, Any] = {"max_tokens": max_output_tokens(settings)}
    fields: dict[str, Any] = {}
    if is_claude:
        if thinking := _thinking(asked):
            fields["thinking"] = thinking
        if effort := asked.take("effort"):
            fields["output_config"] = {"effort": effort}
        if asked.take("disable_parallel_tool_use") and has_tools:
            choice = {"type": "auto", "disable_parallel_tool_use": True}
            fields["tool_choice"] = choice
    asked.drop(NO_PLACE, "presence_penalty", "frequency_penalty")
    asked.take("send_reasoning")
    if fields:
        chosen["bedrock_additional_model_requests_fields"] = fields
    return asked.passed(chosen | asked.sampling)


def _thinking(asked: Asked) -> dict[str, Any] | None:
    """Thinking with its budget; what the vendor refuses beside it is dropped."""
    given = dict(asked.take("thinking") or {})
    asked.drop(NO_PLACE, "presence_penalty", "frequency_penalty")
    if not given.get("budget_tokens"):
        return None
    asked.drop(_NOT_WITH_THINKING, "temperature", "top_k")
    if asked.sampling.get("top_p", 1) < _LOWEST_TOP_P:
        asked.drop(_NOT_WITH_THINKING, "top_p")
    return {"type": "enabled", **given}
