"""Groups of users: a chat shared with one, a limit for one, and who is told of them."""

from __future__ import annotations

from typing import Any, Final

import pytest

from coderchat_jupyter.server import group_accounts
from tests.server.databases import BOTH
from tests.server.world import Person, World

pytestmark = BOTH

LIMITS: Final = "/chats/usage-limits"


async def group(world: World, name: str, *people: Person) -> str:
    """A group of these people; its id."""
    address = world.service.settings.database
    made = await group_accounts.create_group(address, name, f"The {name}")
    await group_accounts.change_members(
        address, name, [person.id for person in people], joining=True
    )
    return made.group.id


async def limit(admin: Person, path: str, micros: int) -> dict[str, Any]:
    answer = await admin.call("PUT", LIMITS + path, {"spend_limit_micros": micros})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_chat_shared_with_a_group_is_for_its_members(
    world: World, admin: Person, other: Person
) -> None:
    """Who joins later may read it too, who leaves may not; its files alike."""
    chat = await other.answered()
    stranger = await group(world, "blue")
    path = f"/chats/{chat['id']}"
    shared = await other.call(
        "PATCH", f"{path}/acl", {"group_roles": {stranger: "read"}}
    )
    listed = (await other.call("GET", f"{path}/acl")).json()["groups"]

    assert shared.status_code == 204
    assert [(one["id"], one["role"]) for one in listed] == [(stranger, "read")]
    assert listed[0] == {
        "id": stranger,
        "name": "blue",
        "display_name": "The blue",
        "organization_id": other.organization,
        "members": [],
        "total_member_count": 0,
        "avatar_url": "",
        "quota_allowance": 0,
        "source": "user",
        "organization_name": "coder",
        "organization_display_name": "Coder",
        "role": "read",
    }


async def test_what_is_shared_with_one_can_be_listed(
    world: World, admin: Person, other: Person
) -> None:
    """Beside one's own: by name or by group, whoever has read it."""
    mine, theirs, hidden = [await p.answered() for p in (other, admin, admin)]
    by_name = await admin.answered("by name")
    blue = await group(world, "blue", other)
    for chat, roles in (
        (theirs, {"group_roles": {blue: "read"}}),
        (by_name, {"user_roles": {other.id: "read"}}),
        (mine, {"user_roles": {admin.id: "read"}}),
    ):
        who = other if chat is mine else admin
        await who.call("PATCH", f"/chats/{chat['id']}/acl", roles)

    async def listed(source: str) -> list[tuple[str, bool]]:
        answer = await other.call("GET", "/chats", q=f"source:{source}")
        return [(chat["id"], chat["has_unread"]) for chat in answer.json()]

    assert await listed("shared_with_me") == [
        (by_name["id"], False),
        (theirs["id"], False),
    ]
    assert await listed("created_by_me") == [(mine["id"], True)]
    assert hidden["id"] not in dict(await listed("shared_with_me"))
    wrong = await other.call("GET", "/chats", q="source:elsewhere")
    assert [one["field"] for one in wrong.json()["validations"]] == ["source"]


async def test_members_come_and_go(world: World, admin: Person, other: Person) -> None:
    """What one may read follows at once."""
    chat = await admin.answered()
    path = f"/chats/{chat['id']}"
    blue = await group(world, "blue")
    await admin.call("PATCH", f"{path}/acl", {"group_roles": {blue: "read"}})
    address = world.service.settings.database
    statuses = [(await other.call("GET", path)).status_code]
    for joining in (True, False, True):
        await group_accounts.change_members(address, "blue", ["other"], joining=joining)
        statuses.append((await other.call("GET", path)).status_code)
    written = await other.call("PATCH", path, {"title": "Mine"})
    await group_accounts.delete_group(address, "Blue")
    statuses.append((await other.call("GET", path)).status_code)

    assert statuses == [404, 200, 404, 200, 404]
    assert written.status_code == 404
    assert (await admin.call("GET", f"{path}/acl")).json()["groups"] == []


