"""Settings of the deployment: what is read, what is refused, who may."""

from __future__ import annotations

from typing import Any, Final

import pytest

from coderchat_jupyter.server.engine.default_prompt import DEFAULT_PROMPT
from coderchat_jupyter.wire.ids import ZERO_UUID
from tests.fakes.puppet import Puppet
from tests.server.databases import BOTH
from tests.server.world import Person

CONFIG: Final = "/chats/config"
UNKNOWN: Final = "11111111-1111-4111-8111-111111111111"

# Path, what it is at first, what is stored, and bodies that are refused with 400.
OBJECTS: Final[list[tuple[str, Any, Any, list[Any]]]] = [
    (
        "personal-model-overrides",
        {"allow_users": False},
        {"allow_users": True},
        [{"allow_users": "yes"}],
    ),
    (
        "desktop-enabled",
        {"enable_desktop": False},
        {"enable_desktop": True},
        [{"enable_desktop": 1}],
    ),
    (
        "computer-use-provider",
        {"provider": "anthropic"},
        {"provider": "openai"},
        [{"provider": "google"}, {"provider": ""}, {}],
    ),
    (
        "advisor",
        {
            "enabled": False,
            "max_uses_per_run": 0,
            "max_output_tokens": 0,
            "model_config_id": ZERO_UUID,
        },
        {
            "enabled": True,
            "max_uses_per_run": 3,
            "max_output_tokens": 512,
            "model_config_id": ZERO_UUID,
        },
        [
            {"max_uses_per_run": -1},
            {"max_output_tokens": -1},
            {"model_config_id": UNKNOWN},
            {"model_config_id": "x"},
        ],
    ),
    (
        "workspace-ttl",
        {"workspace_ttl_ms": 0},
        {"workspace_ttl_ms": 2_592_000_000},
        [{"workspace_ttl_ms": ms} for ms in (-1, 59_999, 2_592_000_001, 1.5)],
    ),
    (
        "retention-days",
        {"retention_days": 30},
        {"retention_days": 3650},
        [{"retention_days": days} for days in (-1, 3651, 2**40, "7")],
    ),
    (
        "debug-retention-days",
        {"debug_retention_days": 30},
        {"debug_retention_days": 0},
        [{"debug_retention_days": days} for days in (-1, 3651)],
    ),
    (
        "auto-archive-days",
        {"auto_archive_days": 0},
        {"auto_archive_days": 5},
        [{"auto_archive_days": days} for days in (-1, 3651)],
    ),
    (
        "template-allowlist",
        {"template_ids": []},
        {"template_ids": []},
        [{"template_ids": ["x"]}, {"template_ids": [UNKNOWN]}],
    ),
]
HIDDEN: Final = ("personal-model-overrides", "template-allowlist")


@pytest.mark.parametrize(("path", "first", "then", "refused"), OBJECTS)
async def test_a_setting_keeps_what_is_accepted_and_nothing_that_is_refused(
    path: str, first: Any, then: Any, refused: list[Any], admin: Person
) -> None:
    """The bodies hold every field, zero values too."""
    url = f"{CONFIG}/{path}"
    before = await admin.call("GET", url)
    stored = await admin.call("PUT", url, then)
    answers = [await admin.call("PUT", url, body) for body in refused]
    garbage = await admin.http.put(f"/api/experimental{url}", content=b"{")
    after = await admin.call("GET", url)

    assert (before.status_code, before.json()) == (200, first)
    assert (stored.status_code, stored.content) == (204, b"")
    assert "content-type" not in stored.headers
    assert [answer.status_code for answer in answers] == [400] * len(refused)
    assert garbage.status_code == 400
    assert after.json() == then


async def test_a_field_left_out_is_zero(admin: Person) -> None:
    """Each PUT replaces the whole object; only a provider must be named."""
    for path, _, then, _ in OBJECTS:
        url = f"{CONFIG}/{path}"
        await admin.call("PUT", url, then)
        answer = await admin.call("PUT", url, {})
        after = (await admin.call("GET", url)).json()

        kept = path == "computer-use-provider"
        assert answer.status_code == (400 if kept else 204), path
        if not kept:
            assert not any(value for value in after.values() if value != ZERO_UUID)


async def test_others_read_what_concerns_them_and_change_nothing(other: Person) -> None:
    """What is not theirs to know does not exist for them."""
    for path, first, then, _ in OBJECTS:
        read = await other.call("GET", f"{CONFIG}/{path}")
        write = await other.call("PUT", f"{CONFIG}/{path}", then)

        assert read.status_code == (404 if path in HIDDEN else 200), path
        if path not in HIDDEN:
            assert read.json() == first
        assert write.status_code == (404 if path == "template-allowlist" else 403), path


