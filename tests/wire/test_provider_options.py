"""Options of providers: what their forms are made of, and what survives an edit."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from coderchat_jupyter.wire._base import OMIT
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire._lenient import read_leniently
from coderchat_jupyter.wire.models import CallConfig, ModelConfig
from coderchat_jupyter.wire.provider_options import (
    OPTION_FAMILIES,
    AnthropicOptions,
    ProviderOptions,
)
from coderchat_jupyter.wire.providers import PROVIDER_TYPES
from tests.wire.contract import contract
from tests.wire.contract_table import TYPES, ours

TOLD: Final = ("description", "label", "enum", "hidden")

DESCRIBED: Final = [
    pytest.param(generation, name, raw, id=f"{generation}-{name}-{raw['json']}")
    for generation in ("g0", "g1")
    for name, declared in contract(generation).types.items()
    for raw in declared["fields"]
    if any(raw.get(tag) for tag in TOLD)
]

SETTINGS: Final[dict[str, Any]] = {
    "temperature": None,
    "z_setting": 1,
    "provider_options": {
        "anthropic": {
            "effort": "of-tomorrow",
            "thinking": {"budget_tokens": None, "display": "summarized"},
            "allowed_domains": None,
            "blocked_domains": [],
            "z": {"b": [1.5, {"c": None}], "a": ""},
            "a": False,
        },
        "openai": {"metadata": None, "logit_bias": {}, "prediction": {"x": [None]}},
        "google": None,
        "vercel": {"providerOptions": {"order": ["b", "a"], "order2": ["x"]}},
        "family_of_tomorrow": {"on": True},
    },
    "a_setting": {"y": 1, "x": [2]},
}


def field_of(name: str, wire_name: str) -> FieldInfo:
    """Our field for one of the contract."""
    fields: dict[str, FieldInfo] = ours(TYPES[name]).model_fields
    return next(f for n, f in fields.items() if wire_name in (n, f.alias))


def told(info: FieldInfo) -> dict[str, Any]:
    """What a field says of itself, in the words of the contract."""
    extra = info.json_schema_extra
    assert isinstance(extra, dict) and extra["form"]
    choices = extra.get("choices", [])
    assert isinstance(choices, list)
    return {
        "description": info.description or "",
        "label": extra.get("label", ""),
        "enum": ",".join(str(choice) for choice in choices),
        "hidden": "true" if extra.get("hidden") else "",
    }


@pytest.mark.parametrize(("generation", "name", "raw"), DESCRIBED)
def test_a_field_says_of_itself_what_the_server_says_of_it(
    generation: str, name: str, raw: dict[str, Any]
) -> None:
    """Exactly the newer server's words; what the older one chose from is among ours."""
    found = told(field_of(name, raw["json"]))

    if generation == "g1":
        assert found == {tag: raw.get(tag, "") for tag in TOLD}
    else:
        older = {choice for choice in raw.get("enum", "").split(",") if choice}
        assert older <= set(found["enum"].split(","))


def test_a_field_that_the_server_does_not_describe_is_in_no_form() -> None:
    """Nothing of the form is invented: every described field is the contract's."""
    described = {
        (name, raw["json"])
        for name, declared in contract("g1").types.items()
        for raw in declared["fields"]
        if any(raw.get(tag) for tag in TOLD)
    }
    for name in {name for name, _ in described}:
        for attribute, info in ours(TYPES[name]).model_fields.items():
            is_ours = isinstance(info.json_schema_extra, dict)
            assert is_ours == ((name, info.alias or attribute) in described)


def test_every_option_is_left_out_when_it_is_empty() -> None:
    """As by Go: an option that nobody set is not sent."""
    assert encode(ProviderOptions()) == {}
    for info in ProviderOptions.model_fields.values():
        assert OMIT in info.metadata


@pytest.mark.parametrize("provider_type", PROVIDER_TYPES)
def test_every_type_of_provider_has_options(provider_type: str) -> None:
    """Azure speaks OpenAI's protocol, Bedrock Anthropic's."""
    assert OPTION_FAMILIES[provider_type] in ProviderOptions.model_fields


def test_settings_are_written_back_as_they_were_read() -> None:
    """Null is not absence, and unknown families, options and values are kept."""
    body = {"id": "m", "model_config": SETTINGS}

    config = ModelConfig.model_validate_json(json.dumps(body))

    assert encode(config, only_set=True) == body


def test_what_is_unknown_keeps_its_order() -> None:
    """An order may mean something to who wrote it."""
    config = CallConfig.model_validate(SETTINGS)

    assert list(config.model_extra or ()) == ["z_setting", "a_setting"]
    options = config.provider_options
    assert options is not None and options.anthropic is not None
    assert list(options.anthropic.model_extra or ()) == ["z", "a"]
    written = encode(options, only_set=True)
    assert json.dumps(written["anthropic"]["z"]) == json.dumps(
        SETTINGS["provider_options"]["anthropic"]["z"]
    )


@pytest.mark.parametrize(
    ("place", "odd"),
    [
        (("temperature",), {"default": 1}),
        (("cost",), "3"),
        (("cost", "input_price_per_million_tokens"), [3]),
        (("provider_options",), ["anthropic"]),
        (("provider_options", "google"), 7),
        (("provider_options", "anthropic", "effort"), {"default": "low", "max": 1}),
        (("provider_options", "anthropic", "thinking", "budget_tokens"), "much"),
        (("provider_options", "openai", "logit_bias"), {"5": "up"}),
        (("provider_options", "vercel", "providerOptions", "order"), {"a": 1}),
        (("provider_options", "openai", "allowed_domains"), [1, None]),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else "",
)
def test_a_setting_of_another_shape_is_kept_and_costs_no_other(
    place: tuple[str, ...], odd: Any
) -> None:
    """A server of tomorrow may change a type; its models are listed all the same."""
    settings: dict[str, Any] = {"top_p": 0.5}
    inner = settings
    for name in place[:-1]:
        inner = inner.setdefault(name, {})
    inner[place[-1]] = odd
    body = {"id": "m", "model_config": settings}

    config = ModelConfig.model_validate_json(json.dumps(body))

    assert config.call_config is not None
    assert config.call_config.top_p == 0.5
    assert encode(config, only_set=True) == body
    again = read_leniently(CallConfig, encode(config.call_config, only_set=True))
    assert again == config.call_config


def test_what_we_make_is_checked() -> None:
    """Leniency is for what others stored."""
    with pytest.raises(ValidationError):
        AnthropicOptions.model_validate({"effort": 5})
    with pytest.raises(ValidationError):
        ModelConfig.model_validate({"id": "m", "model_config": "none"})
