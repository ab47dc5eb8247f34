"""Budgets: whose limit counts, over which period, and what it stops."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import UsageLimitError
from coderchat_jupyter.server.engine.limits import period_bounds
from tests.fakes.puppet import Puppet
from tests.server.databases import BOTH
from tests.server.world import Person, World, text

BASE: Final = "/chats/usage-limits"
UNKNOWN: Final = "11111111-1111-4111-8111-111111111111"
ZERO: Final = "0001-01-01T00:00:00Z"


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "now", "start", "end"),
    [
        ("day", "2026-02-28T23:59:59", "2026-02-28", "2026-03-01"),
        ("week", "2026-06-07T10:00:00", "2026-06-01", "2026-06-08"),
        ("week", "2026-06-08T00:00:00", "2026-06-08", "2026-06-15"),
        ("month", "2026-12-31T23:59:59", "2026-12-01", "2027-01-01"),
        ("month", "2028-02-29T00:00:00", "2028-02-01", "2028-03-01"),
    ],
)
def test_a_period_begins_at_midnight_on_monday_or_on_the_first(
    period: str, now: str, start: str, end: str
) -> None:
    """In UTC; the end belongs to the next one."""
    assert period_bounds(period, at(now)) == (at(start), at(end))


async def put(person: Person, path: str, body: object) -> tuple[int, Any]:
    answer = await person.call("PUT", f"{BASE}{path}", body)
    return answer.status_code, answer.json()


async def budget(person: Person) -> dict[str, Any]:
    return dict((await person.call("GET", f"{BASE}/status")).json())


async def test_limits_are_off_until_somebody_sets_them(admin: Person) -> None:
    """Off means: nothing is told, not even what was spent."""
    await admin.answered()

    assert await budget(admin) == {
        "is_limited": False,
        "current_spend": 0,
        "period_start": ZERO,
        "period_end": ZERO,
    }
    config = (await admin.call("GET", BASE)).json()
    assert config.pop("updated_at")
    assert config == {
        "spend_limit_micros": None,
        "period": "month",
        "unpriced_model_count": 0,
        "overrides": [],
        "group_overrides": [],
    }


@BOTH
async def test_the_smallest_of_the_closest_limits_counts(
    admin: Person, other: Person
) -> None:
    """A user's own before the group's before everybody's, whichever is larger."""
    _, stored = await put(admin, "", {"spend_limit_micros": 1000, "period": "day"})
    everybodys = await budget(other)
    _, group = await put(
        admin, f"/group-overrides/{admin.organization}", {"spend_limit_micros": 5000}
    )
    groups = await budget(other)
    _, user = await put(admin, f"/overrides/{other.id}", {"spend_limit_micros": 9000})
    own = await budget(other)

    found = [one["spend_limit_micros"] for one in (everybodys, groups, own)]
    assert found == [1000, 5000, 9000]
    assert (own["is_limited"], own["period"], own["current_spend"]) == (True, "day", 0)
    assert set(stored) == {"spend_limit_micros", "period", "updated_at"}
    assert (group["group_name"], group["member_count"]) == ("Everyone", 2)
    assert user == {
        "user_id": other.id,
        "username": "other",
        "name": "Other",
        "avatar_url": "",
        "spend_limit_micros": 9000,
    }
    config = (await admin.call("GET", BASE)).json()
    assert config["overrides"] == [user]
    assert config["group_overrides"] == [group]


@BOTH
async def test_what_is_taken_away_no_longer_counts(
    admin: Person, other: Person
) -> None:
    """And cannot be taken away twice."""
    await put(admin, "", {"spend_limit_micros": 1000, "period": "week"})
    await put(admin, f"/overrides/{other.id}", {"spend_limit_micros": 9000})
    path = f"{BASE}/overrides/{other.id}"

    first = await admin.call("DELETE", path)
    second = await admin.call("DELETE", path)

    assert (first.status_code, second.status_code) == (204, 400)
    assert list(second.json()) == ["message"]
    assert (await budget(other))["spend_limit_micros"] == 1000
    await put(admin, "", {"spend_limit_micros": None, "period": "month"})
    assert (await budget(other))["is_limited"] is False


