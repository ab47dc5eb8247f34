"""What a save of the editor sends: what was changed, and nothing else."""

from __future__ import annotations

from typing import Any, Final

import pytest

from coderchat_jupyter.bridge.editor import base_of
from coderchat_jupyter.bridge.editor_view import Outcome, SaveModel
from coderchat_jupyter.bridge.model_settings import model_values
from coderchat_jupyter.client import Client
from coderchat_jupyter.widgets._editing import Editing
from tests.fakes.recorded_server import TOKEN, recorded

ID: Final = "6f1d0c7e-3b52-4a9e-8d11-0123456789ab"
PATH: Final = f"/chats/model-configs/{ID}"
OPTIONS: Final = "call.provider_options."

SETTINGS: Final[dict[str, Any]] = {
    "temperature": 3.5,
    "top_k": None,
    "max_output_tokens": {"default": 9},
    "cost": {"input_price_per_million_tokens": "3.50", "tax": None},
    "provider_options": {
        "anthropic": {
            "effort": "of-tomorrow",
            "thinking": {"budget_tokens": 9},
            "send_reasoning": None,
            "new": [1, {"a": None}],
        },
        "google": None,
        "family_of_tomorrow": {},
    },
    "later": None,
}
CONFIG: Final[dict[str, Any]] = {
    "id": ID,
    "provider": "anthropic",
    "ai_provider_id": ID,
    "model": "atlas",
    "display_name": "",
    "enabled": True,
    "is_default": False,
    "context_limit": 1000,
    "compression_threshold": 70,
    "model_config": SETTINGS,
    "created_at": "2026-06-03T09:00:00Z",
    "updated_at": "2026-06-03T09:00:00.120431987Z",
}


def with_options(**options: Any) -> dict[str, Any]:
    """The settings with other options of Anthropic; None is none."""
    all_options = SETTINGS["provider_options"]
    wanted = all_options["anthropic"] | options
    wanted = {k: v for k, v in wanted.items() if v is not None or k not in options}
    return SETTINGS | {"provider_options": all_options | {"anthropic": wanted}}


async def sent(changes: dict[str, str]) -> tuple[Outcome, Any]:
    """Read the model, change its form, save; the outcome and the body of the PATCH."""
    async with recorded("none", version="v2.34.0") as server:
        server.answer("GET", "/chats/model-configs", 200, [CONFIG])
        server.answer("PATCH", PATH, 200, CONFIG)
        async with Client(server.url, TOKEN) as client:
            (config,) = await client.model_configs.list()
            values = model_values(config) | changes
            intent = SaveModel(id=ID, base=base_of(config), values=values)
            outcome = await Editing(client).save_model(intent)
        bodies = [one.json for one in server.asked if one.method == "PATCH"]
    assert len(bodies) == (0 if outcome.errors else 1)
    return outcome, bodies[0] if bodies else None


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        ({}, {"model_config": SETTINGS}),
        (
            {"context_limit": "2,000"},
            {"context_limit": 2000, "model_config": SETTINGS},
        ),
        ({"call.top_p": "0.5"}, {"model_config": SETTINGS | {"top_p": 0.5}}),
        (
            {"call.max_output_tokens": "8"},
            {"model_config": SETTINGS | {"max_output_tokens": 8}},
        ),
        (
            {OPTIONS + "anthropic.effort": "low"},
            {"model_config": with_options(effort="low")},
        ),
        (
            {OPTIONS + "anthropic.effort": ""},
            {"model_config": with_options(effort=None)},
        ),
        (
            {OPTIONS + "anthropic.thinking.budget_tokens": ""},
            {"model_config": with_options(thinking=None)},
        ),
        (
            {OPTIONS + "anthropic.send_reasoning": "false"},
            {"model_config": with_options(send_reasoning=False)},
        ),
        (
            {OPTIONS + "anthropic.allowed_domains": "a.example\n\n b.example "},
            {"model_config": with_options(allowed_domains=["a.example", "b.example"])},
        ),
    ],
    ids=lambda value: "" if "model_config" in value else str(value),
)
async def test_a_save_sends_what_was_changed_and_the_rest_as_it_was(
    changes: dict[str, str], body: dict[str, Any]
) -> None:
    """Out of range, of another type, null or unknown: it is not ours to mend."""
    outcome, patched = await sent(changes)

    assert outcome == Outcome(id=ID)
    assert patched == body


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("call.temperature", "4", "Must be 0.0 to 2.0"),
        (OPTIONS + "anthropic.effort", "huge", "Must be one of the choices"),
        (OPTIONS + "anthropic.send_reasoning", "maybe", "Must be on or off"),
        (
            OPTIONS + "anthropic.thinking.budget_tokens",
            "1k",
            "Must be a whole number",
        ),
        (
            OPTIONS + "anthropic.blocked_domains",
            "a.example, b.example",
            "Must be one per line, without commas",
        ),
    ],
)
async def test_a_changed_option_is_checked_and_nothing_is_sent(
    path: str, text: str, sentence: str
) -> None:
    """With the sentence at its field; what was there before is not found fault with."""
    outcome, _ = await sent({path: text})

    assert outcome.errors == {path: sentence}


async def test_two_options_that_exclude_each_other_are_not_saved() -> None:
    """The provider would refuse each call."""
    both = {
        f"{OPTIONS}anthropic.{name}_domains": "a.example"
        for name in ("allowed", "blocked")
    }

    outcome, _ = await sent(both)

    assert set(outcome.errors) == set(both)
    assert "together with Web Search: Blocked Domains" in str(outcome.errors)
