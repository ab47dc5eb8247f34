"""Keys that users bring: kept, used, never shown."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Final

import pytest
from pydantic import SecretStr

from coderchat_jupyter.client import Client
from coderchat_jupyter.server.engine import models
from coderchat_jupyter.server.storage.user_keys import put_user_key
from coderchat_jupyter.wire.ids import ModelConfigId, UserId
from tests.fakes.puppet import Puppet
from tests.server.databases import BOTH
from tests.server.world import Person, open_world

UNKNOWN: Final = "11111111-1111-4111-8111-111111111111"
SECRET: Final = "sk-mine-0123456789abcdef"


def url(*more: str) -> str:
    return "/".join(("/api/experimental/users/me/ai-provider-keys", *more))


async def test_providers_are_listed_with_whose_keys_there_are(other: Person) -> None:
    """Enabled ones; a disabled one only with a key for it."""
    world = other.world
    provider = f"/api/v2/ai/providers/{world.provider}"
    fresh = (await other.call("GET", url())).json()
    await other.call("PUT", url(world.provider), {"api_key": SECRET})
    await world.admin.call("PATCH", provider, {"enabled": False, "api_keys": []})
    keyed = (await other.call("GET", url())).json()
    unkeyed = (await world.admin.call("GET", url())).json()

    assert fresh == [
        {
            "provider": {
                "id": world.provider,
                "type": "openai-compat",
                "name": "puppet",
                "display_name": "puppet",
                "enabled": True,
                "deleted": False,
            },
            "has_user_api_key": False,
            "has_provider_api_key": True,
            "byok_enabled": True,
        }
    ]
    assert [(k["provider"]["enabled"], k["has_user_api_key"]) for k in keyed] == [
        (False, True)
    ]
    assert keyed[0]["has_provider_api_key"] is False
    assert unkeyed == []


async def test_what_is_no_key_is_refused_in_order(other: Person) -> None:
    """The id, the provider, whether it is enabled, the key."""
    provider = other.world.provider
    too_large = await other.call("PUT", url(provider), {"api_key": "x" * 10_241})
    answers = [
        await other.call("PUT", url("x"), {"api_key": ""}),
        await other.call("PUT", url(UNKNOWN), {"api_key": ""}),
        await other.call("PUT", url(provider), {"api_key": ""}),
        await other.call("PUT", url(provider), {}),
        await other.call("PUT", url(provider), {"api_key": " "}),
        await other.call("PUT", url(provider), {"api_key": f"{SECRET}\n"}),
        await other.call("PUT", url(provider), {"api_key": f"{SECRET}\n{SECRET}"}),
        await other.call("PUT", url(provider), {"api_key": f"{SECRET}\u00e9"}),
    ]
    await other.world.admin.call(
        "PATCH", f"/api/v2/ai/providers/{provider}", {"enabled": False}
    )
    disabled = await other.call("PUT", url(provider), {"api_key": ""})

    assert [a.status_code for a in answers] == [400, 404] + [400] * 6
    assert [list(a.json()) for a in answers] == [["message"]] * 8
    assert SECRET not in "".join(a.text for a in answers)
    assert (too_large.status_code, list(too_large.json())) == (
        400,
        ["message", "detail"],
    )
    assert disabled.status_code == 412
    assert all(SECRET not in answer.text for answer in answers)


async def test_deleting_a_key_is_no_error_twice(other: Person) -> None:
    path = url(other.world.provider)
    await other.call("PUT", path, {"api_key": SECRET})
    answers = [await other.call("DELETE", path) for _ in range(2)]

    assert [(a.status_code, a.content) for a in answers] == [(204, b"")] * 2
    assert answers[0].headers["content-type"].startswith("application/json")
    assert (await other.call("DELETE", url("x"))).status_code == 400
    assert (await other.call("GET", url())).json()[0]["has_user_api_key"] is False


async def test_keys_of_somebody_else_are_out_of_reach(
    admin: Person, other: Person
) -> None:
    path = f"/api/experimental/users/{admin.id}/ai-provider-keys"

    read = await other.call("GET", path)
    write = await other.call("PUT", f"{path}/{other.world.provider}", {"api_key": "x"})

    assert (read.status_code, write.status_code) == (404, 404)


@BOTH
async def test_a_run_uses_the_key_of_its_owner_and_no_other(
    admin: Person, other: Person, puppet: Puppet
) -> None:
    """As long as there is one, and the newest."""
    path = url(other.world.provider)
    used = []
    for step, person in enumerate((other, admin, other, other), 1):
        if step == 1:
            await other.call("PUT", path, {"api_key": SECRET})
        elif step == 3:
            await other.call("PUT", path, {"api_key": f"{SECRET}-2"})
        elif step == 4:
            await other.call("DELETE", path)
        before = len(puppet.rows)
        await person.answered(f"turn {step}")
        used.append(
            [
                row.api_key.get_secret_value()
                for row in puppet.rows[before:]
                if row.api_key
            ]
        )

    assert [keys[-1:] for keys in used] == [
        [SECRET],
        ["sk-puppet-0123456789"],
        [f"{SECRET}-2"],
        [],
    ]


async def test_runs_with_different_keys_are_those_of_different_accounts(
    admin: Person, other: Person, puppet: Puppet
) -> None:
    await other.call("PUT", url(other.world.provider), {"api_key": SECRET})
    await admin.answered()
    await other.answered()

    accounts = [row.account for row in puppet.rows]
    assert len(set(accounts)) == 2
    assert SECRET not in str(accounts)


async def test_connections_with_many_keys_are_not_all_kept(
    admin: Person, other: Person, puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody uses is closed, the one that was wanted longest ago first."""
    monkeypatch.setattr(models, "_MOST_KEPT", 1)
    await other.call("PUT", url(other.world.provider), {"api_key": SECRET})
    world, closed = other.world, []
    config = ModelConfigId(world.model)
    for person in (admin, other, other, admin):
        async with world.service.models.use(config, UserId(person.id)):
            closed.append(puppet.closed)
    async with (
        world.service.models.use(config, UserId(admin.id)),
        world.service.models.use(config, UserId(other.id)),
    ):
        closed.append(puppet.closed)

    assert closed == [0, 1, 1, 2, 2]


