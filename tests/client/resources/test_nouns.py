"""Limits, sharing, diffs, debug runs, insights and costs, over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UnsupportedError,
)
from coderchat_jupyter.wire.ids import ChatId, GroupId, UserId
from tests.fakes.recorded_server import TOKEN, RecordedServer, recorded

CHAT: Final = ChatId("4a4f3cf4-6c3c-4c0c-9b53-0f3d4d0f7a10")
USER: Final = UserId("22222222-2222-4222-8222-222222222222")
GROUP: Final = GroupId("33333333-3333-4333-8333-333333333333")
ZERO: Final = "0001-01-01T00:00:00Z"
START: Final = "2026-05-01T00:00:00.123456789Z"
END: Final = "2026-06-01T00:00:00.987654321Z"


@asynccontextmanager
async def deployment(
    release: str = "v2.34.0", *, version: str | None = None
) -> AsyncIterator[tuple[RecordedServer, Client]]:
    async with (
        recorded(release, version=version) as server,
        Client(server.url, TOKEN) as client,
    ):
        yield server, client


async def test_switching_limits_off_sends_a_null() -> None:
    """As the Go client does: a key that is left out would be another thing."""
    stored = {"spend_limit_micros": None, "period": "month", "updated_at": END}
    async with deployment() as (server, client):
        server.answer("PUT", "/chats/usage-limits", body=stored)
        config = await client.usage.update_config(None)

    assert config.spend_limit_micros is None
    assert server.asked[-1].json == {
        "spend_limit_micros": None,
        "period": "month",
        "updated_at": ZERO,
    }


async def test_a_status_without_limits_has_no_limit_and_no_period() -> None:
    """The times are Go's zero time then."""
    body = {
        "is_limited": False,
        "current_spend": 0,
        "period_start": ZERO,
        "period_end": ZERO,
    }
    async with deployment() as (server, client):
        server.answer("GET", "/chats/usage-limits/status", body=body)
        status = await client.usage.status()

    assert (status.is_limited, status.spend_limit_micros) == (False, None)
    assert status.period == ""


async def test_a_limit_of_a_user_and_of_a_group_are_set_and_taken_away() -> None:
    """By id; what is stored comes back."""
    user = {"user_id": USER, "username": "ada", "name": "", "avatar_url": ""}
    group = {"group_id": GROUP, "group_name": "g", "member_count": 3}
    async with deployment() as (server, client):
        at = "/chats/usage-limits"
        server.answer(
            "PUT", f"{at}/overrides/{USER}", body=user | {"spend_limit_micros": 5}
        )
        server.answer(
            "PUT",
            f"{at}/group-overrides/{GROUP}",
            body=group | {"spend_limit_micros": 7},
        )
        server.answer("DELETE", f"{at}/overrides/{USER}", 204)
        server.answer("DELETE", f"{at}/group-overrides/{GROUP}", 204)
        mine = await client.usage.set_user(USER, 5)
        theirs = await client.usage.set_group(GROUP, 7)
        await client.usage.delete_user(USER)
        await client.usage.delete_group(GROUP)

    assert (mine.username, mine.spend_limit_micros) == ("ada", 5)
    assert (theirs.member_count, theirs.spend_limit_micros) == (3, 7)
    assert [one.json for one in server.asked if one.method == "PUT"] == [
        {"spend_limit_micros": 5},
        {"spend_limit_micros": 7},
    ]


async def test_only_who_is_named_is_told_to_the_server() -> None:
    """An empty role takes access away, an absent map leaves all as it is."""
    async with deployment() as (server, client):
        server.answer("PATCH", f"/chats/{CHAT}/acl", 204)
        await client.sharing.update(CHAT, users={USER: "read"})
        await client.sharing.update(CHAT, groups={GROUP: ""})

    assert [one.json for one in server.asked if one.method == "PATCH"] == [
        {"user_roles": {USER: "read"}},
        {"group_roles": {GROUP: ""}},
    ]


async def test_a_list_of_readers_may_have_groups_without_members() -> None:
    """Go writes null for a list that was never made."""
    group = {"id": GROUP, "organization_id": "o", "members": None, "role": "read"}
    body = {"users": [{"id": USER, "username": "ada", "role": "read"}], "groups": None}
    async with deployment() as (server, client):
        server.answer("GET", f"/chats/{CHAT}/acl", body=body | {"groups": [group]})
        readers = await client.sharing.get(CHAT)

    assert [user.username for user in readers.users] == ["ada"]
    assert readers.groups[0].members == ()


async def test_a_refusal_names_the_map_that_was_wrong() -> None:
    """As pairs of field and detail."""
    body = {
        "message": "Invalid request.",
        "validations": [{"field": "user_roles", "detail": "no such user"}],
    }
    async with deployment() as (server, client):
        server.answer("PATCH", f"/chats/{CHAT}/acl", 400, body)
        with pytest.raises(InvalidRequestError) as refused:
            await client.sharing.update(CHAT, users={USER: "read"})

    assert refused.value.validations == (("user_roles", "no such user"),)


