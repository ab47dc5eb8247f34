"""The editor's forms and view, from what a server sends."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from coderchat_jupyter.bridge.editor import FORMS, PRESETS, Catalogue, editor_view
from coderchat_jupyter.bridge.editor_twin import (
    editor_html,
    editor_markdown,
    editor_plain,
)
from coderchat_jupyter.bridge.editor_view import EDITOR_INTENT, EditorView
from coderchat_jupyter.bridge.model_form import (
    ENDPOINT_FIELDS,
    MODEL_FIELDS,
    parse_endpoint,
    parse_provider,
    provider_values,
)
from coderchat_jupyter.bridge.model_settings import (
    call_config,
    free_of_charge,
    kept_settings,
    model_values,
    parse_model,
)
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.models import ModelConfig
from coderchat_jupyter.wire.providers import PROVIDER_TYPES, AIProvider

AT = "2026-11-21T10:00:00Z"
SETTINGS: dict[str, Any] = {
    "max_output_tokens": 8192,
    "temperature": 0.7,
    "cost": {
        "input_price_per_million_tokens": "3.25",
        "cache_read_price_per_million_tokens": "0",
        "price_of_tomorrow": "7",
    },
    "provider_options": {"anthropic": {"effort": "high", "new": [1, {"a": None}]}},
    "setting_of_tomorrow": {"x": 1},
}


def config(settings: dict[str, Any] | None = None, **fields: Any) -> ModelConfig:
    body = {
        "id": "m1",
        "provider": "openai-compat",
        "ai_provider_id": "p1",
        "model": "atlas-1",
        "display_name": "atlas",
        "enabled": True,
        "is_default": False,
        "context_limit": 200_000,
        "compression_threshold": 70,
        "created_at": AT,
        "updated_at": AT,
    } | fields
    if settings is not None:
        body["model_config"] = settings
    return ModelConfig.model_validate_json(json.dumps(body))


def provider(**fields: Any) -> AIProvider:
    body = {
        "id": "p1",
        "type": "openai",
        "name": "gateway",
        "display_name": "Team gateway",
        "enabled": True,
        "base_url": "https://llm.example.com/v1",
        "api_keys": [{"id": "k", "masked": "sk...zz", "created_at": AT}],
        "settings": None,
        "created_at": AT,
        "updated_at": AT,
    } | fields
    return AIProvider.model_validate_json(json.dumps(body))


def saved(settings: dict[str, Any] | None, **changes: str) -> Any:
    """What the settings are after a form with these changes was saved."""
    before = config(settings)
    read = parse_model(model_values(before) | changes, before)
    assert not read.errors
    return encode(call_config(before.call_config, read.values), only_set=True)


def test_a_save_without_a_change_changes_nothing() -> None:
    """Settings of a newer server included."""
    assert saved(SETTINGS) == SETTINGS


def test_a_change_leaves_what_the_form_does_not_know() -> None:
    """Read, edit, write: not read, forget, write."""
    after = saved(SETTINGS, **{"call.temperature": "", "call.top_p": "0.9"})

    expected = {k: v for k, v in SETTINGS.items() if k != "temperature"}
    assert after == expected | {"top_p": 0.9}


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("", None),
        ("0", {"output_price_per_million_tokens": "0"}),
        ("12.10", {"output_price_per_million_tokens": "12.1"}),
    ],
)
def test_blank_is_unpriced_and_zero_is_free(text: str, cost: Any) -> None:
    """No price leaves no `cost` behind; a price of 0 does."""
    changed = saved({}, **{"prices.output_price_per_million_tokens": text})

    assert changed.get("cost") == cost


def test_settings_without_a_field_are_listed_with_their_path() -> None:
    """The reader can see what is kept."""
    assert dict(kept_settings(config(SETTINGS))) == {
        "provider_options.anthropic.new": '[1, {"a": null}]',
        "setting_of_tomorrow.x": "1",
        "cost.price_of_tomorrow": '"7"',
    }
    assert kept_settings(config({"temperature": 1})) == ()


def test_old_prices_beside_the_settings_are_shown_as_prices() -> None:
    """Servers before v2.33 stored them there."""
    values = model_values(config({"input_price_per_million_tokens": "1.5"}))

    assert values["prices.input_price_per_million_tokens"] == "1.5"


def test_every_field_has_a_value_and_every_value_a_field() -> None:
    """A value without a field would be lost, a field without a value not drawn."""
    always = {f.path for f in MODEL_FIELDS if not f.family}
    assert set(model_values(config())) == always
    assert set(model_values(config(SETTINGS))) - always == {
        "call.provider_options.anthropic.effort"
    }
    for preset in PRESETS:
        assert set(preset.values) == {f.path for f in ENDPOINT_FIELDS}


def test_every_option_has_a_place_that_is_read_and_written() -> None:
    """Whatever is put into any field comes back from there, and from nowhere else."""
    typed = {"choice": None, "integer": "3", "boolean": "false", "lines": "a\nb"}
    for made in (f for f in MODEL_FIELDS if f.family):
        text = typed.get(made.kind, "text") or made.choices[0].value
        read = parse_model({made.path: text}, config({}))
        after = config(encode(call_config(None, {made.path: read.values[made.path]})))

        assert model_values(after) == model_values(config({})) | {made.path: text}
        assert kept_settings(after) == ()


def test_a_type_of_provider_takes_options_that_the_form_has() -> None:
    """One map says whose; each of its families has fields."""
    families = {field.family for field in MODEL_FIELDS} - {""}

    assert set(FORMS.families.values()) == families
    assert set(PROVIDER_TYPES) <= set(FORMS.families)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_needs_no_more_than_a_model_and_maybe_an_address(preset: Any) -> None:
    """Adding one's Ollama is a minute's work."""
    values = preset.values | {"model": "llama3.2"}
    values["base_url"] = values["base_url"] or "http://10.0.0.7:9000/v1"

    read = parse_endpoint(values, None)

    assert not read.errors
    assert read.values["context_limit"] > 0


def test_the_view_holds_no_key_and_no_part_of_one() -> None:
    """The server's mask shows four characters; the page gets none."""
    view = editor_view(Catalogue((config(),), (provider(),)))

    assert view.providers[0].has_key
    assert "sk" not in view.model_dump_json()
    assert "masked" not in view.model_dump_json()


