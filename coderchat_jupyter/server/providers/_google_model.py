"""The library's Gemini model, made to send and count exactly what we say.

Imports the SDK at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

from typing import Any

from google.genai import Client
from google.genai.types import GenerateContentResponseUsageMetadata
from pydantic_ai.models.google import GeminiStreamedResponse, GoogleModel
from pydantic_ai.native_tools import WebSearchTool
from pydantic_ai.providers.google import GoogleProvider as LibraryProvider

__all__ = ["ExactGeminiModel", "exact_gemini_model", "web_search"]


class ExactGeminiModel(GoogleModel):
    """One call's model, with the vendor's own count of tokens."""

    counted: GenerateContentResponseUsageMetadata | None = None
    """The last usage the vendor sent; each is the sum so far."""

    @property
    def joins_tools(self) -> bool:
        """Whether it can use the vendor's tools and ours in one request."""
        return bool(self.profile.get("google_supports_tool_combination", False))

    def _process_response(self, response: Any, *rest: Any) -> Any:
        self.counted = response.usage_metadata
        return super()._process_response(response, *rest)

    async def _process_streamed_response(self, *given: Any) -> Any:
        stream = await super()._process_streamed_response(*given)
        model = self

        class Response(GeminiStreamedResponse):
            def _add_chunk_usage(self, chunk: Any) -> None:
                if chunk.usage_metadata is not None:
                    model.counted = chunk.usage_metadata

        stream.__class__ = Response
        return stream


def exact_gemini_model(name: str, client: Client) -> ExactGeminiModel:
    """Make the model of one call."""
    return ExactGeminiModel(name, provider=LibraryProvider(client=client))


def web_search() -> WebSearchTool:
    """The vendor's own search."""
    return WebSearchTool()
