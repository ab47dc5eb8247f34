"""Providers, model configurations, and the catalogue of what may be chosen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.puppet import Puppet
from tests.server.world import Person

UNKNOWN = "11111111-1111-4111-8111-111111111111"
PROVIDERS = "/api/v2/ai/providers"
CONFIGS = "/chats/model-configs"


def _provider(name: str, **more: Any) -> dict[str, Any]:
    base = {"type": "openai", "name": name, "base_url": "https://api.example/v1"}
    return {**base, **more}


async def _config(admin: Person, model: str, **more: Any) -> dict[str, Any]:
    body = {
        "ai_provider_id": admin.world.provider,
        "model": model,
        "context_limit": 8192,
        **more,
    }
    answer = await admin.call("POST", CONFIGS, body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_provider_shows_its_keys_masked(admin: Person) -> None:
    keys = ["a" * 20, "0123456789", "12345", "1234"]

    made = await admin.call("POST", PROVIDERS, _provider("one", api_keys=keys))

    body = made.json()
    assert made.status_code == 201
    assert [key["masked"] for key in body["api_keys"]] == [
        "aaaa...aaaa",
        "01...89",
        "1...5",
        "...",
    ]
    assert (body["display_name"], body["enabled"], body["settings"]) == (
        "one",
        False,
        None,
    )


async def test_all_faults_of_a_provider_are_told_at_once(admin: Person) -> None:
    body = _provider("No Name", type="pilot", base_url="x", api_keys=["", " y"])

    answer = await admin.call("POST", PROVIDERS, body)

    fields = [v["field"] for v in answer.json()["validations"]]
    assert answer.status_code == 400
    assert fields == ["type", "name", "base_url", "api_keys[0]", "api_keys[1]"]
    assert "copilot" in answer.json()["validations"][0]["detail"]


async def test_a_provider_name_is_free_again_after_a_deletion(admin: Person) -> None:
    await admin.call("POST", PROVIDERS, _provider("one"))
    taken = await admin.call("POST", PROVIDERS, _provider("one"))
    gone = await admin.call("DELETE", f"{PROVIDERS}/one")
    again = await admin.call("POST", PROVIDERS, _provider("one"))

    assert [r.status_code for r in (taken, gone, again)] == [409, 204, 201]


async def test_a_change_of_keys_describes_the_whole_new_set(admin: Person) -> None:
    made = (
        await admin.call(
            "POST", PROVIDERS, _provider("one", api_keys=["first-key-0", "second-key"])
        )
    ).json()
    keep = made["api_keys"][0]["id"]

    changed = await admin.call(
        "PATCH",
        f"{PROVIDERS}/{made['id']}",
        {"enabled": True, "api_keys": [{"id": keep}, {"api_key": "third-key-00"}]},
    )
    nothing = await admin.call("PATCH", f"{PROVIDERS}/one", {})

    body = changed.json()
    assert [key["masked"] for key in body["api_keys"]] == ["fi...-0", "th...00"]
    assert body["enabled"] is True
    assert body["updated_at"] > made["updated_at"]
    assert nothing.status_code == 400


@pytest.mark.parametrize(("name", "status"), [("No Name", 400), ("unknown", 404)])
async def test_a_provider_that_is_not_there(
    admin: Person, name: str, status: int
) -> None:
    assert (await admin.call("GET", f"{PROVIDERS}/{name}")).status_code == status


async def test_a_new_key_is_used_by_the_next_turn(
    admin: Person, puppet: Puppet
) -> None:
    """And the adapter with the old one is closed."""
    chat = await admin.answered()
    await admin.call(
        "PATCH", f"{PROVIDERS}/puppet", {"api_keys": [{"api_key": "a-newer-key"}]}
    )
    await admin.send(chat["id"], "again")
    await puppet.asked(2)

    assert [row.api_key and row.api_key.get_secret_value() for row in puppet.rows] == [
        "sk-puppet-0123456789",
        "a-newer-key",
    ]
    assert puppet.closed == 1


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"ai_provider_id": None}, 400, "AI provider ID is required."),
        ({"ai_provider_id": UNKNOWN}, 412, "AI provider is not configured."),
        ({"model": " "}, 400, "Model is required."),
        ({"context_limit": None}, 400, "Context limit is required."),
        ({"context_limit": 0}, 400, "Context limit is required."),
        ({"compression_threshold": 101}, 400, "Invalid compression threshold."),
        (
            {"model_config": {"cost": {"input_price_per_million_tokens": "-1"}}},
            400,
            "Invalid model config.",
        ),
        ({"model_config": {"temperature": "hot"}}, 400, "Request body must be"),
        (
            {"model_config": {"provider_options": {"anthropic": {"effort": 5}}}},
            400,
            "Request body must be",
        ),
    ],
)
async def test_a_model_that_cannot_be_is_refused(
    admin: Person, change: dict[str, Any], status: int, message: str
) -> None:
    body = {"ai_provider_id": admin.world.provider, "model": "m", "context_limit": 1}

    answer = await admin.call("POST", CONFIGS, {**body, **change})

    assert answer.status_code == status
    assert answer.json()["message"].startswith(message)
    assert len((await admin.call("GET", CONFIGS)).json()) == 1


async def test_prices_come_back_as_texts_and_options_unchanged(admin: Person) -> None:
    options = {"openaicompat": {"reasoning_effort": "low", "new": [1]}}
    made = await _config(
        admin,
        "m",
        model_config={
            "temperature": 0.5,
            "cost": {"output_price_per_million_tokens": 15.25},
            "input_price_per_million_tokens": "3.50",
            "provider_options": options,
        },
    )

    assert made["model_config"] == {
        "temperature": 0.5,
        "cost": {
            "input_price_per_million_tokens": "3.5",
            "output_price_per_million_tokens": "15.25",
        },
        "provider_options": options,
    }
    assert made["display_name"] == ""
    assert made["compression_threshold"] == 70


async def test_there_is_always_one_default(admin: Person) -> None:
    """A demoted or deleted default is replaced at once; a sole one stays."""

    async def defaults() -> list[str]:
        listed = (await admin.call("GET", CONFIGS)).json()
        return [c["model"] for c in listed if c["is_default"]]

    first = admin.world.model
    await admin.call("PATCH", f"{CONFIGS}/{first}", {"is_default": False})
    alone = await defaults()
    second = await _config(admin, "a-second", is_default=True, enabled=False)
    chosen = await defaults()
    await admin.call("PATCH", f"{CONFIGS}/{second['id']}", {"is_default": False})
    demoted = await defaults()
    await admin.call("DELETE", f"{CONFIGS}/{first}")

    assert (alone, chosen, demoted) == (["puppet-1"], ["a-second"], ["puppet-1"])
    assert await defaults() == ["a-second"]


async def test_a_change_keeps_what_is_empty_and_moves_the_time(admin: Person) -> None:
    made = await _config(admin, "m", display_name="Name")

    changed = await admin.call(
        "PATCH", f"{CONFIGS}/{made['id']}", {"display_name": "", "model": ""}
    )

    body = changed.json()
    assert (body["display_name"], body["model"]) == ("Name", "m")
    assert body["updated_at"] > made["updated_at"]


async def test_others_see_enabled_models_only(admin: Person, other: Person) -> None:
    await _config(admin, "hidden", enabled=False)

    assert len((await admin.call("GET", CONFIGS)).json()) == 2
    assert len((await other.call("GET", CONFIGS)).json()) == 1


async def test_the_catalogue_groups_models_by_provider_type(admin: Person) -> None:
    await admin.call("POST", PROVIDERS, _provider("two", enabled=True))
    await _config(admin, "b-model")
    await _config(admin, "hidden", enabled=False)

    catalogue = (await admin.call("GET", "/chats/models")).json()

    assert catalogue == {
        "providers": [
            {
                "provider": "openai",
                "available": False,
                "unavailable_reason": "missing_api_key",
                "models": None,
            },
            {
                "provider": "openai-compat",
                "available": True,
                "models": [
                    {
                        "id": "openai-compat:b-model",
                        "provider": "openai-compat",
                        "model": "b-model",
                        "display_name": "b-model",
                    },
                    {
                        "id": "openai-compat:puppet-1",
                        "provider": "openai-compat",
                        "model": "puppet-1",
                        "display_name": "Puppet One",
                    },
                ],
            },
        ]
    }


async def test_a_disabled_provider_hides_its_own_models_only(admin: Person) -> None:
    """The reference hides every provider of that type."""
    made = await admin.call(
        "POST",
        PROVIDERS,
        _provider("two", type="openai-compat", enabled=True, api_keys=["key-two-00"]),
    )
    await _config(admin, "elsewhere", ai_provider_id=made.json()["id"])
    await admin.call("PATCH", f"{PROVIDERS}/puppet", {"enabled": False})

    (entry,) = (await admin.call("GET", "/chats/models")).json()["providers"]

    assert [m["model"] for m in entry["models"]] == ["elsewhere"]


async def test_the_older_provider_calls_are_gone(admin: Person) -> None:
    for method, path in (
        ("GET", "/chats/providers"),
        ("PATCH", f"/chats/providers/{UNKNOWN}"),
        ("GET", "/chats/user-provider-configs"),
    ):
        answer = await admin.call(method, path, {})
        assert answer.status_code == 410
        assert answer.json()["detail"]


async def test_who_and_what_answers(admin: Person, other: Person) -> None:
    me = (await admin.call("GET", "/api/v2/users/me")).json()
    build = (await admin.http.get("/api/v2/buildinfo")).json()
    organizations = (await other.call("GET", "/api/v2/organizations")).json()
    stranger = await other.call("GET", "/api/v2/users/admin")

    assert (me["id"], me["username"], me["organization_ids"]) == (
        admin.id,
        "admin",
        [admin.organization],
    )
    assert build["version"].startswith("v2.34.")
    assert [o["id"] for o in organizations] == [admin.organization]
    assert stranger.status_code == 404
    header = (await admin.http.get("/healthz")).headers["x-coder-build-version"]
    assert header == build["version"]


async def test_a_provider_of_the_gateway_may_be_kept_but_is_not_offered(
    admin: Person,
) -> None:
    """Its type is known to v2.34, and none of its models can be chosen."""
    body = _provider("pilot", type="copilot", enabled=True)
    made = await admin.call("POST", PROVIDERS, body)
    await _config(admin, "pilot-1", ai_provider_id=made.json()["id"])
    offered = (await admin.call("GET", "/chats/models")).json()["providers"]

    assert (made.status_code, made.json()["type"]) == (201, "copilot")
    assert [entry["provider"] for entry in offered] == ["openai-compat"]


async def test_a_provider_of_the_gateway_has_no_keys(admin: Person) -> None:
    """Whoever calls through the gateway brings a token."""
    body = _provider("pilot", type="copilot")
    refused = await admin.call("POST", PROVIDERS, {**body, "api_keys": ["0123456789"]})
    await admin.call("POST", PROVIDERS, body)
    path = f"{PROVIDERS}/pilot"
    changed = await admin.call("PATCH", path, {"api_keys": [{"api_key": "012345"}]})
    kept = await admin.call("PATCH", path, {"api_keys": [], "enabled": True})

    fault = {"field": "api_keys", "detail": "type=copilot does not accept api_keys"}
    assert (refused.status_code, refused.json()["validations"]) == (400, [fault])
    assert changed.status_code == 400
    assert changed.json() == {"message": "Copilot providers do not accept api_keys."}
    assert (kept.status_code, kept.json()["api_keys"]) == (200, [])
