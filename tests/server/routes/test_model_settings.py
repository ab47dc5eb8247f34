"""The settings of a model as requests hold them: read as strictly as Go reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coderchat_jupyter.server.routes._call_config import is_decimal
from tests.server.world import Person

CONFIGS = "/chats/model-configs"


async def post(admin: Person, settings: Any) -> Any:
    body = {
        "ai_provider_id": admin.world.provider,
        "model": "m",
        "context_limit": 1,
        "model_config": settings,
    }
    return await admin.call("POST", CONFIGS, body)


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ("x", "model_config"),
        ({"temperature": "0.5"}, "model_config.temperature"),
        ({"max_output_tokens": 3.0}, "model_config.max_output_tokens"),
        ({"max_output_tokens": 2**63}, "model_config.max_output_tokens"),
        ({"top_k": True}, "model_config.top_k"),
        ({"provider_options": []}, "model_config.provider_options"),
        ({"provider_options": {"openai": {"logit_bias": "x"}}}, "openai.logit_bias"),
        ({"provider_options": {"openai": {"logit_bias": {"5": "1"}}}}, "logit_bias"),
        ({"provider_options": {"vercel": {"logit_bias": {"5": 2**63}}}}, "logit_bias"),
        ({"provider_options": {"openai": {"include": ["a", 1]}}}, "openai.include"),
        (
            {"provider_options": {"google": {"safety_settings": ["x"]}}},
            "google.safety_settings",
        ),
        ({"provider_options": {"anthropic": {"thinking": 1}}}, "anthropic.thinking"),
    ],
)
async def test_a_setting_of_the_wrong_type_is_refused_by_its_place(
    admin: Person, settings: Any, place: str
) -> None:
    """In the words of the reference, without a class of ours."""
    answer = await post(admin, settings)

    body = answer.json()
    assert (answer.status_code, sorted(body)) == (400, ["detail", "message"])
    assert place in body["detail"]
    assert "instance of" not in body["detail"]
    assert "Options" not in body["detail"]


async def test_a_price_keeps_every_digit_that_it_was_sent_with(admin: Person) -> None:
    """As a number, too, which a float would cut."""
    price = "1234567890.12345678901234567"
    body = {
        "ai_provider_id": admin.world.provider,
        "model": "m",
        "context_limit": 1,
        "model_config": {"cost": {"input_price_per_million_tokens": "@"}},
    }
    path = f"/api/experimental{CONFIGS}"
    raw = json.dumps(body).replace('"@"', price)

    made = await admin.http.post(path, content=raw.encode())

    assert made.status_code == 201
    told = made.json()["model_config"]["cost"]
    assert told == {"input_price_per_million_tokens": price}


async def test_names_fit_whatever_their_case_and_null_is_absent(admin: Person) -> None:
    settings = {
        "Temperature": 1,
        "TOP_K": None,
        "Cost": {"Input_price_per_million_tokens": "+.50"},
        "provider_options": {
            "OpenAI": {"Include": ["a", None], "logit_bias": None},
            "vercel": {"extra_body": {"kept": None}},
        },
    }

    answer = await post(admin, settings)

    assert answer.status_code == 201, answer.text
    told = answer.json()["model_config"]
    assert told["temperature"] == 1
    assert "top_k" not in told
    assert told["cost"]["input_price_per_million_tokens"] == "0.5"
    assert told["provider_options"] == {
        "openai": {"include": ["a", ""]},
        "vercel": {"extra_body": {"kept": None}},
    }


@pytest.mark.parametrize(
    "text", ["3", "+3", "-3", ".5", "5.", "1e3", "1E-3", "0.10", "9" * 40]
)
def test_a_decimal_is_what_the_reference_takes(text: str) -> None:
    assert is_decimal(text)


@pytest.mark.parametrize("text", ["1e99999999999999", "1e2147483648", "--1", "1-", "∞"])
def test_anything_else_is_no_decimal(text: str) -> None:
    assert not is_decimal(text)
