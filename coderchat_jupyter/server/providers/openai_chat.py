"""Everything that speaks OpenAI's chat completions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, Literal

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
    ProviderRow,
    Reply,
    StepUsage,
)
from coderchat_jupyter.server.providers._settings import openai_body
from coderchat_jupyter.server.providers._transport import new_http_client

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from coderchat_jupyter.server.providers._openai_model import ExactChatModel

__all__ = ["OpenAIChatProvider"]

_REASONING_FIELD: Final[dict[str, Literal["reasoning", "reasoning_content"]]] = {
    "openai-compat": "reasoning_content",
    "openrouter": "reasoning",
    "vercel": "reasoning",
}
"""Where reasoning goes back. OpenAI itself refuses the field."""


class OpenAIChatProvider:
    """A provider of type openai, openai-compat, openrouter, vercel or local.

    The SDK is imported when the first call is made, in a thread: it takes
    more than a second, and nobody else should wait for it.
    """

    def __init__(self, row: ProviderRow) -> None:
        self._row = row
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Ask the model; see `Provider.stream`."""
        body = openai_body(call.settings, self._row.type, has_tools=bool(call.tools))
        try:
            model = await self._model(call.model)
            async with aclosing(_answer(model, call, body)) as items:
                async for item in items:
                    yield item
        except Exception as error:
            raise translated(error, key=self._row.api_key) from error

    async def ask(self, call: ModelCall) -> Reply:
        """Ask without streaming; see `Provider.ask`."""
        from pydantic_ai.direct import model_request

        body = openai_body(call.settings, self._row.type, has_tools=bool(call.tools))
        try:
            model = await self._model(call.model)
            model.must_call = call.must_call
            response = await model_request(
                model,
                history(call, vendor=model.system),
                model_settings={"extra_body": body},
                model_request_parameters=parameters(call),
            )
        except Exception as error:
            raise translated(error, key=self._row.api_key) from error
        return reply_of(response, _usage(model.counted))

    async def aclose(self) -> None:
        """Close the connections kept open."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _model(self, name: str) -> ExactChatModel:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._open)
        from coderchat_jupyter.server.providers._openai_model import exact_chat_model

        field = _REASONING_FIELD.get(self._row.type)
        return exact_chat_model(name, self._client, reasoning_field=field)

    def _open(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI, Omit

        import coderchat_jupyter.server.providers._openai_model  # noqa: F401

        # What the environment holds for OpenAI is not for another provider.
        headers: dict[str, str | Omit] = {
            "OpenAI-Organization": Omit(),
            "OpenAI-Project": Omit(),
        }
        key = self._row.api_key
        return AsyncOpenAI(
            api_key=key.get_secret_value() if key else "none",
            base_url=self._row.base_url,
            max_retries=0,
            default_headers=headers,  # type: ignore[arg-type]
            http_client=new_http_client(self._row.base_url, is_anonymous=key is None),
        )


async def _answer(
    model: ExactChatModel, call: ModelCall, body: dict[str, object]
) -> AsyncGenerator[Item, None]:
    from pydantic_ai.direct import model_request_stream

    reader = Reader(shows_tool_input=True)
    async with model_request_stream(
        model,
        history(call, vendor=model.system),
        model_settings={"extra_body": body},
        model_request_parameters=parameters(call),
    ) as stream:
        async with aclosing(reader.read(stream)) as items:
            async for item in items:
                yield item
        yield reader.finish(stream, _usage(model.counted))


def _usage(counted: object) -> StepUsage | None:
    """Map what the vendor counted: cached tokens are not counted twice."""
    if counted is None:
        return None
    prompt_details = getattr(counted, "prompt_tokens_details", None)
    output_details = getattr(counted, "completion_tokens_details", None)
    prompt = getattr(counted, "prompt_tokens", None) or 0
    cached = getattr(prompt_details, "cached_tokens", None) or 0
    return usage_of(
        input_tokens=max(prompt - cached, 0),
        output_tokens=getattr(counted, "completion_tokens", None),
        total_tokens=getattr(counted, "total_tokens", None),
        reasoning_tokens=getattr(output_details, "reasoning_tokens", None),
        cache_read_tokens=cached,
    )
