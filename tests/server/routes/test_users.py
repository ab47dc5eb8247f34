"""The neighbours of the chats, with every field that the reference always writes."""

from __future__ import annotations

from uuid import UUID

from tests.server.world import Person

ZERO_TIME = "0001-01-01T00:00:00Z"


async def test_the_build_is_told_with_every_field(admin: Person) -> None:
    first = (await admin.http.get("/api/v2/buildinfo")).json()
    second = (await admin.http.get("/api/v2/buildinfo")).json()

    assert set(first) == {
        *("version", "external_url", "dashboard_url", "telemetry", "workspace_proxy"),
        *("agent_api_version", "provisioner_api_version", "upgrade_message"),
        "deployment_id",
    }
    assert UUID(first["deployment_id"])
    assert first == second


async def test_a_user_is_told_with_every_field(admin: Person) -> None:
    me = (await admin.call("GET", "/api/v2/users/me")).json()
    (group,) = (await admin.call("GET", "/api/v2/groups")).json()

    seen = (me["last_seen_at"], me["login_type"], me["has_ai_seat"])
    assert seen == (ZERO_TIME, "token", False)
    assert {who["last_seen_at"] for who in group["members"]} == {ZERO_TIME}
