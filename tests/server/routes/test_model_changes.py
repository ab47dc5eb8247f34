"""Changes of model configurations that the reference refuses, and how."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.world import Person

UNKNOWN = "11111111-1111-4111-8111-111111111111"
ZERO = "00000000-0000-0000-0000-000000000000"
CONFIGS = "/chats/model-configs"


@pytest.mark.parametrize(
    ("change", "status", "keys"),
    [
        ({"context_limit": 0}, 400, {"message"}),
        ({"compression_threshold": 101}, 400, {"message", "detail"}),
        ({"compression_threshold": 2**31}, 400, {"message", "detail"}),
        ({"ai_provider_id": UNKNOWN}, 412, {"message"}),
        ({"ai_provider_id": ZERO}, 412, {"message"}),
    ],
)
async def test_a_change_that_makes_no_sense_is_refused(
    admin: Person, change: dict[str, Any], status: int, keys: set[str]
) -> None:
    (before,) = (await admin.call("GET", CONFIGS)).json()

    answer = await admin.call("PATCH", f"{CONFIGS}/{before['id']}", change)

    assert (answer.status_code, set(answer.json())) == (status, keys)
    assert (await admin.call("GET", CONFIGS)).json() == [before]


async def test_a_model_does_not_move_to_a_provider_that_is_off(admin: Person) -> None:
    """Not even to the one it is of; without a word of it all else can be changed."""
    (before,) = (await admin.call("GET", CONFIGS)).json()
    mine = admin.world.provider
    await admin.call("PATCH", f"/api/v2/ai/providers/{mine}", {"enabled": False})
    path = f"{CONFIGS}/{before['id']}"

    moved = await admin.call("PATCH", path, {"ai_provider_id": mine})
    named = await admin.call("PATCH", path, {"display_name": "New"})

    assert (moved.status_code, named.status_code) == (412, 200)


async def test_whether_there_is_a_model_is_seen_before_the_body(admin: Person) -> None:
    answer = await admin.http.patch(
        f"/api/experimental{CONFIGS}/{UNKNOWN}", content=b"no JSON"
    )

    assert answer.status_code == 404
