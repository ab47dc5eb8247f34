"""A user's own settings: prompt, models, thresholds, detailed records."""

from __future__ import annotations

from typing import Final

from coderchat_jupyter.client import Client
from coderchat_jupyter.wire.ids import ZERO_UUID
from coderchat_jupyter.wire.settings import CustomPrompt
from tests.server.databases import BOTH
from tests.server.world import Person

CONFIG: Final = "/chats/config"
PERSONAL: Final = f"{CONFIG}/user-personal-model-overrides"
THRESHOLDS: Final = f"{CONFIG}/user-compaction-thresholds"
DEBUG: Final = f"{CONFIG}/user-debug-logging"
UNKNOWN: Final = "11111111-1111-4111-8111-111111111111"


async def _allow(admin: Person, path: str) -> None:
    answer = await admin.call("PUT", f"{CONFIG}/{path}", {"allow_users": True})
    assert answer.status_code == 204


async def test_a_prompt_is_answered_with_what_was_stored(
    admin: Person, other: Person
) -> None:
    """And it is nobody else's."""
    answer = await other.call(
        "PUT", f"{CONFIG}/user-prompt", {"custom_prompt": " Speak plainly.\r\n"}
    )

    assert answer.status_code == 200
    assert answer.json() == {"custom_prompt": "Speak plainly."}
    assert (await admin.call("GET", f"{CONFIG}/user-prompt")).json() == {
        "custom_prompt": ""
    }


async def test_models_of_ones_own_are_all_there_before_any_choice(
    other: Person,
) -> None:
    found = (await other.call("GET", PERSONAL)).json()

    def unset(context: str, mode: str) -> dict[str, object]:
        return {
            "context": context,
            "mode": mode,
            "model_config_id": "",
            "is_set": False,
            "is_malformed": False,
        }

    def default(context: str) -> dict[str, object]:
        return {"context": context, "model_config_id": "", "is_malformed": False}

    assert found == {
        "enabled": False,
        "root": unset("root", "chat_default"),
        "general": unset("general", "deployment_default"),
        "explore": unset("explore", "deployment_default"),
        "deployment_defaults": {
            "general": default("general"),
            "explore": default("explore"),
        },
    }


async def test_nobody_chooses_a_model_unless_an_admin_lets_them(other: Person) -> None:
    """Before anything else is looked at."""
    answer = await other.http.put(f"/api/experimental{PERSONAL}/odd", content=b"{")

    assert answer.status_code == 403


async def test_every_wrong_choice_of_a_model_is_told_apart(
    admin: Person, other: Person
) -> None:
    await _allow(admin, "personal-model-overrides")
    world = other.world
    await admin.call("PUT", f"{PERSONAL}/root", {"mode": "chat_default"})
    wrong = [
        await other.call("PUT", f"{PERSONAL}/{context}", {"mode": mode} | model)
        for context, mode, model in (
            ("root", "deployment_default", {}),
            ("general", "chat_default", {"model_config_id": world.model}),
            ("general", "model", {}),
            ("general", "model", {"model_config_id": "x"}),
            ("general", "model", {"model_config_id": ZERO_UUID}),
            ("general", "model", {"model_config_id": UNKNOWN}),
            ("general", " chat_default", {}),
        )
    ]
    provider = f"/api/v2/ai/providers/{world.provider}"
    choice = {"mode": "model", "model_config_id": world.model}
    await admin.call("PATCH", provider, {"api_keys": []})
    wrong.append(await other.call("PUT", f"{PERSONAL}/root", choice))
    await admin.call("PATCH", provider, {"enabled": False})
    wrong.append(await other.call("PUT", f"{PERSONAL}/root", choice))
    context = await other.call("PUT", f"{PERSONAL}/title_generation", choice)
    root = (await other.call("GET", PERSONAL)).json()["root"]

    assert {answer.status_code for answer in wrong} == {400}
    texts = [tuple(answer.json().values()) for answer in wrong]
    assert len(set(texts)) == len(texts)
    # Only what is no id at all is repeated.
    assert ["detail" in answer.json() for answer in wrong].index(True) == 3
    assert len([answer for answer in wrong if "detail" in answer.json()]) == 1
    assert context.status_code == 400
    assert "root, general, explore" in context.json()["detail"]
    assert root["is_set"] is False


