"""Of several faults in one request the first in the order of v2.34 is told."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.contract.caller import Caller, words

_ZERO: Final = "00000000-0000-0000-0000-000000000000"
_NOWHERE: Final = "00000000-0000-0000-0000-000000000009"

# Each has what the next one lacks, too: a later fault is never the one that is told.
_CREATIONS: Final[list[tuple[dict[str, Any], str]]] = [
    ({"client_type": "x"}, "client_type"),
    ({"unsafe_dynamic_tools": [{"name": ""}]}, "tool name"),
    ({"labels": {"": "x"}}, "labels"),
    ({"mcp_server_ids": [_NOWHERE]}, "mcp"),
    ({"plan_mode": "x"}, "plan_mode"),
    ({"model_config_id": _ZERO}, "model config"),
    ({"workspace_id": _ZERO}, "workspace"),
    ({"content": []}, "content"),
    ({"system_prompt": "x" * 10_001}, "system prompt"),
    ({"organization_id": _NOWHERE}, "member"),
    ({"organization_id": _ZERO}, "organization_id"),
]


async def test_a_creation_is_refused_for_its_first_fault(me: Caller) -> None:
    body: dict[str, Any] = {"organization_id": me.organization, **words("hi")}
    for fault, word in _CREATIONS:
        body |= fault
        answer = await me.call("POST", "/chats", body)

        assert answer.status_code in (400, 403), fault
        assert word in answer.json()["message"].lower(), fault


async def test_a_send_is_refused_for_its_first_fault(me: Caller) -> None:
    """Before all of them that the chat is archived, also to what is no JSON."""
    chat = await me.rested("hi")
    body: dict[str, Any] = words("hi")
    for fault, word in (
        ({"model_config_id": _NOWHERE}, "model config"),
        ({"busy_behavior": "x"}, "busy_behavior"),
        ({"plan_mode": "x"}, "plan_mode"),
        ({"mcp_server_ids": [_NOWHERE]}, "mcp"),
        ({"content": []}, "content"),
    ):
        body |= fault
        answer = await me.call("POST", f"/chats/{chat}/messages", body)

        assert answer.status_code == 400, fault
        assert word in answer.json()["message"].lower(), fault
    await me.call("PATCH", f"/chats/{chat}", {"archived": True})
    for method, path in (
        ("POST", "/messages"),
        ("PATCH", "/messages/x"),
        ("POST", "/tool-results"),
        ("POST", "/queue/1/promote"),
    ):
        answer = await me.call(method, f"/chats/{chat}{path}", content=b"{")

        assert answer.status_code == 400
        assert "archived" in answer.json()["message"].lower()


async def test_a_change_keeps_what_came_before_its_first_fault(me: Caller) -> None:
    """It is no transaction; but a mode that is none is seen before anything else."""
    chat = await me.rested("hi")
    path = f"/chats/{chat}"

    first = await me.call("PATCH", path, {"plan_mode": "x", "title": "Lost"})
    before = await me.get(path)
    late = {"title": "Kept", "labels": {"-": "x"}, "archived": True}
    second = await me.call("PATCH", path, late)
    after = await me.get(path)
    await me.call("PATCH", path, {"archived": True})
    third = await me.call("PATCH", path, {"archived": False, "pin_order": 1})
    at_last = await me.get(path)

    assert [a.status_code for a in (first, second, third)] == [400] * 3
    assert before["title"] != "Lost"
    assert (after["title"], after["archived"], after["labels"]) == ("Kept", False, {})
    assert (at_last["archived"], at_last["pin_order"]) == (False, 0)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("word", "q"),
        ("title:", "q"),
        (":x", "q"),
        ("title:a:b", "q"),
        ("diff_url:https://a/b", "q"),
        ("archived:maybe", "archived"),
        ("pr:0", "pr"),
        ("pr:2147483648", "pr"),
        ("pr_status:bogus", "pr_status"),
        ('diff_url:"ftp://a/b"', "diff_url"),
        ("source:created_by_me", "source"),
        ("title:a title:b", "title"),
    ],
)
async def test_a_search_is_refused_at_its_key(
    me: Caller, query: str, field: str
) -> None:
    answer = await me.call("GET", "/chats", params={"q": query})

    assert answer.status_code == 400
    assert [v["field"] for v in answer.json()["validations"]] == [field]


async def test_a_search_finds_what_it_names(me: Caller) -> None:
    chat = await me.rested("hi")
    title = "Zebra 100% Crossing"
    await me.call("PATCH", f"/chats/{chat}", {"title": title, "labels": {"a": "b:c"}})
    for query in (
        "title:zebra",
        "TITLE:ZEBRA",
        'title:"100% cross"',
        "title:z_bra has_unread:false",
        "  title:z%g  archived:f ",
    ):
        assert [row["id"] for row in await me.get("/chats", q=query)] == [chat], query
    for query in (
        "title:zebra archived:true",
        "title:zebra pr:5",
        "title:zebra has_unread:true",
    ):
        assert await me.get("/chats", q=query) == [], query
    assert [row["id"] for row in await me.get("/chats", label="a:b:c")] == [chat]


async def test_null_is_an_object_without_fields(me: Caller) -> None:
    """As a Go decoder reads it, in bodies and in lists."""
    advisor = await me.call("PUT", "/chats/config/advisor", content=b"null")
    chat = await me.call("POST", "/chats", content=b"null")
    listed = {"organization_id": me.organization, "content": [None]}
    part = await me.call("POST", "/chats", listed)

    assert (advisor.status_code, advisor.content) == (204, b"")
    assert "organization_id" in chat.json()["message"]
    assert part.json()["message"] == "Invalid input part."
