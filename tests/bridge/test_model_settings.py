"""A model's settings, read from a server and changed by a form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coderchat_jupyter.bridge import model_settings
from coderchat_jupyter.bridge.forms import FormField
from coderchat_jupyter.bridge.model_settings import (
    call_config,
    kept_settings,
    model_values,
    parse_model,
)
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.models import ModelConfig

BIAS = "call.provider_options.openai.logit_bias"
EFFORT = "call.provider_options.anthropic.effort"


def config(settings: dict[str, Any]) -> ModelConfig:
    body = {"id": "m", "model": "atlas", "model_config": settings}
    return ModelConfig.model_validate_json(json.dumps(body))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('{"50256": -100}', ""),
        ('{"50256": "up"}', "50256: Input should be a valid integer"),
        ("[1]", "Input should be an object"),
    ],
)
def test_free_json_is_checked_by_the_type_of_its_place(
    monkeypatch: pytest.MonkeyPatch, text: str, wrong: str
) -> None:
    """Also where the form alone cannot know what belongs there."""
    made = FormField(path=BIAS, section="options", label="Bias", kind="json")
    monkeypatch.setattr(model_settings, "MODEL_FIELDS", (made,))
    monkeypatch.setattr(model_settings, "_SETTINGS", {BIAS: made})

    read = parse_model({BIAS: text})

    assert read.errors.get(BIAS, "").startswith(wrong)
    assert bool(read.errors) == bool(wrong)
    if not wrong:
        after = config(encode(call_config(None, read.values)))
        assert model_values(after)[BIAS] == json.dumps(json.loads(text), indent=2)


def test_a_setting_of_another_type_is_blank_kept_and_can_be_replaced() -> None:
    """What a newer server stored is shown as it is, beside the form."""
    odd = {"default": "low"}
    before = config({"provider_options": {"anthropic": {"effort": odd}}})

    untouched = parse_model(model_values(before), before)
    typed = parse_model(model_values(before) | {EFFORT: "max"}, before)

    assert EFFORT not in model_values(before)
    assert dict(kept_settings(before)) == {
        "provider_options.anthropic.effort.default": '"low"'
    }
    assert untouched.values == untouched.errors == {}
    assert call_config(before.call_config, {}) == before.call_config
    assert encode(call_config(before.call_config, typed.values)) == {
        "provider_options": {"anthropic": {"effort": "max"}}
    }


def test_an_option_is_unset_without_a_trace_and_its_neighbours_stay() -> None:
    """The groups that it leaves empty go with it."""
    options = {"anthropic": {"effort": "low", "thinking": {"budget_tokens": 1}}}
    before = config({"provider_options": options})
    budget = "call.provider_options.anthropic.thinking.budget_tokens"

    one = call_config(before.call_config, {budget: None})
    both = call_config(before.call_config, {budget: None, EFFORT: None})

    assert encode(one) == {"provider_options": {"anthropic": {"effort": "low"}}}
    assert encode(both, only_set=True) == {}
    assert encode(before.call_config)["provider_options"] == options
