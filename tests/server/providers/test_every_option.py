"""Every option of a model's configuration has an effect, or is told as ignored."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from coderchat_jupyter.server.providers import Provider
from coderchat_jupyter.server.providers._ignored import ignored_options
from coderchat_jupyter.server.providers._protocol import Finished, Ignored
from coderchat_jupyter.wire.models import CallConfig
from coderchat_jupyter.wire.provider_options import OPTION_FAMILIES, ProviderOptions
from tests.fakes.vendor import FakeVendor, Reply, chat_stream, messages_stream
from tests.fakes.vendor_wires import bedrock_stream, gemini_stream, responses_stream
from tests.server.providers.calls import LOOKUP, call, items, thought

Connect = Callable[..., Provider]

SAMPLING = (
    "max_output_tokens",
    "temperature",
    "top_p",
    "top_k",
    "presence_penalty",
    "frequency_penalty",
)

# By type: what the fake vendor answers, and what may stay ignored, with the reason
# why that is so.
TABLE: dict[str, tuple[Callable[[], Reply], set[str]]] = {
    "anthropic": (
        messages_stream,
        {
            "presence_penalty",  # the API has none
            "frequency_penalty",
            "temperature",  # refused beside thinking
            "top_k",
            "top_p",
        },
    ),
    "azure": (responses_stream, set()),
    "bedrock": (
        bedrock_stream,
        {
            "presence_penalty",  # the API has none
            "frequency_penalty",
            "temperature",  # refused beside thinking
            "top_k",
            "top_p",
            "web_search_enabled",  # Anthropic's own tool
            "allowed_domains",
            "blocked_domains",
        },
    ),
    "google": (lambda: gemini_stream({"text": "x"}), set()),
    "local": (chat_stream, set()),
    "openai": (responses_stream, set()),
    "openai-compat": (chat_stream, set()),
    "openrouter": (chat_stream, set()),
    "vercel": (chat_stream, set()),
}
TABLE["google"][1].update(
    {
        "threshold",  # every safety setting has one
        "tools",  # a cached content brings its own
        "web_search_enabled",
    }
)
for own in ("azure", "openai"):
    TABLE[own][1].update(
        {
            "max_output_tokens",  # the other limit counts
            "top_k",  # no API of OpenAI has it
            "presence_penalty",  # the Responses API has none
            "frequency_penalty",
            "logit_bias",
            "prediction",
            "strict_json_schema",  # tools are plain
            "structured_outputs",
        }
    )

MODELS = {
    "bedrock": "anthropic.claude-sonnet-4-5-20250929-v1:0",
    # One that can search beside tools.
    "google": "gemini-3-pro-preview",
}

VALUES: dict[str, Any] = {
    "send_reasoning": False,
    "include": ["file_search_call.results"],
    "category": "HARM_CATEGORY_HARASSMENT",
    "threshold": "BLOCK_NONE",
    "blocked_domains": [],  # excludes allowed_domains; has a test of its own
    "temperature": 0.25,
    "top_p": 0.5,
}


def filled(model: type[BaseModel]) -> dict[str, Any]:
    """Every field of an options class, none with the value that counts anyway."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        found[field.alias or name] = VALUES.get(name, _value(field.annotation))
    return found


def _value(kind: Any) -> Any:
    plain = [arg for arg in get_args(kind) if arg is not type(None)]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return filled(kind)
    if kind in (bool, str, int, float):
        return {bool: True, str: "low", int: 2048, float: 0.5}[kind]
    if "Table" in str(kind) or "dict" in str(kind):
        return {"7": 1}
    if plain and (inner := plain[0]):
        is_many = "tuple" in str(kind) or "Items" in str(kind)
        return [_value(inner)] if is_many else _value(inner)
    raise AssertionError(f"no value for {kind}")


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict) and value and not set(value) <= {"7"}:
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    else:
        yield path