async def test_a_key_is_in_no_answer_no_log_and_not_readable_in_the_file(
    other: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = url(other.world.provider)
    stored = await other.call("PUT", path, {"api_key": SECRET})
    listed = await other.call("GET", url())
    file = sqlite3.connect(other.world.path)
    try:
        (sealed,) = file.execute("SELECT sealed FROM user_provider_keys").fetchone()
    finally:
        file.close()

    assert stored.json() == listed.json()[0]
    for text in (stored.text, listed.text, caplog.text, sealed):
        assert SECRET not in text
        assert "0123456789abcdef" not in text


async def test_our_client_sets_and_deletes_them(other: Person) -> None:
    async with Client(other.world.url, other.account.token) as client:
        (key,) = await client.keys.list()
        stored = await client.keys.set(key.provider.id, SECRET)
        await client.keys.delete(key.provider.id)
        (after,) = await client.keys.list()

    assert stored.has_user_api_key
    assert after == key


async def test_where_nobody_may_bring_a_key_none_is_taken_or_used(
    tmp_path: Path,
) -> None:
    """One from before does not count, but can still be taken away."""
    async with open_world(tmp_path, allow_user_keys=False) as world:
        other, database = world.other, world.service.database
        refused = await other.call("PUT", url(world.provider), {"api_key": SECRET})
        now = world.service.moves.clock()
        async with database.write() as connection:
            await put_user_key(
                connection,
                other.id,
                world.provider,
                SecretStr(SECRET),
                database.sealer,
                now,
            )
        await other.answered()
        (listed,) = (await other.call("GET", url())).json()
        gone = await other.call("DELETE", url(world.provider))
        used = [
            row.api_key.get_secret_value() for row in world.puppet.rows if row.api_key
        ]

    assert (refused.status_code, gone.status_code) == (403, 204)
    assert listed["byok_enabled"] is False
    assert set(used) == {"sk-puppet-0123456789"}
