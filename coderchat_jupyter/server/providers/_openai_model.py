"""The library's chat model, made to send and count exactly what we say.

Imports the SDK at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import Choice
from openai.types.completion_usage import CompletionUsage
from pydantic_ai.messages import (
    BinaryContent,
    ModelResponse,
    ThinkingPart,
    ToolCallPart,
)
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIStreamedResponse
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.usage import RequestUsage

from coderchat_jupyter.server.providers._openai_pieces import PiecewiseResponse
from coderchat_jupyter.server.providers._openai_thoughts import Thoughts

__all__ = ["ExactChatModel", "exact_chat_model"]

_VENDOR = "chat-completions"


class ExactChatModel(OpenAIChatModel):
    """One call's model: no tool choice, and the vendor's own count of tokens."""

    counted: CompletionUsage | None = None
    """The last usage the vendor sent."""

    must_call: bool = False

    thoughts: Thoughts
    """What a gateway wants back of the reasoning, as far as it was told."""

    calls_stop = False
    """An answer that ends with calls says so."""

    def _get_tool_choice(self, *arguments: Any) -> tuple[Any, Any]:
        # A turn has no `tool_choice` in the record; some servers refuse the field.
        tools, _ = super()._get_tool_choice(*arguments)
        return tools, "required" if self.must_call else None

    @staticmethod
    def _map_tool_call(t: ToolCallPart) -> Any:
        # Arguments go back as the model wrote them, white space and all.
        mapped = OpenAIChatModel._map_tool_call(t)
        if isinstance(t.args, str) and t.args:
            mapped["function"]["arguments"] = t.args
        return mapped

    @dataclass
    class _MapModelResponseContext(OpenAIChatModel._MapModelResponseContext):
        details: list[Any] = field(default_factory=list)

        def _into_message_param(self) -> Any:
            # What was said around a call is one text; nothing is put in between.
            self.texts = ["".join(self.texts)] if self.texts else []
            if self.details:
                # They hold the reasoning too.
                self.thinkings = {}
            message: Any = super()._into_message_param()
            if message is not None and self.details:
                message["reasoning_details"] = self.details
            return message

        def _map_response_thinking_part(self, item: ThinkingPart) -> None:
            if kept := (item.provider_details or {}).get("reasoning_details"):
                self.details += kept
            else:
                super()._map_response_thinking_part(item)

    async def _map_binary_content_item(self, item: BinaryContent) -> Any:
        # The library would write texts into the prompt and forget the name.
        if item.is_image:
            return await super()._map_binary_content_item(item)
        file = {"file_data": item.data_uri, "filename": item.identifier}
        return {"type": "file", "file": file}

    def _process_response(self, response: Any, **rest: Any) -> ModelResponse:
        self.counted = getattr(response, "usage", None)
        return super()._process_response(response, **rest)

    @property
    def _streamed_response_cls(self) -> type[OpenAIStreamedResponse]:
        model = self

        class Response(PiecewiseResponse):
            def _map_usage(self, response: ChatCompletionChunk) -> RequestUsage:
                if response.usage is not None:
                    model.counted = response.usage
                return RequestUsage()

            def _map_thinking_delta(self, choice: Choice) -> Iterable[Any]:
                more = (choice.delta.model_extra or {}).get("reasoning_details")
                model.thoughts.add(more)
                return super()._map_thinking_delta(choice)

        return Response


def exact_chat_model(
    name: str,
    client: AsyncOpenAI,
    *,
    reasoning_field: Literal["reasoning", "reasoning_content"] | None,
) -> ExactChatModel:
    """Make the model of one call.

    The library knows models by name and would leave out settings that it
    thinks they refuse; here the administrator decides, so every model gets
    the same plain profile.
    """
    profile = OpenAIModelProfile(
        openai_chat_supports_max_completion_tokens=False,
        openai_chat_supports_multiple_system_messages=True,
        openai_chat_send_back_thinking_parts="field" if reasoning_field else False,
        # Text is text, also when a model writes its thoughts into it.
        thinking_tags=("\x00", "\x00"),
        ignore_streamed_leading_whitespace=False,
    )
    if reasoning_field:
        profile["openai_chat_thinking_field"] = reasoning_field
    provider = OpenAICompatibleProvider(
        _VENDOR, openai_client=client, profile=lambda _: profile
    )
    model = ExactChatModel(name, provider=provider)
    model.thoughts = Thoughts()
    return model
