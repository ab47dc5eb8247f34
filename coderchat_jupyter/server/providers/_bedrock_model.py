"""The library's Converse model, over a transport of our own.

Imports the SDK at the top: only adapters import this module, in a thread.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

from pydantic_ai.models.bedrock import BedrockConverseModel, BedrockStreamedResponse
from pydantic_ai.profiles import ModelProfile, merge_profile
from pydantic_ai.providers.bedrock import BedrockModelProfile
from pydantic_ai.providers.bedrock import BedrockProvider as LibraryProvider

from coderchat_jupyter.server.providers._bedrock_wire import BedrockWire

__all__ = ["ExactConverseModel", "exact_converse_model"]


class _Asking:
    """In place of the vendor's client: hands the request back that is to be sent."""

    def __init__(self, base_url: str) -> None:
        events = SimpleNamespace(register_first=lambda *_, **__: None)
        self.meta = SimpleNamespace(endpoint_url=base_url, events=events)

    def converse_stream(self, **params: Any) -> dict[str, Any]:
        return {"params": params}


class _Response(BedrockStreamedResponse):
    """An answer that is read from our transport."""

    async def close_stream(self) -> None:
        events: Any = self._event_stream
        await events.aclose()

    async def _get_event_iterator(self) -> Any:
        events: Any = self._event_stream
        async for event in events:
            for found in self._map_chunk(event):
                yield found


class ExactConverseModel(BedrockConverseModel):
    """One call's model, with the vendor's own count of tokens."""

    counted: dict[str, Any] | None = None
    """The usage the vendor sent."""

    wire: BedrockWire

    @property
    def is_claude(self) -> bool:
        """Whether it understands the options of Anthropic."""
        return self.profile.get("bedrock_thinking_variant") == "anthropic"

    def _drop_unsupported_sampling_settings(self, model_settings: Any) -> None:
        """Nothing is dropped: the administrator decides what the model is asked."""

    async def _params(self, *asked: Any) -> dict[str, Any]:
        messages, settings, parameters = asked
        found: Any = await super()._messages_create(
            messages,
            True,  # noqa: FBT003  to stream
            settings,
            parameters,
        )
        params: dict[str, Any] = found["params"]
        choice = params.get("additionalModelRequestFields", {}).get("tool_choice")
        if choice is not None:
            # The model's own choice and that of the API exclude each other.
            params["toolConfig"].pop("toolChoice", None)
        elif params.get("toolConfig", {}).get("toolChoice") == {"auto": {}}:
            del params["toolConfig"]["toolChoice"]
        return params

    async def _messages_create(self, *asked: Any) -> Any:
        messages, _, settings, parameters = asked
        answer = await self.wire.converse(
            await self._params(messages, settings, parameters)
        )
        self.counted = answer.get("usage")
        return answer

    @asynccontextmanager
    async def _open_stream(self, *asked: Any) -> AsyncGenerator[Any]:
        events = self.wire.stream(await self._params(*asked))
        model = self

        class Response(_Response):
            def _map_chunk(self, chunk: Any) -> Any:
                if "metadata" in chunk:
                    model.counted = chunk["metadata"].get("usage")
                return super()._map_chunk(chunk)

            def _add_usage(self, *_: Any, **__: Any) -> None:
                """Counted by us."""

        response = Response(
            model_request_parameters=asked[2],
            _model_name=self.model_name,
            _model_profile=cast(BedrockModelProfile, self.profile),
            _event_stream=events,
            _provider_name=self._provider.name,
            _model_id_namespace=self._provider.model_id_namespace,
            _provider_url=self.base_url,
        )
        response.canonical_system = self._canonical_system_stamp
        try:
            yield response
        finally:
            await events.aclose()


def exact_converse_model(name: str, wire: BedrockWire) -> ExactConverseModel:
    """Make the model of one call."""
    provider = LibraryProvider(bedrock_client=_Asking(wire.base_url))
    profile = merge_profile(
        provider.model_profile(name),
        ModelProfile(supports_json_schema_output=False),
    )
    model = ExactConverseModel(name, provider=provider, profile=profile)
    model.wire = wire
    return model
