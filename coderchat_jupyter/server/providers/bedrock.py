"""Models at Bedrock, by its Converse API."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from coderchat_jupyter.server.providers._library import (
    Reader,
    history,
    parameters,
    reply_of,
    tokens,
    usage_of,
)
from coderchat_jupyter.server.providers._metadata import without_reasoning
from coderchat_jupyter.server.providers._protocol import (
    Item,
    ModelCall,
    Reply,
    StepUsage,
)
from coderchat_jupyter.server.providers._settings_anthropic import (
    bedrock_settings,
    sends_reasoning,
)
from coderchat_jupyter.server.providers._transport import new_http_client
from coderchat_jupyter.server.providers._vendor import VendorProvider

if TYPE_CHECKING:
    from coderchat_jupyter.server.providers._bedrock_model import ExactConverseModel
    from coderchat_jupyter.server.providers._bedrock_wire import BedrockWire

__all__ = ["BedrockProvider"]


class BedrockProvider(VendorProvider["BedrockWire"]):
    """A provider of type bedrock."""

    extra = "bedrock"

    async def _answer(
        self, client: BedrockWire, call: ModelCall
    ) -> AsyncGenerator[Item, None]:
        from pydantic_ai.direct import model_request_stream

        from coderchat_jupyter.server.providers._bedrock_model import (
            exact_converse_model,
        )

        model = exact_converse_model(call.model, client)
        wanted = sends_reasoning(call.settings, "bedrock")
        passed = bedrock_settings(
            call.settings, has_tools=bool(call.tools), is_claude=model.is_claude
        )
        reader = Reader(shows_tool_input=True)
        async with model_request_stream(
            model,
            _told(model, call, wanted=wanted),
            model_settings=passed.values,  # type: ignore[arg-type]
            model_request_parameters=parameters(call),
        ) as stream:
            async with aclosing(reader.read(stream)) as items:
                async for item in items:
                    yield item
            yield reader.finish(stream, _usage(model.counted), passed.ignored)

    async def _reply(self, client: BedrockWire, call: ModelCall) -> Reply:
        from pydantic_ai.direct import model_request

        from coderchat_jupyter.server.providers._bedrock_model import (
            exact_converse_model,
        )

        model = exact_converse_model(call.model, client)
        passed = bedrock_settings(
            call.settings, has_tools=bool(call.tools), is_claude=model.is_claude
        )
        if call.must_call:
            passed.values["tool_choice"] = "required"
        response = await model_request(
            model,
            _told(model, call, wanted=True),
            model_settings=passed.values,  # type: ignore[arg-type]
            model_request_parameters=parameters(call),
        )
        return reply_of(response, _usage(model.counted), passed.ignored)

    def _open(self) -> BedrockWire:
        import coderchat_jupyter.server.providers._bedrock_model  # noqa: F401
        from coderchat_jupyter.server.providers._bedrock_wire import opened_wire

        # Requests are signed here; no client makes up a key that must come off.
        http = new_http_client(self._row.base_url, is_anonymous=False)
        return opened_wire(self._row, http)

    async def _close(self, client: BedrockWire) -> None:
        await client.http.aclose()


def _told(model: ExactConverseModel, call: ModelCall, *, wanted: bool) -> Any:
    """The conversation; reasoning that the vendor cannot check is left out."""
    shown = without_reasoning(call, wanted=wanted)
    return history(shown, vendor=model.system, joins_results=True)


def _usage(counted: dict[str, Any] | None) -> StepUsage | None:
    """Map what the vendor counted: its input is without the cached tokens."""
    if counted is None:
        return None
    plain = tokens(counted.get("inputTokens"))
    written = tokens(counted.get("outputTokens"))
    return usage_of(
        input_tokens=plain,
        output_tokens=written,
        total_tokens=plain + written,
        cache_creation_tokens=counted.get("cacheWriteInputTokens"),
        cache_read_tokens=counted.get("cacheReadInputTokens"),
    )
