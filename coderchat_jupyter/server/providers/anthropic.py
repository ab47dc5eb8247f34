"""Everything that speaks Anthropic's messages API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from coderchat_jupyter.server.providers._failures import translated
from coderchat_jupyter.server.providers._library import (
    Reader,
    history,
    parameters,
    reply_of,
    usage_of,
)
from coderchat_jupyter.server.providers._protocol import (
    Item,
    ModelCall,
    ModelMessage,
    ProviderRow,
    ReasoningContent,
    Reply,
    StepUsage,
)
from coderchat_jupyter.server.providers._settings import (
    anthropic_options,
    anthropic_settings,
)
from coderchat_jupyter.server.providers._transport import new_http_client

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

__all__ = ["AnthropicProvider"]


class AnthropicProvider:
    """A provider of type anthropic; its SDK is imported on first use, in a thread."""

    def __init__(self, row: ProviderRow) -> None:
        self._row = row
        self._client: AsyncAnthropic | None = None
        self._opening = asyncio.Lock()

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Ask the model; see `Provider.stream`."""
        settings = anthropic_settings(call.settings, has_tools=bool(call.tools))
        try:
            client = await self._opened()
            async with aclosing(_answer(client, call, settings)) as items:
                async for item in items:
                    yield item
        except Exception as error:
            raise translated(error, key=self._row.api_key) from error

    async def ask(self, call: ModelCall) -> Reply:
        """Ask without streaming; see `Provider.ask`."""
        settings = anthropic_settings(call.settings, has_tools=bool(call.tools))
        try:
            return await _reply(await self._opened(), call, settings)
        except Exception as error:
            raise translated(error, key=self._row.api_key) from error

    async def _opened(self) -> AsyncAnthropic:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._open)
            return self._client

    async def aclose(self) -> None:
        """Close the connections kept open."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

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


async def _answer(
    client: AsyncAnthropic, call: ModelCall, settings: dict[str, Any]
) -> AsyncGenerator[Item, None]:
    from pydantic_ai.direct import model_request_stream

    from coderchat_jupyter.server.providers._anthropic_model import (
        exact_messages_model,
        web_search,
    )

    options = anthropic_options(call.settings)
    model = exact_messages_model(call.model, client)
    shown = _with_reasoning(call, wanted=options.get("send_reasoning", True))
    asked = parameters(call)
    if call.vendor_tools and options.get("web_search_enabled"):
        asked = replace(asked, native_tools=[web_search(options)])
    # The arguments arrive in pieces, but previews of this vendor hide them.
    reader = Reader(shows_tool_input=False)
    async with model_request_stream(
        model,
        history(shown, vendor=model.system, joins_results=True),
        model_settings=settings,  # type: ignore[arg-type]
        model_request_parameters=asked,
    ) as stream:
        async with aclosing(reader.read(stream)) as items:
            async for item in items:
                yield item
        yield reader.finish(stream, _usage(stream.usage))


async def _reply(
    client: AsyncAnthropic, call: ModelCall, settings: dict[str, Any]
) -> Reply:
    from pydantic_ai.direct import model_request

    from coderchat_jupyter.server.providers._anthropic_model import (
        exact_messages_model,
    )

    model = exact_messages_model(call.model, client)
    model.must_call = call.must_call
    response = await model_request(
        model,
        history(_with_reasoning(call, wanted=True), vendor=model.system),
        model_settings=settings,  # type: ignore[arg-type]
        model_request_parameters=parameters(call),
    )
    return reply_of(response, _usage(response.usage))


def _with_reasoning(call: ModelCall, *, wanted: bool) -> ModelCall:
    """The call without reasoning that the vendor cannot check.

    It refuses thinking without its own signature.
    """

    def kept(message: ModelMessage) -> ModelMessage:
        parts = tuple(
            part
            for part in message.parts
            if not isinstance(part, ReasoningContent) or (wanted and part.signature)
        )
        return replace(message, parts=parts)

    return replace(call, messages=tuple(kept(message) for message in call.messages))


def _usage(counted: Any) -> StepUsage | None:
    """Map what the vendor counted; the library adds cache tokens to the input."""
    read, written = counted.cache_read_tokens or 0, counted.cache_write_tokens or 0
    plain = max((counted.input_tokens or 0) - read - written, 0)
    return usage_of(
        input_tokens=plain,
        output_tokens=counted.output_tokens,
        total_tokens=plain + (counted.output_tokens or 0),
        cache_creation_tokens=written,
        cache_read_tokens=read,
    )