@pytest.mark.parametrize(
    ("made", "owner", "mark", "subtitle"),
    [
        (
            config(SETTINGS, is_default=True),
            provider(),
            "default",
            "Team gateway, 200K",
        ),
        (config(SETTINGS), provider(), "on", "Team gateway, 200K"),
        (config(), provider(), "no_price", "Team gateway, no prices"),
        (config(SETTINGS, enabled=False), provider(), "off", "Team gateway, 200K"),
        (config(), provider(enabled=False), "off", "Team gateway, provider off"),
        (config(), provider(api_keys=[]), "no_key", "Team gateway, key not set"),
        (
            config(SETTINGS),
            provider(api_keys=[], type="openai-compat"),
            "on",
            "Team gateway, 200K",
        ),
    ],
)
def test_a_row_says_the_most_important_thing(
    made: ModelConfig, owner: AIProvider, mark: str, subtitle: str
) -> None:
    """Why a model cannot answer comes before what it costs."""
    (row,) = editor_view(Catalogue((made,), (owner,))).models

    assert (row.mark, row.subtitle) == (mark, subtitle)


def test_who_may_not_list_providers_still_sees_models() -> None:
    """With the type that the server gives, in place of a name."""
    view = editor_view(Catalogue((config(),), None, problem="No.", read_only="No."))

    assert view.models[0].subtitle == "openai-compat, no prices"
    assert (view.read_only, view.providers) == ("No.", ())


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("my-endpoint-2", True),
        ("My", False),
        ("a--b", False),
        ("-a", False),
        ("ä", False),
    ],
)
def test_a_provider_name_is_what_the_server_takes(name: str, fine: bool) -> None:
    """Refused here, at its field, before anything is sent."""
    read = parse_provider({"name": name}, None)

    assert ("name" not in read.errors) is fine


@pytest.mark.parametrize("key", ["sk-1 ", " sk-1", "sk\n1", "x" * 10_241])
def test_a_key_with_blanks_is_refused_without_being_quoted(key: str) -> None:
    """A pasted line break is the usual reason why a key does not work."""
    read = parse_provider({}, key)

    assert "api_key" in read.errors
    assert key.strip() not in repr(read)


@pytest.mark.parametrize(
    "intent",
    [
        {"op": "save_provider", "values": 7, "api_key": "sk-very-secret", "x": 1},
        {"op": "save_everything", "api_key": "sk-very-secret"},
        {"api_key": "sk-very-secret"},
        {"op": "add_endpoint", "values": {}, "api_key": ["sk-very-secret"]},
    ],
)
def test_a_malformed_intent_is_refused_without_quoting_the_key(
    intent: dict[str, Any],
) -> None:
    """What pydantic says of it may end up in a log."""
    with pytest.raises(ValueError, match="validation error") as refused:
        EDITOR_INTENT.validate_python(intent)

    assert "sk-very-secret" not in str(refused.value)


def test_a_price_of_many_digits_is_kept_to_the_last() -> None:
    """Decimal from the wire to the form and back."""
    price = "0.123456789012345678"
    cost = {"input_price_per_million_tokens": price}

    assert saved({"cost": cost})["cost"] == cost
    assert Decimal(price) == Decimal(saved({"cost": cost})["cost"].popitem()[1])


def test_a_saved_editor_lists_models_and_no_form() -> None:
    """Readable without a kernel; names are text, whatever they hold."""
    evil = config(SETTINGS, display_name="<img src=x>|`a`\x1b[31m", is_default=True)
    view = editor_view(Catalogue((evil, config(model="b")), (provider(),), server="s"))

    plain, markdown, html = editor_plain(view), editor_markdown(view), editor_html(view)

    assert plain.splitlines()[0] == "2 models and 1 provider of s"
    assert "Team gateway" in plain and "unpriced" in plain and "3.25" in plain
    assert "<img" not in html and "\\<img" in markdown
    assert "\x1b" not in plain + markdown + html


def test_a_saved_editor_says_why_it_is_empty() -> None:
    """Not a table of nothing."""
    failed = EditorView(phase="failed", problem="No answer.")

    assert editor_plain(failed) == "Models could not be read: No answer."
    assert editor_plain(EditorView()) == "Models are being read."


def test_a_provider_of_a_type_of_our_own_can_be_edited() -> None:
    """The local model's type is none that a deployment offers."""
    values = provider_values(provider(type="local", base_url="http://127.0.0.1"))

    assert parse_provider(values, None).errors == {}
    assert parse_provider(values | {"type": "openai"}, "sk-1").errors == {}


def test_free_of_charge_is_a_price_for_every_kind_of_token() -> None:
    """A cached token without a price would make the answer unpriced again."""
    free = encode(call_config(None, free_of_charge()))

    assert set(free["cost"].values()) == {"0"}
    assert len(free["cost"]) == 4


def test_an_editor_for_who_may_not_list_providers_counts_models_alone() -> None:
    """None listed is not none there."""
    view = editor_view(Catalogue((config(),), None, problem="No."))

    assert editor_plain(view).splitlines()[0] == "1 model"
    assert editor_markdown(EditorView()) == "Models are being read."
