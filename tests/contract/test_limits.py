"""What may be spent: by whom, in which period, and what who has spent it is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.contract.caller import Caller, words
from tests.fakes.processes import coderchat

LIMITS = "/chats/usage-limits"
PRICES = {"input_price_per_million_tokens": 3, "output_price_per_million_tokens": 15}
COST = 3_000_075
"""Of `#full`, at these prices."""


@pytest.fixture(scope="module")
def group(folder: Path, stranger: dict[str, str]) -> str:
    """A group that the stranger is in."""
    database = ("--database", folder / "chats.db")
    coderchat("groups", "create", "some", *database)
    added = coderchat(
        "groups", "add", "some", stranger["username"], "--json", *database
    )
    return str(json.loads(added.stdout)["id"])


@pytest.fixture
async def priced(me: Caller) -> AsyncIterator[str]:
    """A model that costs something; all limits are gone at the end."""
    models = await me.get("/chats/model-configs")
    body = {
        "ai_provider_id": models[0]["ai_provider_id"],
        "model": "scripted-priced",
        "context_limit": 10**9,
        "model_config": {"cost": PRICES},
    }
    made = await me.call("POST", "/chats/model-configs", body)
    assert made.status_code == 201, made.text
    yield str(made.json()["id"])
    await _limit(me, None)
    left = await me.get(LIMITS)
    for one in left["overrides"]:
        await me.call("DELETE", f"{LIMITS}/overrides/{one['user_id']}")
    for one in left["group_overrides"]:
        await me.call("DELETE", f"{LIMITS}/group-overrides/{one['group_id']}")
    await me.call("DELETE", f"/chats/model-configs/{made.json()['id']}")


async def _limit(me: Caller, micros: int | None, period: str = "month") -> None:
    body = {"spend_limit_micros": micros, "period": period}
    answer = await me.call("PUT", LIMITS, body)
    assert answer.status_code == 200, answer.text


async def _override(me: Caller, place: str, micros: int) -> None:
    path = f"{LIMITS}/{place}"
    answer = await me.call("PUT", path, {"spend_limit_micros": micros})
    assert answer.status_code == 200, answer.text


async def _status(caller: Caller) -> dict[str, Any]:
    return dict(await caller.get(f"{LIMITS}/status"))


def _month(now: datetime) -> tuple[str, str]:
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (first + timedelta(days=32)).replace(day=1)
    return f"{first:%Y-%m-%dT%H:%M:%SZ}", f"{following:%Y-%m-%dT%H:%M:%SZ}"


async def test_a_user_outranks_groups_and_groups_outrank_the_deployment(
    me: Caller, other: Caller, priced: str, group: str, stranger: dict[str, str]
) -> None:
    """Of several groups the smallest limit counts, and reached is too much."""
    chat = await other.rested("#full", model_config_id=priced)
    spent = (await other.get("/chats/cost/me/summary"))["total_cost_micros"]
    (everyone,) = [
        one["id"]
        for one in (await me.http.get("/api/v2/groups")).json()
        if one["name"] == "Everyone"
    ]
    seen = []
    for place, micros in (
        ("", 10 * spent),
        (f"group-overrides/{group}", 5 * spent),
        (f"group-overrides/{everyone}", spent),
        (f"overrides/{stranger['id']}", spent + 1),
    ):
        if place:
            await _override(me, place, micros)
        else:
            await _limit(me, micros)
        named = await other.call("POST", f"/chats/{chat}/title/propose")
        told = await _status(other)
        seen.append((told["spend_limit_micros"], named.status_code))
    gone = await me.call("DELETE", f"{LIMITS}/overrides/{stranger['id']}")
    again = await _status(other)

    assert seen == [(10 * spent, 200), (5 * spent, 200), (spent, 409), (spent + 1, 200)]
    assert gone.status_code == 204
    assert (again["spend_limit_micros"], again["current_spend"]) == (spent, spent)
    assert spent % COST == 0


async def test_who_has_spent_it_all_is_told_how_much_and_until_when(
    me: Caller, other: Caller, priced: str
) -> None:
    """By every call that would spend more, before anything else of it is done."""
    chat = await other.rested("#full", model_config_id=priced)
    (first, *_) = await other.messages(chat)
    spent = (await other.get("/chats/cost/me/summary"))["total_cost_micros"]
    begin, end = _month(datetime.now(UTC))
    await _limit(me, spent)
    new = {"organization_id": other.organization, **words("more")}
    calls = [
        ("POST", "/chats", new),
        ("POST", f"/chats/{chat}/messages", words("more")),
        ("PATCH", f"/chats/{chat}/messages/{first['id']}", words("other")),
        ("POST", f"/chats/{chat}/title/regenerate", None),
        ("POST", f"/chats/{chat}/title/propose", None),
    ]
    answers = [await other.call(*call) for call in calls]
    status = await _status(other)
    admin = await me.call("POST", "/chats", {**new, "model_config_id": me.model})

    told = {
        "message": "Chat usage limit exceeded.",
        "spent_micros": spent,
        "limit_micros": spent,
        "resets_at": end,
    }
    assert [(a.status_code, a.json()) for a in answers] == [(409, told)] * 5
    assert status == {
        "is_limited": True,
        "period": "month",
        "spend_limit_micros": spent,
        "current_spend": spent,
        "period_start": begin,
        "period_end": end,
    }
    assert len(await other.messages(chat)) == 2
    assert admin.status_code == 201


async def test_nothing_is_limited_while_the_limit_of_all_is_off(
    me: Caller, other: Caller, priced: str, group: str
) -> None:
    await _override(me, f"group-overrides/{group}", 1)
    chat = await other.rested("#full", model_config_id=priced)
    status = await _status(other)
    shown = await me.get(LIMITS)

    zero = "0001-01-01T00:00:00Z"
    assert status == {
        "is_limited": False,
        "current_spend": 0,
        "period_start": zero,
        "period_end": zero,
    }
    assert shown["spend_limit_micros"] is None
    assert shown["group_overrides"][0]["spend_limit_micros"] == 1
    assert (await other.send(chat, "more"))["queued"] is False
