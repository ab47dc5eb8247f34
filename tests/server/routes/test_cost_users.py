"""What everybody's chats cost; and what a server without workspaces says of work."""

from __future__ import annotations

from typing import Any, Final

import pytest

from coderchat_jupyter.client import Client
from tests.fakes.puppet import Puppet
from tests.server.databases import BOTH
from tests.server.world import Person, World

pytestmark = BOTH

PATH: Final = "/chats/cost/users"
PERIOD: Final = {"start_date": "2020-01-01T00:00:00Z"}


async def turn(person: Person, puppet: Puppet) -> None:
    calls = len(puppet.calls)
    chat = await person.create()
    await puppet.asked(calls + 1)
    puppet.answer("Hi.")
    await person.settled(chat["id"])


async def users(admin: Person, **params: Any) -> dict[str, Any]:
    answer = await admin.call("GET", PATH, **(PERIOD | params))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_users_come_with_their_totals_the_dearest_first(
    admin: Person, other: Person, puppet: Puppet
) -> None:
    """Two turns cost twice as much as one; the period is told back."""
    await turn(admin, puppet)
    await turn(other, puppet)
    await turn(other, puppet)

    found = await users(admin)

    first, second = found["users"]
    assert (found["count"], found["start_date"]) == (2, PERIOD["start_date"])
    assert (first["username"], second["username"]) == ("other", "admin")
    assert first["total_cost_micros"] == 2 * second["total_cost_micros"] > 0
    assert (first["message_count"], first["chat_count"]) == (2, 2)
    assert set(first) == {
        "user_id",
        "username",
        "name",
        "avatar_url",
        "total_cost_micros",
        "message_count",
        "chat_count",
        "total_input_tokens",
        "total_output_tokens",
        "total_cache_read_tokens",
        "total_cache_creation_tokens",
        "total_runtime_ms",
    }


async def test_a_page_and_a_name_choose_among_them(
    world: World, admin: Person, other: Person, puppet: Puppet
) -> None:
    """The count is that of all pages, also past the end; a name may have wildcards."""
    await turn(admin, puppet)
    await turn(other, puppet)

    by_name = await users(admin, username=" OTH\t")
    patterns = [await users(admin, username=part) for part in ("%", "_dm", "\\%")]
    second = await users(admin, limit=1, offset=1)
    past = await users(admin, offset=7)
    defaults = await users(admin, limit=-3)
    async with Client(world.url, admin.account.token) as client:
        walked = await client.costs.iterate_users(page_size=1).all()

    assert [user["username"] for user in by_name["users"]] == ["other"]
    assert [found["count"] for found in patterns] == [2, 1, 0]
    assert (second["count"], len(second["users"])) == (2, 1)
    assert (past["count"], past["users"]) == (2, [])
    assert len(defaults["users"]) == 2
    assert {user.username for user in walked} == {"admin", "other"}


@pytest.mark.parametrize(
    ("asked", "faults"),
    [
        ({"limit": "-x"}, ["limit"]),
        ({"limit": "-9223372036854775809"}, ["limit"]),
        ({"limit": "2147483648", "offset": "-1"}, ["limit", "offset"]),
        ({"offset": "2147483648"}, ["offset"]),
        ({"username": ["a", "b"]}, ["username"]),
        # What can be read is only looked at when everything can.
        (
            {"offset": "-1", "limit": "x", "start_date": "soon", "colour": "red"},
            ["colour", "limit", "start_date"],
        ),
    ],
)
async def test_a_question_that_cannot_be_read_is_refused(
    admin: Person, asked: dict[str, Any], faults: list[str]
) -> None:
    """Each parameter has a validation of its own."""
    answer = await admin.call("GET", PATH, **asked)

    assert answer.status_code == 400
    assert sorted(one["field"] for one in answer.json()["validations"]) == faults


async def test_others_may_not_ask(other: Person) -> None:
    assert (await other.call("GET", PATH)).status_code == 403


async def test_without_workspaces_there_is_no_diff_and_no_pull_request(
    world: World, admin: Person, other: Person
) -> None:
    """As the reference answers when nothing is known."""
    chat = await admin.answered()
    path = "/chats/insights/pull-requests"

    diff = await admin.call("GET", f"/chats/{chat['id']}/diff")
    found = (await admin.call("GET", path)).json()
    wrong = await admin.call("GET", path, year=2026)

    assert diff.json() == {"chat_id": chat["id"]}
    assert set(found.pop("summary").values()) == {0}
    assert found == {"time_series": [], "by_model": [], "recent_prs": []}
    assert wrong.status_code == 400
    assert (await other.call("GET", path)).status_code == 403
    assert (await other.call("GET", f"/chats/{chat['id']}/diff")).status_code == 404


async def test_an_answer_that_was_cut_off_is_there_and_not_counted(
    admin: Person, puppet: Puppet
) -> None:
    """It has no tokens and no cost, but its chat and model are listed."""
    chat = await admin.create("cut")
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:
        puppet.say("Half")
        await feed.until(lambda feed: feed.said == "Half")
        await admin.call("POST", f"/chats/{chat['id']}/interrupt")
        await feed.until(lambda feed: "assistant" in feed.story)

    (mine,) = (await users(admin))["users"]
    summary = (await admin.call("GET", "/chats/cost/me/summary")).json()

    assert (mine["message_count"], mine["chat_count"]) == (0, 1)
    assert (mine["total_cost_micros"], mine["total_input_tokens"]) == (0, 0)
    counts = summary["priced_message_count"], summary["unpriced_message_count"]
    assert counts == (0, 0)
    assert [m["message_count"] for m in summary["by_model"]] == [0]
    assert [c["message_count"] for c in summary["by_chat"]] == [0]