async def test_what_makes_no_sense_is_refused(admin: Person, other: Person) -> None:
    """With the statuses and keys of the reference."""
    detailed = ["detail", "message"]
    for path, body, status, keys in (
        ("", {"spend_limit_micros": 0, "period": "month"}, 400, detailed),
        ("", {"spend_limit_micros": 5, "period": "year"}, 400, detailed),
        ("", {"spend_limit_micros": 5, "period": ""}, 400, detailed),
        ("", {"period": "year"}, 400, detailed),
        ("", {"spend_limit_micros": "5"}, 400, detailed),
        (f"/overrides/{other.id}", {"spend_limit_micros": -1}, 400, detailed),
        (f"/overrides/{UNKNOWN}", {"spend_limit_micros": 1}, 404, ["message"]),
        ("/overrides/x", {"spend_limit_micros": 1}, 400, detailed),
        (f"/group-overrides/{UNKNOWN}", {"spend_limit_micros": 1}, 404, ["message"]),
    ):
        found, answer = await put(admin, path, body)
        assert (found, sorted(answer)) == (status, keys), path
    for path in (f"overrides/{UNKNOWN}", f"group-overrides/{UNKNOWN}", "overrides/x"):
        answer = await admin.call("DELETE", f"{BASE}/{path}")
        assert answer.status_code == 400


async def test_only_an_administrator_sees_and_sets_limits(other: Person) -> None:
    """One's own budget is for everybody."""
    for method, path in (
        ("GET", ""),
        ("PUT", ""),
        ("PUT", f"/overrides/{other.id}"),
        ("DELETE", f"/group-overrides/{UNKNOWN}"),
    ):
        answer = await other.call(method, BASE + path, {})
        assert answer.status_code == 403, path
    assert (await budget(other))["is_limited"] is False


@BOTH
async def test_who_has_spent_the_budget_starts_nothing_new(
    world: World, admin: Person, puppet: Puppet
) -> None:
    """No chat, no message, no edit, no title: all refused before anything happens."""
    chat = await admin.answered()
    spent = (await admin.call("GET", "/chats/cost/me/summary")).json()
    assert spent["total_cost_micros"] > 0
    assert "usage_limit" not in spent
    await put(admin, "", {"spend_limit_micros": 1, "period": "month"})
    path = f"/chats/{chat['id']}"
    page = (await admin.call("GET", f"{path}/messages")).json()
    asked = min(message["id"] for message in page["messages"])
    calls = len(puppet.calls)

    create = {"organization_id": admin.organization, **text("more")}
    answers = [
        await admin.call("POST", "/chats", create),
        await admin.call("POST", f"{path}/messages", text("more")),
        await admin.call("PATCH", f"{path}/messages/{asked}", text("else")),
        await admin.call("POST", f"{path}/title/propose"),
        await admin.call("POST", f"{path}/title/regenerate"),
    ]

    for answer in answers:
        body = answer.json()
        assert answer.status_code == 409
        assert sorted(body) == ["limit_micros", "message", "resets_at", "spent_micros"]
        assert body["limit_micros"] == 1
        assert body["spent_micros"] == spent["total_cost_micros"]
    assert len(puppet.calls) == calls
    assert (await admin.call("GET", f"{path}/messages")).json() == page
    summary = (await admin.call("GET", "/chats/cost/me/summary")).json()
    assert summary["usage_limit"]["current_spend"] == spent["total_cost_micros"]
    async with Client(world.url, admin.account.token) as client:
        with pytest.raises(UsageLimitError) as refused:
            await client.chats.create("more")
        assert refused.value.limit_micros == 1
        assert refused.value.resets_at == period_bounds("month", datetime.now(UTC))[1]
