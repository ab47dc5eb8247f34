"""The editor against a real server: what is saved, refused, kept, and never said."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import comm
import pytest

from coderchat_jupyter.bridge.editor import PRESETS
from coderchat_jupyter.bridge.editor_view import EditorView
from coderchat_jupyter.client import Client
from coderchat_jupyter.widgets.model_config import ModelConfigEditor
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.models import CallConfig, ModelConfig, UpdateModelConfig
from tests.kernels._server import ChatServer, run_server
from tests.widgets._serving import Recorded, add_user, ask
from tests.widgets.conftest import until

KEY = "sk-very-secret-0123456789"
OTHER = next(preset for preset in PRESETS if preset.name == "endpoint")
ENDPOINT = OTHER.values | {
    "base_url": "http://127.0.0.1:9/v1",
    "model": "qwen3:8b",
    "default": "false",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[ChatServer]:
    with run_server(place) as running:
        yield running


@pytest.fixture(autouse=True)
def _traffic(monkeypatch: pytest.MonkeyPatch, _wires: None) -> None:
    Recorded.everything.clear()
    monkeypatch.setattr(comm, "create_comm", Recorded)


@pytest.fixture
async def client(server: ChatServer) -> AsyncIterator[Client]:
    async with Client(server.url, server.token) as client:
        yield client
        # Each test finds the server as it was.
        for provider in await client.providers.list():
            if provider.type != "scripted":
                for config in await client.model_configs.list():
                    if config.ai_provider_id == provider.id:
                        await client.model_configs.delete(config.id)
                await client.providers.delete(provider.id)


@pytest.fixture
async def editor(client: Client) -> AsyncIterator[ModelConfigEditor]:
    made = ModelConfigEditor(client)
    await ready(made)
    yield made
    made.close()


async def ready(editor: ModelConfigEditor) -> EditorView:
    await until(lambda: editor.present().phase != "loading")
    return editor.present()


async def add(editor: ModelConfigEditor, **values: str) -> str:
    """Add an endpoint with a key; the id of its model."""
    reply = await ask(
        editor,
        op="add_endpoint",
        preset="endpoint",
        values=ENDPOINT | values,
        api_key=KEY,
    )
    assert reply["error"] is None
    assert reply["result"]["errors"] == {}
    return str(reply["result"]["id"])


def model(editor: ModelConfigEditor, model_id: str) -> Any:
    return next(row for row in editor.present().models if row.id == model_id)


async def stored(client: Client, model_id: str) -> ModelConfig:
    """A model config as the server has it."""
    return next(c for c in await client.model_configs.list() if c.id == model_id)


async def save(editor: ModelConfigEditor, model_id: str, **values: str) -> Any:
    row = model(editor, model_id)
    changed = row.values | {name.replace("__", "."): v for name, v in values.items()}
    reply = await ask(
        editor, op="save_model", id=model_id, base=row.base, values=changed
    )
    return reply["result"]


async def test_it_lists_what_the_server_has(editor: ModelConfigEditor) -> None:
    """Returned at once, and filled in when the server has answered."""
    view = editor.present()

    assert [row.title for row in view.models] == ["Scripted"]
    assert [row.state for row in view.models] == ["default"]
    assert [row.title for row in view.providers] == ["Scripted"]
    assert view.read_only is None


async def test_an_endpoint_is_one_form_and_then_a_provider_and_a_model(
    editor: ModelConfigEditor, client: Client
) -> None:
    """Address, key, model: a minute's work."""
    model_id = await add(editor)

    (provider,) = [p for p in await client.providers.list() if p.type != "scripted"]
    config = await stored(client, model_id)
    assert (provider.base_url, len(provider.api_keys)) == (ENDPOINT["base_url"], 1)
    assert (config.model, config.ai_provider_id) == ("qwen3:8b", provider.id)
    row = next(p for p in editor.present().providers if p.id == provider.id)
    assert (row.title, row.has_key) == ("127.0.0.1:9", True)