@BOTH
async def test_a_model_chosen_for_new_chats_is_theirs(
    admin: Person, other: Person
) -> None:
    """Unless a chat names one, or the choice cannot be used any more."""
    await _allow(admin, "personal-model-overrides")
    second = (
        await admin.call(
            "POST",
            "/chats/model-configs",
            {
                "ai_provider_id": admin.world.provider,
                "model": "puppet-2",
                "context_limit": 100_000,
            },
        )
    ).json()["id"]
    chosen = {"mode": "model", "model_config_id": second}
    assert (await other.call("PUT", f"{PERSONAL}/root", chosen)).status_code == 204

    plain = await other.create()
    named = await other.create(model_config_id=other.world.model)
    somebody = await admin.create()
    await admin.call("PATCH", f"/chats/model-configs/{second}", {"enabled": False})
    disabled = await other.create()

    assert [
        chat["last_model_config_id"] for chat in (plain, named, somebody, disabled)
    ] == [second, *[other.world.model] * 3]


async def test_thresholds_are_checked_in_order(other: Person) -> None:
    """The id, the number, the model, whether it is enabled."""
    known = f"{THRESHOLDS}/{other.world.model}"
    no_id = await other.call("PUT", f"{THRESHOLDS}/x", {"threshold_percent": 101})
    high = await other.call(
        "PUT", f"{THRESHOLDS}/{UNKNOWN}", {"threshold_percent": 101}
    )
    low = await other.call("PUT", known, {"threshold_percent": -1})
    unknown = await other.call("PUT", f"{THRESHOLDS}/{UNKNOWN}", {})
    await other.world.admin.call(
        "PATCH", f"/chats/model-configs/{other.world.model}", {"enabled": False}
    )
    disabled = await other.call("PUT", known, {"threshold_percent": 5})

    assert [a.status_code for a in (no_id, high, low, unknown, disabled)] == [
        *[400] * 3,
        404,
        400,
    ]
    assert no_id.json()["detail"] == "invalid UUID length: 1"
    assert high.json() == {
        "message": high.json()["message"],
        "validations": [
            {
                "field": "threshold_percent",
                "detail": 'Validation failed for tag "max" with value: "101"',
            }
        ],
    }
    assert '"min"' in low.json()["validations"][0]["detail"]
    assert (await other.call("GET", THRESHOLDS)).json() == {"thresholds": []}


@BOTH
async def test_a_threshold_of_zero_is_one(other: Person) -> None:
    """And it goes as often as one likes."""
    url = f"{THRESHOLDS}/{other.world.model}"
    stored = await other.call("PUT", url, {"threshold_percent": 0})
    listed = (await other.call("GET", THRESHOLDS)).json()
    gone = [await other.call("DELETE", url) for _ in range(2)]

    assert stored.status_code == 200
    assert stored.json() == {
        "model_config_id": other.world.model,
        "threshold_percent": 0,
    }
    assert listed == {"thresholds": [stored.json()]}
    assert [answer.status_code for answer in gone] == [204, 204]
    assert (await other.call("DELETE", f"{THRESHOLDS}/x")).status_code == 400
    assert (await other.call("GET", THRESHOLDS)).json() == {"thresholds": []}


async def test_detailed_records_are_switched_by_users_who_may(
    admin: Person, other: Person
) -> None:
    """What they chose stays, but counts only while they may."""
    refused = await other.call("PUT", DEBUG, {"debug_logging_enabled": True})
    await _allow(admin, "debug-logging")
    accepted = await other.call("PUT", DEBUG, {"debug_logging_enabled": True})
    on = (await other.call("GET", DEBUG)).json()
    await admin.call("PUT", f"{CONFIG}/debug-logging", {"allow_users": False})
    off = (await other.call("GET", DEBUG)).json()

    assert (refused.status_code, accepted.status_code) == (403, 204)
    assert on == {
        "debug_logging_enabled": True,
        "user_toggle_allowed": True,
        "forced_by_deployment": False,
    }
    assert off == dict.fromkeys(on, False)


async def test_our_client_reads_and_changes_them(admin: Person) -> None:
    async with Client(admin.world.url, admin.account.token) as client:
        await client.settings.set_personal_overrides_allowed(allowed=True)
        stored = await client.settings.set_custom_prompt(" Speak plainly. ")
        personal = await client.settings.personal_overrides()
        prompt = await client.settings.custom_prompt()

    assert personal.enabled
    assert stored == prompt == CustomPrompt(custom_prompt="Speak plainly.")