async def test_a_chat_without_a_repository_has_no_diff() -> None:
    """Only its id comes back."""
    async with deployment() as (server, client):
        server.answer("GET", f"/chats/{CHAT}/diff", body={"chat_id": CHAT})
        contents = await client.diffs.contents(CHAT)

    assert (contents.branch, contents.diff) == (None, "")


async def test_debug_runs_may_be_none_at_all() -> None:
    """Debug logging is off by default."""
    async with deployment() as (server, client):
        server.answer("GET", f"/chats/{CHAT}/debug/runs", body=[])
        server.answer(
            "GET", f"/chats/{CHAT}/debug/runs/{USER}", 404, {"message": "Not found."}
        )
        assert await client.debug.runs(CHAT) == ()
        with pytest.raises(NotFoundError):
            await client.debug.run(CHAT, USER)


async def test_insights_of_a_period_without_pull_requests_are_zeros() -> None:
    """Rates have nothing to divide by then."""
    body: dict[str, Any] = {
        "summary": {"merge_rate": 0, "total_prs_created": 0},
        "time_series": [],
        "by_model": None,
        "recent_prs": [],
    }
    async with deployment() as (server, client):
        server.answer("GET", "/chats/insights/pull-requests", body=body)
        found = await client.insights.pull_requests(
            start=datetime(2026, 5, 1, tzinfo=UTC)
        )

    assert (found.summary.merge_rate, found.by_model) == (0, ())
    assert server.asked[-1].query == [("start_date", "2026-05-01T00:00:00Z")]


def rollup(number: int) -> dict[str, Any]:
    return {"user_id": f"u{number}", "username": f"u{number}", "message_count": number}


async def test_all_users_come_over_several_pages_of_one_period() -> None:
    """The period of the first page is kept, to the nanosecond: the clock goes on."""
    async with deployment() as (server, client):
        server.answer(
            "GET",
            "/chats/cost/users",
            body={
                "start_date": START,
                "end_date": END,
                "count": 2,
                "users": [rollup(0), rollup(1)],
            },
        )
        pages = client.costs.iterate_users(username="u", page_size=1)
        found = [user.username async for user in pages]

    first, *others = [dict(one.query) for one in server.asked if one.query]
    assert found == ["u0", "u1"]
    assert first == {"username": "u", "limit": "1"}
    assert {(one["start_date"], one["end_date"]) for one in others} <= {(START, END)}


Call = Callable[[Client], Awaitable[Any]]


@pytest.mark.parametrize(
    ("release", "version", "call", "hint"),
    [
        ("v2.36.0", None, lambda c: c.insights.pull_requests(), "v2.36"),
        ("v2.34.0", None, lambda c: c.diffs.status(CHAT), "diff_status"),
        ("v2.34.0", None, lambda c: c.diffs.git_changes(CHAT), "diff"),
        ("v2.34.0", None, lambda c: c.costs.chat(CHAT), "v2.34"),
        ("main", "v2.37.0", lambda c: c.usage.config(), "v2.37"),
        ("main", "v2.37.0", lambda c: c.costs.users(), "v2.37"),
        ("v2.33.9", None, lambda c: c.sharing.get(CHAT), "v2.33"),
    ],
    ids=["insights", "status", "changes", "cost", "limits", "users", "sharing"],
)
async def test_a_call_that_a_release_lacks_says_which_release_and_what_instead(
    release: str, version: str | None, call: Call, hint: str
) -> None:
    """Newer servers removed some of it, older ones never had the rest."""
    async with deployment(release, version=version) as (_, client):
        with pytest.raises(UnsupportedError) as refused:
            await call(client)

    assert hint in str(refused.value)


async def test_the_cost_of_one_chat_comes_from_the_newest_servers() -> None:
    """They count requests, not messages."""
    body = {
        "chat_id": CHAT,
        "total_cost_micros": 11_100,
        "request_count": 3,
        "unpriced_request_count": 1,
    }
    async with deployment("main", version="v2.37.0") as (server, client):
        server.answer("GET", f"/chats/{CHAT}/cost", body=body)
        cost = await client.costs.chat(CHAT)

    assert (cost.total_cost_micros, cost.request_count) == (11_100, 3)
    assert cost.unpriced_request_count == 1


async def test_who_is_no_admin_is_told_so() -> None:
    """With the server's own hint at the permission."""
    body = {"message": "Forbidden.", "detail": "You need a permission."}
    async with deployment() as (server, client):
        server.answer("GET", "/chats/cost/users", 403, body)
        with pytest.raises(ForbiddenError) as refused:
            await client.costs.iterate_users().all()

    assert refused.value.detail == "You need a permission."
