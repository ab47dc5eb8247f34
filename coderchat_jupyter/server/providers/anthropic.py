"""Everything that speaks Anthropic's messages API."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
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
    ProviderError,
    Reply,
    StepUsage,
)
from coderchat_jupyter.server.providers._settings_anthropic import (
    anthropic_settings,
    sends_reasoning,
)
from coderchat_jupyter.server.providers._transport import new_http_client
from coderchat_jupyter.server.providers._vendor import VendorProvider

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

__all__ = ["AnthropicProvider"]


class AnthropicProvider(VendorProvider["AsyncAnthropic"]):
    """A provider of type anthropic."""

    async def _answer(
        self, client: AsyncAnthropic, call: ModelCall
    ) -> AsyncGenerator[Item, None]:
        from pydantic_ai.direct import model_request_stream

        from coderchat_jupyter.server.providers._anthropic_model import (
            exact_messages_model,
            web_search,
        )

        passed = anthropic_settings(call.settings, has_tools=bool(call.tools))
        model = exact_messages_model(call.model, client)
        wanted = sends_reasoning(call.settings, "anthropic")
        shown = without_reasoning(call, wanted=wanted)
        asked = parameters(call)
        search = passed.values.pop("web_search", None)
        if call.vendor_tools and search is not None:
            asked = replace(asked, native_tools=[web_search(search)])
        # The arguments arrive in pieces, but previews of this vendor hide them.
        reader = Reader(shows_tool_input=False)
        async with model_request_stream(
            model,
            history(shown, vendor=model.system, joins_results=True),
            model_settings=passed.values,  # type: ignore[arg-type]
            model_request_parameters=asked,
        ) as stream:
            async with aclosing(reader.read(stream)) as items:
                async for item in items:
                    yield item
            if stream.finish_reason is None:
                raise ProviderError("anthropic stream closed before message_stop")
            yield reader.finish(stream, _usage(stream.usage), passed.ignored)

    async def _reply(self, client: AsyncAnthropic, call: ModelCall) -> Reply:
        from pydantic_ai.direct import model_request

        from coderchat_jupyter.server.providers._anthropic_model import (
            exact_messages_model,
        )

        passed = anthropic_settings(call.settings, has_tools=bool(call.tools))
        passed.values.pop("web_search", None)
        model = exact_messages_model(call.model, client)
        model.must_call = call.must_call
        response = await model_request(
            model,
            history(without_reasoning(call, wanted=True), vendor=model.system),
            model_settings=passed.values,  # type: ignore[arg-type]
            model_request_parameters=parameters(call),
        )
        return reply_of(response, _usage(response.usage), passed.ignored)

    def _open(self) -> AsyncAnthropic:
        from anthropic import AsyncAnthropic, Omit

        import coderchat_jupyter.server.providers._anthropic_model  # noqa: F401

        # The documented header, which gateways know as well.
        headers: dict[str, str | Omit] = {"Authorization": Omit()}
        key = self._row.api_key
        if key is not None:
            headers["X-Api-Key"] = key.get_secret_value()
        # The SDK adds the version to the path itself.
        base_url = self._row.base_url.rstrip("/").removesuffix("/v1")
        return AsyncAnthropic(
            api_key="none",
            default_headers=headers,  # type: ignore[arg-type]
            base_url=base_url,
            max_retries=0,
            http_client=new_http_client(base_url, is_anonymous=key is None),
        )

    async def _close(self, client: AsyncAnthropic) -> None:
        await client.close()


def _usage(counted: Any) -> StepUsage | None:
    """Map what the vendor counted; the library adds cache tokens to the input."""
    read, written = (
        tokens(counted.cache_read_tokens),
        tokens(counted.cache_write_tokens),
    )
    said = tokens(counted.output_tokens)
    plain = max(tokens(counted.input_tokens) - read - written, 0)
    return usage_of(
        input_tokens=plain,
        output_tokens=said,
        total_tokens=plain + said,
        cache_creation_tokens=written,
        cache_read_tokens=read,
    )
