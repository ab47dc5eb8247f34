"""What an older client does not know of, it does not undo."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from coderchat_jupyter.client import Client
from coderchat_jupyter.server.storage import model_configs
from coderchat_jupyter.wire.ids import ModelConfigId
from coderchat_jupyter.wire.models import CallConfig, UpdateModelConfig
from tests.server.world import open_world

UNKNOWN = "11111111-1111-4111-8111-111111111111"


async def test_prices_stay_when_an_older_client_changes_a_model(tmp_path: Path) -> None:
    """They are not shown to it, and its settings replace all but them."""
    async with open_world(tmp_path, speak="g0") as world:
        model = ModelConfigId(world.model)
        stored = {"cost": {"input_price_per_million_tokens": "3"}, "top_k": 1}
        now = world.service.moves.clock()
        async with world.service.database.write() as connection:
            await model_configs.change_model_config(
                connection, model, {"call_config": stored}, now
            )
        async with Client(world.url, world.admin.account.token) as client:
            told = await client.model_configs.update(
                model, UpdateModelConfig(call_config=CallConfig(temperature=0))
            )
        async with world.service.database.read() as connection:
            row = await model_configs.get_model_config(connection, model)

    assert told.call_config == CallConfig(temperature=0)
    assert row is not None
    assert row.call_config.top_k is None
    assert row.call_config.cost is not None
    assert row.call_config.cost.input_price_per_million_tokens == Decimal(3)


async def test_only_administrators_may_change_providers(tmp_path: Path) -> None:
    async with open_world(tmp_path, speak="g0") as world:
        answers = [
            await world.other.call(verb, path, {})
            for verb, path in (
                ("GET", "/chats/providers"),
                ("POST", "/chats/providers"),
                ("PATCH", f"/chats/providers/{world.provider}"),
                ("DELETE", f"/chats/providers/{world.provider}"),
                ("POST", "/chats/model-configs"),
                ("PATCH", f"/chats/model-configs/{world.model}"),
            )
        ]
        shown = (await world.admin.call("GET", "/chats/providers")).text

    assert {answer.status_code for answer in answers} == {403}
    assert "openai-compat" in shown
    assert "puppet-0123" not in shown


async def test_a_provider_needs_no_address_but_is_there_only_once(
    tmp_path: Path,
) -> None:
    """Also of a type without a usual one; the first call tells that it lacks one."""
    async with open_world(tmp_path, speak="g0") as world:
        for kind in ("azure", "openai"):
            body = {"provider": kind, "api_key": "0123456789"}
            made = await world.admin.call("POST", "/chats/providers", body)
            again = await world.admin.call("POST", "/chats/providers", body)

            assert (made.status_code, again.status_code) == (201, 409)
            assert "base_url" not in made.json()
        wrong = await world.admin.call(
            "POST", "/chats/providers", {"provider": "google", "base_url": "x"}
        )
    assert wrong.status_code == 400


async def test_of_a_model_the_name_of_its_provider_is_looked_at_first(
    tmp_path: Path,
) -> None:
    """And last whether there is that provider."""
    whole = {"provider": "google", "model": "m", "context_limit": 1000}
    create, update = "POST", "PATCH"
    async with open_world(tmp_path, speak="g0") as world:
        own = f"/{world.model}"
        said = [
            (await world.admin.call(verb, f"/chats/model-configs{path}", body)).json()[
                "message"
            ]
            for verb, path, body in (
                (create, "", {}),
                (create, "", {"provider": "nobody", "model": ""}),
                (create, "", whole | {"model": " "}),
                (create, "", whole | {"context_limit": 0}),
                (create, "", whole | {"compression_threshold": 101}),
                (create, "", whole),
                (update, own, {"provider": "nobody", "context_limit": 0}),
                (update, own, {"provider": "google", "context_limit": 0}),
                (update, own, {"provider": "google"}),
            )
        ]
        missing = await world.admin.call(
            "PATCH", f"/chats/model-configs/{UNKNOWN}", {"context_limit": "x"}
        )

    assert said == [
        "Invalid provider.",
        "Invalid provider.",
        "Model is required.",
        "Context limit is required.",
        "Invalid compression threshold.",
        "Chat provider is not configured.",
        "Invalid provider.",
        "Context limit must be greater than zero.",
        "Chat provider is not configured.",
    ]
    assert missing.status_code == 404


async def test_a_model_may_be_made_for_a_provider_that_is_disabled(
    tmp_path: Path,
) -> None:
    """Newer releases refuse that."""
    async with open_world(tmp_path, speak="g0") as world:
        path = f"/chats/providers/{world.provider}"
        await world.admin.call("PATCH", path, {"enabled": False})
        body = {"provider": "openai-compat", "model": "later", "context_limit": 1}
        made = await world.admin.call("POST", "/chats/model-configs", body)

    assert (made.status_code, made.json().get("model")) == (201, "later")
