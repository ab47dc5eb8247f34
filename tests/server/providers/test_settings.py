"""Call settings as they reach the vendor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coderchat_jupyter.server.providers import Provider
from tests.fakes.vendor import FakeVendor, chat_stream, messages_stream
from tests.server.providers.calls import LOOKUP, call, items

Connect = Callable[..., Provider]

SAMPLING = {
    "max_output_tokens": 77,
    "temperature": 0.25,
    "top_p": 0.5,
    "top_k": 9,
    "presence_penalty": 0.125,
    "frequency_penalty": -1,
}

OPENAI = {
    "logit_bias": {"5": 1},
    "log_probs": True,
    "top_log_probs": 2,
    "parallel_tool_calls": False,
    "user": "u",
    "reasoning_effort": "low",
    "text_verbosity": "high",
    "prediction": {"type": "content", "content": "x"},
    "store": False,
    "metadata": {"a": "b"},
    "prompt_cache_key": "k",
    "safety_identifier": "s",
    "service_tier": "flex",
    "structured_outputs": True,
}


async def sent(
    vendor: FakeVendor, provider: Provider, settings: dict[str, Any]
) -> dict[str, Any]:
    vendor.will(chat_stream({"content": "x"}))
    await items(provider, call(settings=settings, tools=(LOOKUP,)))
    body = dict(vendor.seen[-1].body)
    for name in ("model", "messages", "stream", "stream_options", "tools"):
        del body[name]
    return body


async def test_every_sampling_setting_is_passed_on(
    vendor: FakeVendor, connect: Connect
) -> None:
    """Also for a model whose name looks like one that refuses them."""
    body = await sent(vendor, connect("openai-compat"), SAMPLING)

    assert body == {
        "max_tokens": 77,
        "temperature": 0.25,
        "top_p": 0.5,
        "top_k": 9,
        "presence_penalty": 0.125,
        "frequency_penalty": -1,
    }


async def test_the_options_of_openai_go_by_their_names_on_the_wire(
    vendor: FakeVendor, connect: Connect
) -> None:
    settings = {"provider_options": {"openai": OPENAI, "anthropic": {"effort": "max"}}}

    body = await sent(vendor, connect("openai"), settings)

    renamed = dict(OPENAI)
    del renamed["structured_outputs"]  # about schemas, and plain tools carry none
    renamed["logprobs"] = renamed.pop("log_probs")
    renamed["top_logprobs"] = renamed.pop("top_log_probs")
    renamed["verbosity"] = renamed.pop("text_verbosity")
    assert body == {"max_completion_tokens": 32000, **renamed}


async def test_the_options_of_openrouter(vendor: FakeVendor, connect: Connect) -> None:
    options = {
        "reasoning": {"enabled": True, "effort": "high"},
        "provider": {"order": ["a"], "allow_fallbacks": False},
        "include_usage": True,
        "log_probs": True,
        "extra_body": {"transforms": ["middle-out"]},
    }

    body = await sent(
        vendor,
        connect("openrouter"),
        {"provider_options": {"openrouter": options}},
    )

    assert body == {
        "max_tokens": 32000,
        "reasoning": {"enabled": True, "effort": "high"},
        "provider": {"order": ["a"], "allow_fallbacks": False},
        "usage": {"include": True},
        "logprobs": True,
        "transforms": ["middle-out"],
    }


async def test_the_options_of_vercel(vendor: FakeVendor, connect: Connect) -> None:
    options = {"providerOptions": {"order": ["a"]}, "top_logprobs": 3, "user": "u"}

    body = await sent(
        vendor, connect("vercel"), {"provider_options": {"vercel": options}}
    )

    assert body == {
        "max_tokens": 32000,
        "providerOptions": {"gateway": {"order": ["a"]}},
        "top_logprobs": 3,
        "user": "u",
    }


async def test_the_settings_of_anthropic(vendor: FakeVendor, connect: Connect) -> None:
    options = {
        "thinking": {"budget_tokens": 2048},
        "disable_parallel_tool_use": True,
    }
    settings = {
        "max_output_tokens": 9000,
        "provider_options": {"anthropic": options},
    }
    vendor.will(messages_stream())

    await items(connect("anthropic"), call(settings=settings, tools=(LOOKUP,)))

    body = vendor.seen[0].body
    assert body["max_tokens"] == 9000
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 2048}
    assert body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}


async def test_the_sampling_settings_of_anthropic(
    vendor: FakeVendor, connect: Connect
) -> None:
    settings = {"temperature": 0.5, "top_p": 0.75, "top_k": 5}
    vendor.will(messages_stream())

    await items(connect("anthropic"), call(settings=settings))

    body = vendor.seen[0].body
    assert {name: body.get(name) for name in settings} == settings