def without(settings: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    left = copy.deepcopy(settings)
    place = left
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return left


def everything(type_: str) -> dict[str, Any]:
    family = OPTION_FAMILIES[type_]
    field = ProviderOptions.model_fields[family]
    (options,) = [arg for arg in get_args(field.annotation) if arg is not type(None)]
    settings = {name: VALUES.get(name, 9) for name in SAMPLING}
    return settings | {"provider_options": {family: filled(options)}}


@pytest.fixture
async def ask(
    vendor: FakeVendor, connect: Connect
) -> AsyncIterator[Callable[..., Any]]:
    providers: dict[str, Provider] = {}

    async def asked(
        type_: str, settings: dict[str, Any]
    ) -> tuple[dict[str, Any], tuple[Ignored, ...]]:
        # The local model is reached as any other that speaks that protocol.
        kind = "openai-compat" if type_ == "local" else type_
        provider = providers.setdefault(kind, connect(kind))
        vendor.will(TABLE[type_][0]())
        made = call(
            "q", thought("hm", "a", "sig"), "r", tools=(LOOKUP,), settings=settings
        )
        made = type(made)(
            MODELS.get(type_, "model-1"), made.messages, made.tools, made.settings
        )
        finished = (await items(provider, made))[-1]
        assert isinstance(finished, Finished)
        return vendor.seen[-1].body, finished.ignored

    yield asked
    assert not vendor.replies


def test_the_table_has_every_type_that_takes_options() -> None:
    assert set(TABLE) == set(OPTION_FAMILIES)


@pytest.mark.parametrize("type_", sorted(TABLE))
async def test_every_option_changes_the_request_or_is_told(
    type_: str, ask: Callable[..., Any]
) -> None:
    """Each is left out of the whole set in turn: the request must then differ."""
    whole = everything(type_)
    body, ignored = await ask(type_, whole)
    told = {one.option for one in ignored}
    idle = []
    for path in leaves(whole):
        less, _ = await ask(type_, without(whole, path))
        names = [name for name in path if name != OPTION_FAMILIES[type_]]
        if less == body and not told & set(names) and path[-1] != "blocked_domains":
            idle.append(".".join(map(str, path)))

    assert idle == []
    assert told - TABLE[type_][1] == set()


@pytest.mark.parametrize("type_", sorted(TABLE))
async def test_what_nobody_set_is_neither_sent_nor_told(
    type_: str, ask: Callable[..., Any]
) -> None:
    """Nor is an option that asks for nothing."""
    bare, ignored = await ask(type_, {})
    empty: dict[str, Any] = {"provider_options": {OPTION_FAMILIES[type_]: {}}}

    assert ignored == ()
    assert await ask(type_, empty) == (bare, ())


@pytest.mark.parametrize("type_", ["anthropic", "bedrock", "google"])
async def test_an_option_of_a_newer_server_is_told(
    type_: str, ask: Callable[..., Any]
) -> None:
    """These APIs refuse fields that they do not know."""
    options = {OPTION_FAMILIES[type_]: {"hyper_drive": 3}}

    _, ignored = await ask(type_, {"provider_options": options})

    assert [one.option for one in ignored] == ["hyper_drive"]


@pytest.mark.parametrize("type_", sorted(TABLE))
def test_every_option_of_every_other_family_is_told(type_: str) -> None:
    """They are kept for the day that the model moves to another provider."""
    own = OPTION_FAMILIES[type_]
    families = {OPTION_FAMILIES[other] for other in TABLE} - {own}
    given = {
        name: everything(other)["provider_options"][name]
        for other in sorted(TABLE)
        if (name := OPTION_FAMILIES[other]) in families
    }
    settings = CallConfig.model_validate({"provider_options": given})

    told = {one.option for one in ignored_options(type_, "model-1", settings)}

    assert told == {
        f"{name}.{option}"
        for name, options in given.items()
        for option, value in options.items()
        if value not in (False, [])
    }


async def test_domains_can_be_blocked_instead(ask: Callable[..., Any]) -> None:
    options = {"web_search_enabled": True, "blocked_domains": ["b.example"]}

    body, ignored = await ask("anthropic", {"provider_options": {"anthropic": options}})

    search = next(tool for tool in body["tools"] if tool["name"] == "web_search")
    assert search["blocked_domains"] == ["b.example"]
    assert ignored == ()


async def test_limits_of_a_search_that_is_off_are_told(ask: Callable[..., Any]) -> None:
    options = {"anthropic": {"allowed_domains": ["a.example"]}}

    _, ignored = await ask("anthropic", {"provider_options": options})

    assert [str(one) for one in ignored] == [
        '"allowed_domains" was ignored: web search is not enabled'
    ]


async def test_what_a_safety_setting_leaves_open_takes_the_common_threshold(
    ask: Callable[..., Any],
) -> None:
    options = {
        "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT"}],
        "threshold": "BLOCK_NONE",
    }

    body, ignored = await ask("google", {"provider_options": {"google": options}})

    assert body["safetySettings"] == [
        {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}
    ]
    assert ignored == ()


def test_the_settings_that_every_family_has_are_all_in_the_table() -> None:
    others = {"cost", "provider_options"}

    assert set(CallConfig.model_fields) == {*SAMPLING, *others}
