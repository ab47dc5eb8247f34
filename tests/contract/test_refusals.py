"""How a request is refused: the keys of an error's body, and when it has which."""

from __future__ import annotations

from typing import Any, Final

import httpx

from tests.contract.caller import Caller, words

_NOWHERE: Final = "00000000-0000-0000-0000-000000000009"
_SAID: Final = {"message"}
_WHY: Final = {"message", "detail"}
_WHERE: Final = {"message", "validations"}
_LONG: Final = 300_000


def _keys(answer: httpx.Response) -> set[str]:
    """The keys of a refusal, which is written as every body is."""
    body: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.content.endswith(b"\n")
    assert body["message"]
    for item in body.get("validations", []):
        assert set(item) == {"field", "detail"}
    return set(body)


_QUESTIONS: Final = {
    "/chats/x": (400, _WHY),
    f"/chats/{_NOWHERE}": (404, _SAID),
    "/nothing": (404, _SAID),
    "/chats?limit=x": (400, _WHERE),
    "/chats?label=x": (400, _SAID),
    "/chats?q=word": (400, _WHERE),
    "/chats/by-workspace?workspace_ids=x": (400, _SAID),
    "/chats/files/x": (400, _SAID),
    f"/chats/files/{_NOWHERE}": (404, _SAID),
    "/chats/{chat}/messages?after_id=x": (400, _WHERE),
    "/chats/{chat}/messages?limit=0": (400, _SAID),
    "/chats/{chat}/messages?after_id=5&before_id=5": (400, _SAID),
    "/chats/{chat}/stream?after_id=x": (400, _WHY),
    f"/chats/{_NOWHERE}/stream": (404, _SAID),
    "/chats/{chat}/stream": (426, _SAID),
    "/chats/watch": (426, _SAID),
    "/chats/{chat}/stream/git": (400, _SAID),
    "/chats/{chat}/debug/runs/x": (400, _WHY),
    "/chats/providers": (410, _WHY),
}


async def test_a_bad_question_says_what_is_wrong(me: Caller) -> None:
    chat = await me.create("hi")
    found = {}
    for path in _QUESTIONS:
        answer = await me.call("GET", path.format(chat=chat))
        found[path] = answer.status_code, _keys(answer)

    assert found == _QUESTIONS


_CREATIONS: Final[list[tuple[dict[str, Any], int, set[str]]]] = [
    ({"organization_id": None}, 400, _SAID),
    ({"organization_id": _NOWHERE}, 403, _SAID),
    ({"system_prompt": "x" * 10_001}, 400, _WHY),
    ({"content": []}, 400, _WHY),
    ({"content": [{"type": "text", "text": " "}]}, 400, _WHY),
    ({"content": [{"type": "video"}]}, 400, _WHY),
    ({"content": [{"type": "file", "file_id": _NOWHERE}]}, 400, _WHY),
    ({"workspace_id": _NOWHERE}, 400, _SAID),
    ({"model_config_id": "00000000-0000-0000-0000-000000000000"}, 400, _SAID),
    ({"model_config_id": _NOWHERE}, 400, _WHY),
    ({"plan_mode": "x"}, 400, _SAID),
    ({"mcp_server_ids": [_NOWHERE]}, 400, _WHY),
    ({"labels": {"": "x"}}, 400, _WHERE),
    ({"unsafe_dynamic_tools": [{"name": ""}]}, 400, _SAID),
    ({"unsafe_dynamic_tools": [{"name": "a"}, {"name": "a"}]}, 400, _WHY),
    ({"client_type": "x"}, 400, _WHY),
    ({"title": "x" * _LONG}, 400, _WHY),
]


async def test_a_chat_is_not_created(me: Caller) -> None:
    body = {"organization_id": me.organization, **words("hi")}
    found = []
    for change, *_ in _CREATIONS:
        answer = await me.call("POST", "/chats", {**body, **change})
        found.append((change, answer.status_code, _keys(answer)))

    assert found == _CREATIONS