@pytest.mark.parametrize(
    "path",
    ["system-prompt", "plan-mode-instructions", "debug-logging", "model-override/x"],
)
async def test_what_admins_write_is_hidden_from_others(
    path: str, other: Person
) -> None:
    """The 404 comes before anything is looked at; a PUT is refused as such."""
    read = await other.call("GET", f"{CONFIG}/{path}")
    write = await other.http.put(f"/api/experimental{CONFIG}/{path}", content=b"{")

    assert (read.status_code, write.status_code) == (404, 403)


@BOTH
async def test_the_flag_of_the_built_in_prompt_is_kept_unless_given(
    admin: Person,
) -> None:
    """Nobody having chosen, it follows from whether there is a text of one's own."""
    url = f"{CONFIG}/system-prompt"
    seen = []
    for body in (
        None,
        {"system_prompt": "Mine."},
        {"system_prompt": "", "include_default_system_prompt": None},
        {"system_prompt": "Mine.", "include_default_system_prompt": True},
        {"system_prompt": "Yours."},
    ):
        if body is not None:
            assert (await admin.call("PUT", url, body)).status_code == 204
        found = (await admin.call("GET", url)).json()
        seen.append((found["system_prompt"], found["include_default_system_prompt"]))

    assert found["default_system_prompt"] == DEFAULT_PROMPT
    assert seen == [
        ("", True),
        ("Mine.", False),
        ("", True),
        ("Mine.", True),
        ("Yours.", True),
    ]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("system-prompt", "system_prompt"),
        ("plan-mode-instructions", "plan_mode_instructions"),
        ("user-prompt", "custom_prompt"),
    ],
)
async def test_a_text_is_cleaned_before_it_is_measured(
    path: str, field: str, admin: Person
) -> None:
    """What nobody sees could hide instructions; bytes count, not characters."""
    url = f"{CONFIG}/{path}"
    text = "  a\u200bb\r\n\r\n\r\n\r\nc\x00\u202ed\U000e0041\t👩\u200d🔬x\u200cy \n"
    await admin.call("PUT", url, {field: text})
    kept = (await admin.call("GET", url)).json()[field]
    fits = await admin.call("PUT", url, {field: " " + "ä" * 65_536})
    too_long = await admin.call("PUT", url, {field: "ä" * 65_536 + "x"})
    too_large = await admin.call("PUT", url, {field: "x" * 262_145})

    assert kept == "ab\n\ncd\t👩🔬x\u200cy"
    assert [a.status_code for a in (fits, too_long, too_large)] == [
        200 if path == "user-prompt" else 204,
        400,
        400,
    ]


async def test_a_model_of_its_own_must_be_one_that_runs(admin: Person) -> None:
    """Contexts first, then the id, then the model."""
    url = f"{CONFIG}/model-override/explore"
    world = admin.world
    bad = [
        await admin.call("PUT", f"{CONFIG}/model-override/root", {}),
        await admin.call("PUT", url, {"model_config_id": "x"}),
        await admin.call("PUT", url, {"model_config_id": ZERO_UUID}),
        await admin.call("PUT", url, {"model_config_id": UNKNOWN}),
    ]
    await admin.call("PATCH", f"/chats/model-configs/{world.model}", {"enabled": False})
    bad.append(await admin.call("PUT", url, {"model_config_id": world.model}))
    await admin.call("PATCH", f"/chats/model-configs/{world.model}", {"enabled": True})
    good = await admin.call("PUT", url, {"model_config_id": world.model.upper()})
    found = await admin.call("GET", url)
    odd = await admin.call("GET", f"{CONFIG}/model-override/root")

    assert [answer.status_code for answer in bad] == [400] * 5
    assert ["detail" in answer.json() for answer in bad] == [True, True, *[False] * 3]
    assert "general, explore, title_generation" in odd.json()["detail"]
    assert good.status_code == 204
    assert found.json() == {
        "context": "explore",
        "model_config_id": world.model,
        "is_malformed": False,
    }


async def test_chats_are_told_the_prompt_of_the_deployment(
    admin: Person, puppet: Puppet
) -> None:
    """The built-in text, then the deployment's, then the chat's; or none."""
    url = f"{CONFIG}/system-prompt"
    told: list[tuple[str, ...]] = []
    for body in (
        {"system_prompt": "House rules.", "include_default_system_prompt": True},
        {"system_prompt": "House rules.", "include_default_system_prompt": False},
        {"system_prompt": ""},
    ):
        await admin.call("PUT", url, body)
        await admin.create("hello", system_prompt="Be kind.")
        told.append((await puppet.asked(len(told) + 1)).system)
        puppet.answer("Hi.")

    assert told == [
        (f"{DEFAULT_PROMPT}\n\nHouse rules.", "Be kind."),
        ("House rules.", "Be kind."),
        ("Be kind.",),
    ]
