"""Settings of Gemini."""

from __future__ import annotations

from typing import Any, Final

from coderchat_jupyter.server.providers._protocol import Ignored
from coderchat_jupyter.server.providers._settings import (
    Asked,
    Passed,
    max_output_tokens,
)
from coderchat_jupyter.wire.models import CallConfig

__all__ = ["google_settings"]

_CACHED: Final = "a cached content brings its own, and its own system prompt"

_NOT_WITH_TOOLS: Final = "this model cannot search and call tools in one request"

_NO_CATEGORY: Final = "no safety setting is without a threshold of its own"


def google_settings(
    settings: CallConfig | None, *, has_tools: bool, joins_tools: bool
) -> Passed:
    """Settings of a generate request, in the library's names.

    Args:
        settings: As configured.
        has_tools: Whether the call brings tools.
        joins_tools: Whether the model can search beside them. `web_search` is True
            where it is to search.
    """
    asked = Asked(settings, "google")
    chosen: dict[str, Any] = {"max_tokens": max_output_tokens(settings)}
    chosen |= asked.sampling
    if thinking := asked.take("thinking_config"):
        chosen["google_thinking_config"] = thinking
    if safety := _safety(asked):
        chosen["google_safety_settings"] = safety
    if cached := asked.take("cached_content"):
        chosen["google_cached_content"] = cached
        asked.drop(_CACHED, "web_search_enabled")
        if has_tools:
            asked.ignored.append(Ignored("tools", _CACHED))
    if has_tools and not joins_tools:
        asked.drop(_NOT_WITH_TOOLS, "web_search_enabled")
    if asked.take("web_search_enabled"):
        chosen["web_search"] = True
    return asked.passed(chosen)


def _safety(asked: Asked) -> list[dict[str, Any]]:
    """The safety settings; those without a threshold take the common one."""
    found = [dict(one) for one in asked.take("safety_settings") or ()]
    open_ones = [one for one in found if not one.get("threshold")]
    if not open_ones:
        asked.drop(_NO_CATEGORY, "threshold")
    elif common := asked.take("threshold"):
        for one in open_ones:
            one["threshold"] = common
    return found
