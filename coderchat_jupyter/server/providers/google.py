"""Gemini, by Google's own API."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

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
    Ignored,
    Item,
    ModelCall,
    Reply,
    StepUsage,
)
from coderchat_jupyter.server.providers._settings_google import google_settings
from coderchat_jupyter.server.providers._transport import new_http_client
from coderchat_jupyter.server.providers._vendor import VendorProvider

if TYPE_CHECKING:
    import httpx2
    from google.genai import Client

    from coderchat_jupyter.server.providers._google_model import ExactGeminiModel

__all__ = ["GoogleProvider", "google_address"]

_VERSION: Final = re.compile(r"/(v\d+(?:alpha|beta)?\d*)$")

_USUAL_VERSION: Final = "v1beta"


def google_address(base_url: str) -> tuple[str, str]:
    """Split an address into that of the host and the API's version.

    The address of the API that imitates OpenAI's leads to the real one beside it.
    """
    base_url = base_url.rstrip("/").removesuffix("/openai")
    if found := _VERSION.search(base_url):
        return base_url[: found.start()], found[1]
    return base_url, _USUAL_VERSION


class GoogleProvider(VendorProvider["tuple[Client, httpx2.AsyncClient]"]):
    """A provider of type google."""

    extra = "google"

    async def _answer(
        self, client: tuple[Client, httpx2.AsyncClient], call: ModelCall
    ) -> AsyncGenerator[Item, None]:
        from pydantic_ai.direct import model_request_stream

        from coderchat_jupyter.server.providers._google_model import (
            exact_gemini_model,
            web_search,
        )

        model = exact_gemini_model(call.model, client[0])
        settings, call, ignored = _asked(model, call)
        asked = parameters(call)
        if settings.pop("web_search", False) and call.vendor_tools:
            asked = replace(asked, native_tools=[web_search()])
        reader = Reader(shows_tool_input=True, calls_stop=True)
        async with model_request_stream(
            model,
            _told(model, call),
            model_settings=settings,  # type: ignore[arg-type]
            model_request_parameters=asked,
        ) as stream:
            async with aclosing(reader.read(stream)) as items:
                async for item in items:
                    yield item
            yield reader.finish(stream, _usage(model.counted), ignored)

    async def _reply(
        self, client: tuple[Client, httpx2.AsyncClient], call: ModelCall
    ) -> Reply:
        from pydantic_ai.direct import model_request

        from coderchat_jupyter.server.providers._google_model import (
            exact_gemini_model,
        )

        model = exact_gemini_model(call.model, client[0])
        settings, call, ignored = _asked(model, call)
        settings.pop("web_search", None)
        if call.must_call:
            settings["tool_choice"] = "required"
        response = await model_request(
            model,
            _told(model, call),
            model_settings=settings,  # type: ignore[arg-type]
            model_request_parameters=parameters(call),
        )
        return reply_of(response, _usage(model.counted), ignored)

    def _open(self) -> tuple[Client, httpx2.AsyncClient]:
        from google.genai import Client
        from google.genai.types import HttpOptions

        import coderchat_jupyter.server.providers._google_model  # noqa: F401
        from coderchat_jupyter.server.providers._google_api import read_all_counts

        key = self._row.api_key
        base_url, version = google_address(self._row.base_url)
        http = new_http_client(base_url, is_anonymous=key is None)
        read_seconds = http.timeout.read or 0
        client = Client(
            # Said outright, or the environment would decide.
            vertexai=False,
            api_key=key.get_secret_value() if key else "none",
            http_options=HttpOptions(
                base_url=base_url,
                api_version=version,
                httpx_async_client=http,
                timeout=round(read_seconds * 1000),
            ),
        )
        read_all_counts(client)
        return client, http

    async def _close(self, client: tuple[Client, httpx2.AsyncClient]) -> None:
        sdk, http = client
        await sdk.aio.aclose()
        await http.aclose()


def _told(model: ExactGeminiModel, call: ModelCall) -> Any:
    """The conversation; of reasoning what is signed, the rest is only a summary."""
    shown = without_reasoning(call, wanted=True)
    return history(shown, vendor=model.system, joins_results=True)


def _asked(
    model: ExactGeminiModel, call: ModelCall
) -> tuple[dict[str, Any], ModelCall, tuple[Ignored, ...]]:
    """The settings, and as much of the call as may go along with them."""
    passed = google_settings(
        call.settings, has_tools=bool(call.tools), joins_tools=model.joins_tools
    )
    if "google_cached_content" in passed.values:
        call = replace(call, tools=(), system=())
    return passed.values, call, passed.ignored


def _usage(counted: Any) -> StepUsage | None:
    """Map what the vendor counted: thoughts are output, cached tokens no input."""
    if counted is None:
        return None
    cached = tokens(counted.cached_content_token_count)
    thoughts = tokens(counted.thoughts_token_count)
    prompt = tokens(counted.prompt_token_count)
    prompt += tokens(counted.tool_use_prompt_token_count)
    return usage_of(
        input_tokens=max(prompt - cached, 0),
        output_tokens=tokens(counted.candidates_token_count) + thoughts,
        total_tokens=counted.total_token_count,
        reasoning_tokens=thoughts,
        cache_read_tokens=cached,
    )