async def test_a_key_is_in_nothing_that_is_said_shown_or_saved(
    editor: ModelConfigEditor, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in a trait, a view, a reply, an error, a repr, a log or a picture."""
    # At DEBUG the comm library itself writes down every message that it takes.
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, logger="coderchat_jupyter")
    caplog.set_level(logging.DEBUG, logger="httpx")
    await add(editor)
    values = {"type": "openai", "name": "Bad Name", "base_url": "x"}
    refused = await ask(editor, op="save_provider", values=values, api_key=KEY)
    spaced = await ask(editor, op="save_provider", values={}, api_key=KEY + " ")
    broken = await ask(editor, op="save_provider", values=3, api_key=KEY)
    unknown = await ask(editor, op="save_keys", api_key=KEY)
    taken = {"type": "openai", "name": "endpoint", "base_url": "https://h/v1"}
    doubled = await ask(editor, op="save_provider", values=taken, api_key=KEY)

    state = json.dumps(editor.get_state(), default=repr)
    shown = repr(editor) + repr(editor._repr_mimebundle_()) + repr(editor.present())
    traffic = "".join(Recorded.everything)

    assert set(refused["result"]["errors"]) == {"name", "base_url"}
    assert "api_key" in spaced["result"]["errors"]
    assert broken["error"] == unknown["error"] is not None
    assert set(doubled["result"]["errors"]) == {"name"}
    assert len(traffic) > 10_000
    for said in (traffic, state, shown, caplog.text):
        assert KEY not in said
        assert KEY[3:20] not in said


async def test_a_key_is_replaced_and_cleared(
    editor: ModelConfigEditor, client: Client
) -> None:
    """And stays when a form says nothing of it."""
    await add(editor)
    row = next(p for p in editor.present().providers if p.has_key)
    before = await keys(client, row.id)

    await ask(editor, op="save_provider", id=row.id, base=row.base, values=row.values)
    kept = await keys(client, row.id)
    row = next(p for p in editor.present().providers if p.id == row.id)
    await ask(
        editor,
        op="save_provider",
        id=row.id,
        base=row.base,
        values=row.values,
        api_key="other-key-0123456789",
    )
    replaced = await keys(client, row.id)
    await ask(editor, op="clear_key", id=row.id)

    assert kept == before
    assert [key["masked"] for key in replaced] != [key["masked"] for key in before]
    assert await keys(client, row.id) == []
    assert not next(p for p in editor.present().providers if p.id == row.id).has_key


async def keys(client: Client, provider_id: str) -> list[dict[str, Any]]:
    found = await client.providers.list()
    provider = next(p for p in found if p.id == provider_id)
    return [key.model_dump(mode="json") for key in provider.api_keys]


async def test_nothing_is_half_created(
    editor: ModelConfigEditor, client: Client
) -> None:
    """The server refuses the model: its provider goes again, and the name is free."""
    values = ENDPOINT | {"context_limit": "9" * 30}
    before = len(await client.providers.list())

    reply = await ask(editor, op="add_endpoint", preset="endpoint", values=values)

    assert reply["error"] or reply["result"]["errors"]
    assert len(await client.providers.list()) == before


async def test_settings_are_saved_exactly_and_unset_by_blank(
    editor: ModelConfigEditor, client: Client
) -> None:
    """Prices to the last digit; blank is unset and 0 is free."""
    model_id = await add(editor)
    price = "prices__input_price_per_million_tokens"
    cached = "prices__cache_read_price_per_million_tokens"

    first = await save(
        editor,
        model_id,
        call__temperature="0.25",
        **{price: "0.123456789", cached: "0"},
    )
    saved = model(editor, model_id).values
    second = await save(editor, model_id, call__temperature="", **{price: ""})

    assert first["errors"] == second["errors"] == {}
    assert saved["prices.input_price_per_million_tokens"] == "0.123456789"
    assert saved["call.temperature"] == "0.25"
    config = await stored(client, model_id)
    assert config.call_config is not None and config.call_config.cost is not None
    assert config.call_config.temperature is None
    assert config.call_config.cost.input_price_per_million_tokens is None
    assert config.call_config.cost.cache_read_price_per_million_tokens == 0


async def test_an_edit_of_one_setting_leaves_every_other_as_it_was(
    editor: ModelConfigEditor, client: Client
) -> None:
    """Hidden options, those of other providers and of newer servers included."""
    model_id = await add(editor)
    config = await stored(client, model_id)
    own = {"reasoning_effort": "high", "user": "u", "new": [1, {"a": None}]}
    settings = {
        "temperature": 0.5,
        "provider_options": {
            "openaicompat": own,
            "anthropic": {"thinking": {"budget_tokens": 9, "deep": {"x": [1.5]}}},
            "family_of_tomorrow": {"x": 1},
        },
        "setting_of_tomorrow": [None],
    }
    await client.model_configs.update(
        config.id, UpdateModelConfig(call_config=CallConfig.model_validate(settings))
    )
    await ask(editor, op="refresh_editor")
    await until(lambda: model(editor, model_id).kept)
    path = "call.provider_options.openaicompat.reasoning_effort"

    outcome = await save(editor, model_id, **{path.replace(".", "__"): "low"})

    assert outcome["errors"] == {}
    own["reasoning_effort"] = "low"
    assert encode((await stored(client, model_id)).call_config) == settings


async def test_a_wrong_value_is_said_by_path_and_nothing_is_sent(
    editor: ModelConfigEditor, client: Client
) -> None:
    """Also by a look at the form before it is saved."""
    model_id = await add(editor)
    before = [c.updated_at for c in await client.model_configs.list()]

    wrong = {"call.temperature": "2.4", "call.max_output_tokens": "12abc"}
    values = model(editor, model_id).values | wrong
    looked = await ask(editor, op="validate_form", form="model", values=values)
    saved = await ask(editor, op="save_model", id=model_id, base="", values=values)

    expected = {
        "call.temperature": "Must be 0.0 to 2.0",
        "call.max_output_tokens": "Must be a whole number",
    }
    assert looked["result"]["errors"] == saved["result"]["errors"] == expected
    assert [c.updated_at for c in await client.model_configs.list()] == before


async def test_another_hand_is_noticed_and_overruled_only_on_demand(
    editor: ModelConfigEditor, client: Client
) -> None:
    """Two editors of one model: the second is asked."""
    model_id = await add(editor)
    row = model(editor, model_id)
    other = ModelConfigEditor(client)
    await ready(other)
    await save(other, model_id, display_name="Theirs")
    other.close()

    mine = {"op": "save_model", "id": model_id, "base": row.base}
    mine["values"] = row.values | {"display_name": "Mine"}
    first = await ask(editor, **mine)
    theirs = model(editor, model_id).title
    second = await ask(editor, **mine, overwrite=True)

    assert first["result"]["conflict"]
    assert theirs == "Theirs"
    assert second["result"] == {"id": model_id, "errors": {}, "conflict": False}
    assert model(editor, model_id).title == "Mine"


async def test_the_default_moves_and_a_deleted_model_is_gone(
    editor: ModelConfigEditor,
) -> None:
    """Deleting what is gone already is as good; saving it is not."""
    model_id = await add(editor)
    scripted = next(row.id for row in editor.present().models if row.id != model_id)

    await ask(editor, op="make_default", id=model_id)
    moved = model(editor, model_id).state
    await ask(editor, op="make_default", id=scripted)
    row = model(editor, model_id)
    await ask(editor, op="delete_model", id=model_id)
    again = await ask(editor, op="delete_model", id=model_id)
    late = await ask(
        editor, op="save_model", id=model_id, base=row.base, values=row.values
    )

    assert moved == "default"
    assert model_id not in [row.id for row in editor.present().models]
    assert again["result"]["errors"] == {}
    assert "deleted meanwhile" in late["result"]["errors"][""]


async def test_who_is_no_admin_may_look_and_is_told_why(
    server: ChatServer, place: Path
) -> None:
    """No form that fails at its last step."""
    token = add_user(place / "chats.db", "reader")
    async with Client(server.url, token) as client:
        editor = ModelConfigEditor(client)
        view = await ready(editor)
        reply = await ask(editor, op="add_endpoint", values=ENDPOINT, api_key=KEY)
        editor.close()

    assert view.read_only is not None and "admin" in view.read_only
    assert [row.title for row in view.models] == ["Scripted"]
    assert view.providers == ()
    assert "admin" in reply["result"]["errors"][""]


async def test_a_server_that_is_down_is_a_sentence(server: ChatServer) -> None:
    """In the widget, with a way to try again; and a reply to what was sent."""
    async with Client("http://127.0.0.1:9", server.token) as client:
        editor = ModelConfigEditor(client)
        view = await ready(editor)
        reply = await ask(editor, op="clear_key", id="x")
        editor.close()

    assert view.phase == "failed"
    assert view.problem is not None and "127.0.0.1:9" in view.problem
    assert reply["error"]
    assert server.token not in "".join(Recorded.everything)


async def test_a_wrong_token_says_what_to_do(server: ChatServer) -> None:
    """And is not part of what is said."""
    async with Client(server.url, "abcdefghij-wrongwrongwrong222222") as client:
        editor = ModelConfigEditor(client)
        view = await ready(editor)
        editor.close()

    assert view.problem is not None and "coder login" in view.problem
    assert "wrongwrong" not in "".join(Recorded.everything)