_CHANGES: Final[list[tuple[str, str, Any, int, set[str]]]] = [
    ("PATCH", "", {"title": " "}, 400, _SAID),
    ("PATCH", "", {"archived": False}, 400, _SAID),
    ("PATCH", "", {"pin_order": -1}, 400, _SAID),
    ("PATCH", "", {"labels": {"a": ""}}, 400, _WHERE),
    ("PATCH", "/messages/x", words("x"), 400, _WHY),
    ("PATCH", "/messages/999999", words("x"), 404, _WHY),
    ("POST", "/messages", {"content": [], "x": 1}, 400, _WHY),
    ("POST", "/messages", {**words("x"), "busy_behavior": "x"}, 400, _WHY),
    ("POST", "/messages", {**words("x"), "model_config_id": _NOWHERE}, 400, _SAID),
    ("DELETE", "/queue/x", None, 400, _WHY),
    ("POST", "/queue/999999/promote", None, 500, _WHY),
    ("POST", "/tool-results", {"results": []}, 400, _SAID),
    ("POST", "/tool-results", {"results": [{"tool_call_id": "a"}]}, 409, _WHY),
]


async def test_a_chat_is_not_changed(me: Caller) -> None:
    chat = await me.rested("hi")
    found = []
    for method, path, body, *_ in _CHANGES:
        answer = await me.call(method, f"/chats/{chat}{path}", body)
        found.append((method, path, body, answer.status_code, _keys(answer)))

    assert found == _CHANGES


async def test_what_is_no_json_is_told_as_such(me: Caller) -> None:
    answer = await me.call("POST", "/chats", content=b"{")

    assert (answer.status_code, _keys(answer)) == (400, _WHY)


async def test_a_full_queue_refuses_the_21st(me: Caller) -> None:
    chat = await me.create("#hang")
    for number in range(20):
        await me.send(chat, str(number))
    answer = await me.call("POST", f"/chats/{chat}/messages", words("x"))
    await me.call("PATCH", f"/chats/{chat}", {"archived": True})

    assert (answer.status_code, _keys(answer)) == (429, _WHY)
    assert "20" in answer.json()["detail"]


async def test_no_session_has_one_message_and_a_detail_for_each_reason(
    me: Caller,
) -> None:
    answers = [
        await me.call("GET", "/chats", headers={"Coder-Session-Token": token})
        for token in ("", "no-session", "nonsense")
    ]

    assert [(a.status_code, _keys(a)) for a in answers] == [(401, _WHY)] * 3
    assert len({answer.json()["message"] for answer in answers}) == 1
    assert len({answer.json()["detail"] for answer in answers}) == 3


async def test_the_chat_of_another_is_not_there(me: Caller, other: Caller) -> None:
    """Word for word as one that never was."""
    chat = await me.rested("hi")
    gets, posts = ("", "/messages", "/acl"), ("/messages", "/interrupt")
    calls = [("PATCH", ""), *(("GET", p) for p in gets), *(("POST", p) for p in posts)]
    for method, path in calls:
        answer = await other.call(method, f"/chats/{chat}{path}", words("x"))
        missing = await other.call(method, f"/chats/{_NOWHERE}{path}", words("x"))

        assert (answer.status_code, _keys(answer)) == (404, _SAID)
        assert answer.content == missing.content


async def test_an_administrator_does_not_speak_for_others(
    me: Caller, other: Caller
) -> None:
    chat = await other.rested("hi")
    for path in ("/messages", "/title/propose", "/tool-results"):
        answer = await me.call("POST", f"/chats/{chat}{path}", words("x"))

        assert (answer.status_code, _keys(answer)) == (403, _SAID)
        assert "only the chat owner" in answer.json()["message"].lower()


async def test_what_only_administrators_may_is_forbidden(other: Caller) -> None:
    answer = await other.call("POST", "/chats/model-configs", {"model": "x"})

    assert (answer.status_code, _keys(answer)) == (403, _WHY)
    assert answer.json()["message"] == "Forbidden."
