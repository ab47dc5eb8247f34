"""Prices of well-known models, filled in where nobody said any."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coderchat_jupyter.server.known_prices import known_prices, priced
from coderchat_jupyter.wire.cost import Prices
from coderchat_jupyter.wire.models import CallConfig
from tests.server.world import Person, World

PUBLIC = "https://api.example.com/v1"


def pair(type_: str, model: str, url: str = PUBLIC) -> tuple[str, str] | None:
    found = known_prices(type_, url, model)
    if found is None:
        return None
    return (
        str(found.input_price_per_million_tokens),
        str(found.output_price_per_million_tokens),
    )


@pytest.mark.parametrize(
    ("type_", "model", "expected"),
    [
        ("openai", "gpt-4o", ("2.5", "10")),
        ("openai", "gpt-4o-2024-08-06", ("2.5", "10")),
        ("azure", "gpt-4o", ("2.5", "10")),
        ("anthropic", "claude-sonnet-4-5-20250929", ("3", "15")),
        ("bedrock", "anthropic.claude-3-5-haiku-20241022-v1:0", ("0.8", "4")),
        ("bedrock", "amazon.nova-pro-v1:0", ("0.8", "3.2")),
        ("google", "gemini-2.5-pro", ("1.25", "10")),
        ("google", "models/gemini-2.5-pro", ("1.25", "10")),
        ("openrouter", "anthropic/claude-sonnet-4.5", ("3", "15")),
        ("openrouter", "some/model:free", ("0", "0")),
        ("vercel", "openai/gpt-4o", ("2.5", "10")),
        ("vercel", "anthropic/claude-sonnet-4.5", ("3", "15")),
    ],
)
def test_a_model_is_found_by_the_name_its_provider_gives_it(
    type_: str, model: str, expected: tuple[str, str]
) -> None:
    """Dated names, regions and makers included; long prompts are not counted."""
    assert pair(type_, model) == expected


@pytest.mark.parametrize(
    ("type_", "model"),
    [
        ("openai", "my-fine-tune"),
        ("azure", "my-deployment"),
        ("vercel", "nobody/gpt-4o"),
        ("vercel", "gpt-4o"),
        ("openai-compat", "gpt-4o"),
        ("local", "gpt-4o"),
        ("scripted", "gpt-4o"),
    ],
)
def test_what_is_not_known_has_no_price_rather_than_zero(
    type_: str, model: str
) -> None:
    """A server of one's own may call its models as it likes."""
    assert known_prices(type_, "http://127.0.0.1:11434/v1", model) is None


def test_a_compatible_vendor_is_known_by_its_address() -> None:
    url = "https://api.groq.com/openai/v1"

    assert pair("openai-compat", "llama-3.3-70b-versatile", url) is not None


def test_prices_that_somebody_said_are_left_alone() -> None:
    """Also where they said that there are none."""
    own = CallConfig(cost=Prices(input_price_per_million_tokens=Decimal(1)))
    none = CallConfig(cost=Prices())

    for config in (own, none):
        assert priced(config, "openai", PUBLIC, "gpt-4o") is config


async def _made(person: Person, model: str, **config: object) -> dict[str, object]:
    body = {
        "type": "openai",
        "name": "vendor",
        "enabled": True,
        "base_url": PUBLIC,
        "api_keys": ["sk-0123456789"],
    }
    provider = (await person.call("POST", "/api/v2/ai/providers", body)).json()
    answer = await person.call(
        "POST",
        "/chats/model-configs",
        {
            "ai_provider_id": provider["id"],
            "model": model,
            "context_limit": 1000,
            **config,
        },
    )
    found: dict[str, object] = answer.json()
    return found


async def test_a_new_model_config_has_the_prices_of_its_model(admin: Person) -> None:
    made = await _made(admin, "gpt-4o", model_config={"temperature": 0.5})

    assert made["model_config"] == {
        "temperature": 0.5,
        "cost": {
            "input_price_per_million_tokens": "2.5",
            "output_price_per_million_tokens": "10",
            "cache_read_price_per_million_tokens": "1.25",
        },
    }


async def test_strictly_v234_no_price_is_filled_in(strict_world: World) -> None:
    made = await _made(strict_world.admin, "gpt-4o")

    assert "model_config" not in made
