"""Sharing a chat: who may read it then, and that nobody may do more."""

from __future__ import annotations

from typing import Any, Final

from coderchat_jupyter.client import Client
from coderchat_jupyter.wire.ids import ChatId, UserId
from tests.server.databases import BOTH
from tests.server.world import Person, World, text

pytestmark = BOTH

UNKNOWN: Final = "11111111-1111-4111-8111-111111111111"


async def share(person: Person, chat: str, **body: Any) -> tuple[int, Any]:
    answer = await person.call("PATCH", f"/chats/{chat}/acl", body)
    return answer.status_code, answer.json() if answer.content else None


async def acl(person: Person, chat: str) -> tuple[int, Any]:
    answer = await person.call("GET", f"/chats/{chat}/acl")
    return answer.status_code, answer.json()


async def test_a_chat_is_shared_with_nobody_at_first(
    admin: Person, other: Person
) -> None:
    """Lists are empty, not null; a stranger does not learn that there is a chat."""
    chat = (await admin.answered())["id"]

    assert await acl(admin, chat) == (200, {"users": [], "groups": []})
    assert (await acl(other, chat))[0] == 404
    assert (await share(other, chat, user_roles={}))[0] == 404


async def test_a_reader_sees_everything_and_changes_nothing(
    admin: Person, other: Person
) -> None:
    """Reading is 200 everywhere, writing is 404 everywhere but for the list itself."""
    file = await admin.http.post(
        "/api/experimental/chats/files",
        params={"organization": admin.organization},
        content=b"a,b\n1,2\n",
        headers={"Content-Disposition": "attachment; filename=t.csv"},
    )
    chat = (await admin.answered())["id"]
    part = {"type": "file", "file_id": file.json()["id"]}
    await admin.call("POST", f"/chats/{chat}/messages", {"content": [part]})
    path = f"/chats/{chat}"

    assert (await share(admin, chat, user_roles={other.id: "read"})) == (204, None)

    for read in ("", "/messages", "/prompts", "/diff", "/acl"):
        assert (await other.call("GET", path + read)).status_code == 200, read
    fetched = await other.call("GET", f"/chats/files/{part['file_id']}")
    assert fetched.status_code == 200
    async with other.stream(chat) as feed:
        await feed.until(lambda feed: "user" in feed.story)
    for method, write, body in (
        ("PATCH", "", {"title": "Mine"}),
        ("POST", "/messages", text("hello")),
        ("POST", "/interrupt", None),
        ("POST", "/title/propose", None),
        ("DELETE", "/queue/1", None),
        ("POST", "/tool-results", {"results": []}),
    ):
        answer = await other.call(method, path + write, body)
        assert answer.status_code == 404, (method, write)
    assert (await share(other, chat, user_roles={UNKNOWN: "read"}))[0] == 403
    assert (await other.call("GET", "/chats")).json() == []


async def test_the_list_names_users_and_the_group_of_everybody(
    admin: Person, other: Person
) -> None:
    """By name and with the size of the group; an empty role takes one off it."""
    chat = (await admin.answered())["id"]
    await share(
        admin,
        chat,
        user_roles={other.id: "read"},
        group_roles={admin.organization: "read"},
    )

    _, listed = await acl(admin, chat)
    (user,), (group,) = listed["users"], listed["groups"]
    await share(admin, chat, user_roles={other.id: ""})
    _, fewer = await acl(admin, chat)
    by_group = await other.call("GET", f"/chats/{chat}")
    await share(admin, chat, group_roles={admin.organization: ""})
    gone = await other.call("GET", f"/chats/{chat}")

    assert user == {
        "id": other.id,
        "username": "other",
        "name": "Other",
        "role": "read",
    }
    assert (group["id"], group["name"]) == (admin.organization, "Everyone")
    assert (group["total_member_count"], group["role"]) == (2, "read")
    assert fewer["users"] == []
    assert (by_group.status_code, gone.status_code) == (200, 404)


async def test_roles_that_make_no_sense_are_refused_together(
    admin: Person, other: Person
) -> None:
    """One validation each, and nothing is changed; one's own id comes before them."""
    chat = (await admin.answered())["id"]

    status, body = await share(
        admin,
        chat,
        user_roles={UNKNOWN: "read", "x": "odd", other.id: "write"},
        group_roles={UNKNOWN: "read"},
    )
    own = await share(admin, chat, user_roles={admin.id: "read", "x": "y"})

    fields = [one["field"] for one in body["validations"]]
    assert (status, fields) == (400, ["group_roles"] + ["user_roles"] * 4)
    assert (own[0], list(own[1])) == (400, ["message"])
    assert await acl(admin, chat) == (200, {"users": [], "groups": []})


async def test_whoever_is_gone_can_be_taken_away(admin: Person) -> None:
    chat = (await admin.answered())["id"]

    answer = await admin.call(
        "PATCH",
        f"/chats/{chat}/acl",
        {"user_roles": {UNKNOWN: ""}, "group_roles": {UNKNOWN: ""}},
    )

    assert (answer.status_code, answer.content) == (204, b"")


async def test_our_own_client_shares_and_takes_back(
    world: World, admin: Person, other: Person
) -> None:
    """By the ids that users have."""
    chat = ChatId((await admin.answered())["id"])
    async with (
        Client(world.url, admin.account.token) as mine,
        Client(world.url, other.account.token) as theirs,
    ):
        await mine.sharing.update(chat, users={UserId(other.id): "read"})
        readers = await theirs.sharing.get(chat)
        page = await theirs.messages.list(chat)

    assert [user.username for user in readers.users] == ["other"]
    assert len(page.messages) == 2
