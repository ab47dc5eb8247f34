"""The library's messages model, made to send exactly what we say.

Imports the SDK at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

from typing import Any

from anthropic import AsyncAnthropic
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.native_tools import WebSearchTool
from pydantic_ai.profiles import merge_profile
from pydantic_ai.profiles.anthropic import AnthropicModelProfile
from pydantic_ai.providers.anthropic import AnthropicProvider as LibraryProvider

__all__ = ["ExactMessagesModel", "exact_messages_model", "web_search"]


class ExactMessagesModel(AnthropicModel):
    """One call's model: a tool choice only where a setting needs one."""

    must_call: bool = False

    def _prepare_tools_and_tool_choice(self, *arguments: Any) -> tuple[Any, Any]:
        tools, choice = super()._prepare_tools_and_tool_choice(*arguments)
        if self.must_call:
            choice = {"type": "any"}
        elif choice == {"type": "auto"}:
            choice = None
        return tools, choice


def exact_messages_model(name: str, client: AsyncAnthropic) -> ExactMessagesModel:
    """Make the model of one call."""
    provider = LibraryProvider(anthropic_client=client)
    # The library would leave out settings that it thinks a model refuses; here the
    # administrator decides.
    profile = merge_profile(
        provider.model_profile(name),
        AnthropicModelProfile(anthropic_disallows_sampling_settings=False),
    )
    return ExactMessagesModel(name, provider=provider, profile=profile)


def web_search(options: dict[str, Any]) -> WebSearchTool:
    """The vendor's own search, limited as configured."""
    return WebSearchTool(
        allowed_domains=options.get("allowed_domains") or None,
        blocked_domains=options.get("blocked_domains") or None,
    )
