"""Everything that speaks OpenAI's chat completions; OpenAI itself its newer API too."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, Literal

from coderchat_jupyter.server.providers._library import (
    Reader,
    history,
    parameters,
    reply_of,
    tokens,
    usage_of,
)
from coderchat_jupyter.server.providers._metadata import sound, without_reasoning
from coderchat_jupyter.server.providers._protocol import (
    Item,
    ModelCall,
    PartSigned,
    ProviderError,
    Reply,
    StepUsage,
)
from coderchat_jupyter.server.providers._settings import Passed
from coderchat_jupyter.server.providers._settings_openai import (
    chat_body,
    responses_body,
    wants_responses,
)
from coderchat_jupyter.server.providers._transport import new_http_client
from coderchat_jupyter.server.providers._vendor import VendorProvider

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from coderchat_jupyter.server.providers._openai_model import ExactChatModel
    from coderchat_jupyter.server.providers._openai_responses import (
        ExactResponsesModel,
    )

__all__ = ["OpenAIChatProvider"]

_REASONING_FIELD: Final[dict[str, Literal["reasoning", "reasoning_content"]]] = {
    "openai-compat": "reasoning_content",
    "openrouter": "reasoning",
    "vercel": "reasoning",
}
"""Where reasoning goes back. OpenAI itself refuses the field."""


_ENCRYPTED: Final = "reasoning.encrypted_content"
"""What makes the Responses API hand out reasoning that can be given back."""

_NO_END: Final = "openai responses stream closed before terminal event"


class OpenAIChatProvider(VendorProvider["AsyncOpenAI"]):
    """A provider of type openai, azure, openai-compat, openrouter, vercel or local.

    Models of OpenAI are asked by the Responses API where an option needs it.
    """

    async def _answer(
        self, client: AsyncOpenAI, call: ModelCall
    ) -> AsyncGenerator[Item, None]:
        from pydantic_ai.direct import model_request_stream

        from coderchat_jupyter.server.providers._openai_pieces import items_of

        model, passed = self._model(client, call)
        reader = Reader(
            shows_tool_input=True,
            calls_stop=model.calls_stop,
            wants_follower=model.calls_stop,
        )
        async with model_request_stream(
            model,
            _told(model, call),
            model_settings={"extra_body": passed.values},
            model_request_parameters=parameters(call),
        ) as stream:
            async with aclosing(items_of(stream, reader)) as items:
                async for item in items:
                    yield item
            if model.calls_stop and stream.finish_reason is None:
                raise ProviderError(_NO_END)
            if signed := _signed(model):
                yield signed
            yield reader.finish(stream, _usage(model.counted), passed.ignored)

    async def _reply(self, client: AsyncOpenAI, call: ModelCall) -> Reply:
        from pydantic_ai.direct import model_request

        model, passed = self._model(client, call)
        model.must_call = call.must_call
        response = await model_request(
            model,
            _told(model, call),
            model_settings={"extra_body": passed.values},
            model_request_parameters=parameters(call),
        )
        return reply_of(response, _usage(model.counted), passed.ignored)

    def _model(
        self, client: AsyncOpenAI, call: ModelCall
    ) -> tuple[ExactChatModel | ExactResponsesModel, Passed]:
        from coderchat_jupyter.server.providers._openai_model import exact_chat_model
        from coderchat_jupyter.server.providers._openai_responses import (
            exact_responses_model,
        )

        family, has_tools = self._row.type, bool(call.tools)
        if not wants_responses(call.settings, family):
            field = _REASONING_FIELD.get(family)
            model = exact_chat_model(call.model, client, reasoning_field=field)
            return model, chat_body(call.settings, family, has_tools=has_tools)
        # A forced call must be one of ours, not a search.
        may_search = call.vendor_tools and not call.must_call
        passed = responses_body(
            call.settings, family, has_tools=has_tools, may_search=may_search
        )
        search = passed.values.pop("web_search", None)
        newer = exact_responses_model(call.model, client, search=search)
        if newer.reasons or "reasoning" in passed.values:
            asked_for = passed.values.get("include", [])
            passed.values["include"] = list(dict.fromkeys([*asked_for, _ENCRYPTED]))
        return newer, passed

    def _open(self) -> AsyncOpenAI:
        from coderchat_jupyter.server.providers._openai_client import QuickOpenAI

        self._import()
        key = self._row.api_key
        return QuickOpenAI(
            api_key=key.get_secret_value() if key else "none",
            base_url=self._row.base_url,
            **self._common(),
        )

    @staticmethod
    def _import() -> None:
        """Import here, in a thread, what the first call needs."""
        import openai.resources.chat.chat
        import openai.resources.chat.completions.completions
        import openai.resources.responses.responses  # noqa: F401

        import coderchat_jupyter.server.providers._openai_model
        import coderchat_jupyter.server.providers._openai_responses  # noqa: F401

    def _common(self, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
        """What clients of every kind are made with; see `new_http_client`."""
        from openai import Omit

        is_anonymous = self._row.api_key is None
        return {
            "max_retries": 0,
            # What the environment holds for OpenAI is not for another provider.
            "default_headers": {
                "OpenAI-Organization": Omit(),
                "OpenAI-Project": Omit(),
            },
            "http_client": new_http_client(
                self._row.base_url, is_anonymous=is_anonymous, without=without
            ),
        }

    async def _close(self, client: AsyncOpenAI) -> None:
        await client.close()


def _signed(model: ExactChatModel | ExactResponsesModel) -> PartSigned | None:
    """What a gateway kept of the reasoning of the whole answer."""
    thoughts = getattr(model, "thoughts", None)
    found = thoughts.whole() if thoughts else ()
    kept = sound({"details": {"reasoning_details": found}}) if found else None
    return PartSigned("reasoning", kept) if kept else None


def _told(model: ExactChatModel | ExactResponsesModel, call: ModelCall) -> Any:
    """The conversation; the Responses API takes back no reasoning but its own."""
    shown = without_reasoning(call, wanted=True) if model.calls_stop else call
    return history(shown, vendor=model.system)


def _usage(counted: object) -> StepUsage | None:
    """Map what the vendor counted: cached tokens are not counted twice.

    The two APIs name the same counts differently.
    """
    if counted is None:
        return None

    def count(*names: str) -> int:
        found = (_deep(counted, name) for name in names)
        return tokens(next((n for n in found if n is not None), None))

    prompt = count("prompt_tokens", "input_tokens")
    cached = count(
        "prompt_tokens_details.cached_tokens", "input_tokens_details.cached_tokens"
    )
    return usage_of(
        input_tokens=max(prompt - cached, 0),
        output_tokens=count("completion_tokens", "output_tokens"),
        total_tokens=count("total_tokens"),
        reasoning_tokens=count(
            "completion_tokens_details.reasoning_tokens",
            "output_tokens_details.reasoning_tokens",
        ),
        cache_read_tokens=cached,
    )


def _deep(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = getattr(value, name, None)
    return value