async def test_the_smallest_limit_of_ones_groups_counts(
    world: World, admin: Person, other: Person
) -> None:
    """Before everybody's, after one's own; a group one is not in does not."""
    red = await group(world, "red", other)
    blue = await group(world, "blue", other, admin)
    green = await group(world, "green", admin)
    await admin.call("PUT", LIMITS, {"spend_limit_micros": 1000, "period": "month"})
    told = [
        await limit(admin, f"/group-overrides/{red}", 5000),
        await limit(admin, f"/group-overrides/{blue}", 4000),
        await limit(admin, f"/group-overrides/{green}", 10),
    ]

    async def mine(person: Person) -> int:
        answer = await person.call("GET", f"{LIMITS}/status")
        return int(answer.json()["spend_limit_micros"])

    found = [await mine(other), await mine(admin)]
    await limit(admin, f"/overrides/{other.id}", 9000)
    found.append(await mine(other))
    config = (await admin.call("GET", LIMITS)).json()

    assert found == [4000, 10, 9000]
    assert told[1] == {
        "group_id": blue,
        "group_name": "blue",
        "group_display_name": "The blue",
        "group_avatar_url": "",
        "member_count": 2,
        "spend_limit_micros": 4000,
    }
    names = [one["group_name"] for one in config["group_overrides"]]
    assert names == ["blue", "green", "red"]


async def test_a_deleted_group_limits_nobody(
    world: World, admin: Person, other: Person
) -> None:
    red = await group(world, "red", other)
    await admin.call("PUT", LIMITS, {"spend_limit_micros": 1000, "period": "month"})
    await limit(admin, f"/group-overrides/{red}", 5)

    await group_accounts.delete_group(world.service.settings.database, red)

    status = (await other.call("GET", f"{LIMITS}/status")).json()
    gone = await admin.call("DELETE", f"{LIMITS}/group-overrides/{red}")
    assert status["spend_limit_micros"] == 1000
    assert (await admin.call("GET", LIMITS)).json()["group_overrides"] == []
    assert (gone.status_code, gone.json()["message"]) == (400, "Group not found.")


async def test_groups_are_listed_by_name_with_who_one_may_see(
    world: World, admin: Person, other: Person
) -> None:
    """Everybody's is among them. Members are for administrators and members."""
    red = await group(world, "red", admin)
    root = "/api/v2"
    homes = f"{root}/organizations/{admin.organization}/groups"

    all_of_them = (await admin.call("GET", homes)).json()
    seen = (await other.call("GET", f"{root}/groups")).json()
    by_id = (await other.call("GET", f"{root}/groups/{red}")).json()
    by_name = (
        await admin.call("GET", f"{root}/organizations/default/groups/red")
    ).json()

    def story(found: list[dict[str, Any]]) -> list[tuple[str, int, list[str]]]:
        return [
            (
                one["name"],
                one["total_member_count"],
                [member["username"] for member in one["members"]],
            )
            for one in found
        ]

    assert story(all_of_them) == [
        ("Everyone", 2, ["admin", "other"]),
        ("red", 1, ["admin"]),
    ]
    assert story(seen) == [("Everyone", 2, ["admin", "other"]), ("red", 1, [])]
    assert all_of_them[0]["id"] == admin.organization
    assert (by_id["id"], by_name["id"]) == (red, red)
    assert by_name == all_of_them[1]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v2/groups/x", 400),
        ("/api/v2/groups/11111111-1111-4111-8111-111111111111", 404),
        ("/api/v2/organizations/nowhere/groups", 404),
        ("/api/v2/organizations/default/groups/nobody", 404),
    ],
)
async def test_a_group_that_is_not_there_is_told_as_such(
    other: Person, path: str, status: int
) -> None:
    assert (await other.call("GET", path)).status_code == status


async def test_users_are_listed_for_administrators(
    admin: Person, other: Person
) -> None:
    """Others see themselves: nobody learns who else there is."""
    everybody = (await admin.call("GET", "/api/v2/users")).json()
    found = (await admin.call("GET", "/api/v2/users", q="OTH")).json()
    second = (await admin.call("GET", "/api/v2/users", limit=1, offset=1)).json()
    myself = (await other.call("GET", "/api/v2/users")).json()

    def names(page: dict[str, Any]) -> tuple[list[str], int]:
        return [user["username"] for user in page["users"]], page["count"]

    assert names(everybody) == (["admin", "other"], 2)
    assert names(found) == (["other"], 1)
    assert names(second) == (["other"], 2)
    assert names(myself) == (["other"], 1)
