"""Tool servers: who may set them up, what is refused, and what is never told."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.server.databases import BOTH
from tests.server.world import Person, World

SERVERS = "/api/experimental/mcp/servers"
UNKNOWN = "11111111-2222-4333-8444-555555555555"
SECRET = "sk-A-SECRET-OF-A-TOOL-SERVER"


def server(**more: Any) -> dict[str, Any]:
    """The body of a create call."""
    return {
        "display_name": "Search",
        "slug": "search",
        "transport": "streamable_http",
        "url": "https://tools.example/mcp",
        "auth_type": "none",
        "availability": "default_off",
        "enabled": True,
        **more,
    }


async def added(person: Person, **more: Any) -> dict[str, Any]:
    answer = await person.call("POST", SERVERS, server(**more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@BOTH
async def test_a_server_is_told_with_every_field(admin: Person) -> None:
    made = await added(admin, tool_allow_list=[" find ", ""], display_name=" Search ")

    assert made.items() >= server(tool_allow_list=["find"]).items()
    assert {
        name: made[name]
        for name in ("has_oauth2_secret", "has_api_key", "has_custom_headers")
    } == dict.fromkeys(
        ("has_oauth2_secret", "has_api_key", "has_custom_headers"), False
    )
    assert (made["tool_deny_list"], made["auth_connected"]) == ([], True)
    assert "api_key_header" not in made
    listed = (await admin.call("GET", SERVERS)).json()
    alone = (await admin.call("GET", f"{SERVERS}/{made['id']}")).json()
    assert listed == [made]
    assert alone == made


@pytest.mark.parametrize(
    "more",
    [
        {
            "auth_type": "api_key",
            "api_key_header": "X-Api-Key",
            "api_key_value": SECRET,
        },
        {"auth_type": "custom_headers", "custom_headers": {"X-Team": SECRET}},
    ],
)
async def test_a_secret_is_sealed_and_never_told(
    world: World, admin: Person, more: dict[str, Any]
) -> None:
    made = await added(admin, **more)

    told = [
        (await admin.call(method, path, body)).text
        for method, path, body in (
            ("GET", SERVERS, None),
            ("GET", f"{SERVERS}/{made['id']}", None),
            ("PATCH", f"{SERVERS}/{made['id']}", {"description": "new"}),
        )
    ]
    with closing(sqlite3.connect(world.path)) as rows:
        stored = rows.execute("SELECT * FROM mcp_servers").fetchone()
    assert made["has_api_key"] != made["has_custom_headers"]
    assert SECRET not in json.dumps(made) + "".join(told) + str(stored)


async def test_a_change_keeps_what_it_does_not_name(admin: Person) -> None:
    made = await added(
        admin, auth_type="api_key", api_key_header="X-Key", api_key_value=SECRET
    )
    path = f"{SERVERS}/{made['id']}"

    renamed = (await admin.call("PATCH", path, {"display_name": "Find"})).json()
    cleared = (await admin.call("PATCH", path, {"api_key_value": ""})).json()

    assert renamed == {
        **made,
        "display_name": "Find",
        "updated_at": renamed["updated_at"],
    }
    assert renamed["updated_at"] > made["updated_at"]
    assert (renamed["has_api_key"], cleared["has_api_key"]) == (True, False)


async def test_a_deleted_server_is_gone(admin: Person) -> None:
    made = await added(admin)
    path = f"{SERVERS}/{made['id']}"

    deleted = await admin.call("DELETE", path)

    after = [
        await admin.call(method, path, {}) for method in ("GET", "PATCH", "DELETE")
    ]
    assert (deleted.status_code, deleted.text) == (204, "")
    assert [answer.status_code for answer in after] == [404, 404, 404]


async def test_users_see_what_they_may_choose_and_no_more(
    admin: Person, other: Person
) -> None:
    on = await added(
        admin,
        url="https://tools.example/mcp?key=QUERY",
        auth_type="api_key",
        api_key_header="X-Key",
        api_key_value=SECRET,
    )
    off = await added(admin, slug="off", enabled=False)

    (seen,) = (await other.call("GET", SERVERS)).json()
    hidden = await other.call("GET", f"{SERVERS}/{off['id']}")

    assert (seen["id"], seen["url"]) == (on["id"], "https://tools.example/mcp")
    assert "api_key_header" not in seen
    assert hidden.status_code == 404
    assert on["api_key_header"] == "X-Key"


async def test_only_administrators_change_them(other: Person) -> None:
    """The refusal comes before everything else, also before a malformed id."""
    one = f"{SERVERS}/nonsense"

    refused = [
        await other.call(method, path, {})
        for method, path in (("POST", SERVERS), ("PATCH", one), ("DELETE", one))
    ]

    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert {answer.json()["message"] for answer in refused} == {"Forbidden."}


async def test_what_no_server_can_be_is_refused_without_the_secret(
    admin: Person,
) -> None:
    """Every fault by the field it is in; nothing is stored."""
    more = {"slug": " ", "transport": "stdio", "api_key_value": f"{SECRET}\n{SECRET}"}

    refused = await admin.call("POST", SERVERS, server(**more))

    told = refused.json()
    assert (refused.status_code, told["message"]) == (400, "Validation failed.")
    assert [fault["field"] for fault in told["validations"]] == [
        "slug",
        "transport",
        "api_key_value",
    ]
    assert SECRET not in refused.text
    assert (await admin.call("GET", SERVERS)).json() == []


async def test_a_refused_change_changes_nothing(admin: Person) -> None:
    made = await added(admin)
    path = f"{SERVERS}/{made['id']}"

    refused = await admin.call("PATCH", path, {"slug": "new", "transport": "stdio"})

    assert refused.status_code == 400
    assert (await admin.call("GET", path)).json() == made


@BOTH
async def test_no_two_servers_have_one_slug(admin: Person) -> None:
    await added(admin)
    second = await added(admin, slug="second")

    answers = [
        await admin.call("POST", SERVERS, server()),
        await admin.call("PATCH", f"{SERVERS}/{second['id']}", {"slug": "search"}),
    ]

    assert [answer.status_code for answer in answers] == [409, 409]


async def test_a_malformed_id_is_told_as_such(admin: Person) -> None:
    refused = await admin.call("GET", f"{SERVERS}/nonsense")

    assert refused.status_code == 400
    assert refused.json()["message"] == "Invalid MCP server config ID."
    assert refused.json()["detail"]


async def test_a_chat_names_its_servers(admin: Person) -> None:
    one, two = [(await added(admin, slug=slug))["id"] for slug in ("one", "two")]
    off = (await added(admin, slug="off", enabled=False))["id"]

    chat = await admin.create("hello", mcp_server_ids=[two, one, off])

    assert chat["mcp_server_ids"] == [two, one, off]


@pytest.mark.parametrize("what", ["create", "send"])
async def test_servers_that_do_not_exist_are_listed(admin: Person, what: str) -> None:
    known = (await added(admin))["id"]
    chat = await admin.answered()
    more = {"organization_id": admin.organization} if what == "create" else {}
    path = "/chats" if what == "create" else f"/chats/{chat['id']}/messages"

    refused = await admin.call(
        "POST",
        path,
        {
            **more,
            "content": [{"type": "text", "text": "hello"}],
            "mcp_server_ids": [known, UNKNOWN],
        },
    )

    assert refused.status_code == 400
    assert refused.json() == {
        "message": "One or more MCP server IDs are invalid.",
        "detail": f"Invalid IDs: {UNKNOWN}",
    }


@BOTH
async def test_a_message_replaces_clears_or_keeps_the_servers(
    world: World, admin: Person
) -> None:
    one, two = [(await added(admin, slug=slug))["id"] for slug in ("one", "two")]
    chat = await admin.create("hello", mcp_server_ids=[one])
    seen = []
    sent: tuple[dict[str, Any], ...] = (
        {"mcp_server_ids": [two]},
        {},
        {"mcp_server_ids": None},
        {"mcp_server_ids": []},
    )
    for more in sent:
        await admin.send(chat["id"], "more", **more)
        now = (await admin.call("GET", f"/chats/{chat['id']}")).json()
        seen.append(now["mcp_server_ids"])

    assert seen == [[two], [two], [two], []]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (
            {"auth_type": "api_key", "api_key_header": "X-Key"},
            "API key auth type requires api_key_header and api_key_value.",
        ),
        (
            {"auth_type": "api_key", "api_key_value": SECRET},
            "API key auth type requires api_key_header and api_key_value.",
        ),
        (
            {"auth_type": "custom_headers", "custom_headers": {}},
            "Custom headers auth type requires at least one custom header.",
        ),
    ],
)
async def test_a_server_that_nobody_could_sign_in_to_is_refused(
    admin: Person, more: dict[str, Any], why: str
) -> None:
    refused = await admin.call("POST", SERVERS, server(**more))

    assert (refused.status_code, refused.json()) == (400, {"message": why})


async def test_a_sign_in_is_refused_by_servers_that_want_none(
    admin: Person, other: Person
) -> None:
    """Signing out is none the less what was asked for."""
    on = (await added(admin))["id"]
    off = (await added(admin, slug="off", enabled=False))["id"]
    told = []
    for step in ("connect", "callback"):
        for server_id in (on, off, UNKNOWN, "nonsense"):
            path = f"{SERVERS}/{server_id}/oauth2/{step}"
            answer = await other.call("GET", path, code="c", state="s")
            told.append((answer.status_code, answer.json()["message"]))
    out = await other.call("DELETE", f"{SERVERS}/{on}/oauth2/disconnect")

    assert told[:4] == told[4:]
    assert told[:2] == [
        (400, "MCP server does not use OAuth2 authentication."),
        (400, "MCP server is not enabled."),
    ]
    assert [status for status, _ in told[2:4]] == [404, 400]
    assert out.status_code == 204
