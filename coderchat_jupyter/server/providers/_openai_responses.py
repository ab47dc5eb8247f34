"""The library's Responses model, made to send and count exactly what we say.

Imports the SDK at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

from typing import Any

from openai import AsyncOpenAI
from openai.types.responses import ResponseUsage
from pydantic_ai.messages import ModelResponse
from pydantic_ai.models.openai import (
    OpenAIResponsesModel,
    OpenAIResponsesStreamedResponse,
)
from pydantic_ai.profiles.openai import OpenAIModelProfile, openai_model_profile
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.usage import RequestUsage

__all__ = ["ExactResponsesModel", "exact_responses_model"]

_VENDOR = "responses"


class ExactResponsesModel(OpenAIResponsesModel):
    """One call's model: no tool choice, and the vendor's own count of tokens."""

    counted: ResponseUsage | None = None
    """The last usage the vendor sent."""

    must_call: bool = False

    calls_stop = True
    """This API has no reason of its own for an answer that ends with calls."""

    @property
    def reasons(self) -> bool:
        """Whether it is known for a model that reasons."""
        known = openai_model_profile(self.model_name) or {}
        return bool(known.get("openai_supports_encrypted_reasoning_content"))

    def _build_include(self, *_: Any, **__: Any) -> Any:
        return []

    search: dict[str, Any] | None = None
    """The vendor's own search, where the model is to have it."""

    def _get_responses_tool_choice(self, *arguments: Any) -> tuple[Any, Any]:
        tools, _ = super()._get_responses_tool_choice(*arguments)
        return tools, "required" if self.must_call else None

    def _get_native_tools(self, *arguments: Any) -> Any:
        tools = super()._get_native_tools(*arguments)
        return [*tools, self.search] if self.search else tools

    def _process_response(self, response: Any, *rest: Any, **more: Any) -> Any:
        self.counted = getattr(response, "usage", None)
        found: ModelResponse = super()._process_response(response, *rest, **more)
        return found

    async def _process_streamed_response(self, *given: Any, **more: Any) -> Any:
        stream: OpenAIResponsesStreamedResponse
        stream = await super()._process_streamed_response(*given, **more)
        model = self

        class Response(type(stream)):  # type: ignore[misc]
            def _map_usage(self, response: Any) -> RequestUsage:
                if response.usage is not None:
                    model.counted = response.usage
                return RequestUsage()

        stream.__class__ = Response
        return stream


def exact_responses_model(
    name: str, client: AsyncOpenAI, *, search: dict[str, Any] | None
) -> ExactResponsesModel:
    """Make the model of one call; every model gets the same plain profile."""
    profile = OpenAIModelProfile(
        openai_responses_supports_websocket=False,
        # Only says that reasoning which was kept goes back; what is asked for is
        # decided by us.
        openai_supports_encrypted_reasoning_content=True,
    )
    provider = OpenAICompatibleProvider(
        _VENDOR, openai_client=client, profile=lambda _: profile
    )
    model = ExactResponsesModel(name, provider=provider)
    model.search = search
    return model
