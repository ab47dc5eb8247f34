"""Reading and sending messages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.puppet import Puppet
from tests.server.world import Person, text

UNKNOWN = "11111111-1111-4111-8111-111111111111"


async def _ids(person: Person, chat: str, **params: object) -> tuple[list[int], bool]:
    page = (await person.call("GET", f"/chats/{chat}/messages", **params)).json()
    return [m["id"] for m in page["messages"]], page["has_more"]


async def _long(admin: Person, puppet: Puppet) -> tuple[str, list[int]]:
    chat = await admin.answered("one")
    for words in ("two", "three"):
        calls = len(puppet.calls)
        await admin.send(chat["id"], words)
        await puppet.asked(calls + 1)
        puppet.answer("Yes.")
        await admin.settled(chat["id"])
    return chat["id"], sorted((await _ids(admin, chat["id"]))[0])


async def test_a_page_is_newest_first_unless_asked_after_an_id(
    admin: Person, puppet: Puppet
) -> None:
    chat, ids = await _long(admin, puppet)

    assert await _ids(admin, chat) == (ids[::-1], False)
    assert await _ids(admin, chat, limit=2) == (ids[:3:-1], True)
    assert await _ids(admin, chat, before_id=ids[2]) == ([ids[1], ids[0]], False)
    assert await _ids(admin, chat, after_id=ids[3]) == (ids[4:], False)
    assert await _ids(admin, chat, after_id=ids[0], limit=2) == (ids[1:3], True)
    assert await _ids(admin, chat, after_id=ids[0], before_id=ids[4]) == (
        [ids[3], ids[2], ids[1]],
        False,
    )


async def test_the_queue_is_told_only_without_a_cursor(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.create()
    await puppet.asked()
    await admin.send(chat["id"], "waits")
    path = f"/chats/{chat['id']}/messages"

    whole = (await admin.call("GET", path)).json()
    part = (await admin.call("GET", path, after_id=1)).json()

    assert [q["content"][0]["text"] for q in whole["queued_messages"]] == ["waits"]
    assert set(whole["queued_messages"][0]) == {
        "id",
        "chat_id",
        "model_config_id",
        "content",
        "created_at",
    }
    assert part["queued_messages"] == []


@pytest.mark.parametrize(
    ("params", "fields"),
    [
        ({"before_id": "x"}, ["before_id"]),
        ({"after_id": -1, "limit": "x"}, ["after_id", "limit"]),
        ({"limit": 0}, None),
        ({"limit": 201}, None),
        ({"after_id": 5, "before_id": 5}, None),
    ],
)
async def test_a_page_that_makes_no_sense_is_refused(
    admin: Person, params: dict[str, object], fields: list[str] | None
) -> None:
    chat = await admin.create()

    answer = await admin.call("GET", f"/chats/{chat['id']}/messages", **params)

    told = answer.json().get("validations")
    assert answer.status_code == 400
    assert (told and [v["field"] for v in told]) == fields


async def test_every_part_carries_the_fields_a_go_client_expects(
    admin: Person,
) -> None:
    chat = await admin.create("hello")
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()

    assert page["messages"][0]["content"] == [
        {
            "type": "text",
            "text": "hello",
            "mcp_server_config_id": None,
            "url": "",
            "media_type": "",
            "file_id": None,
            "file_name": "",
            "start_line": 0,
            "end_line": 0,
            "content": "",
            "context_file_path": "",
            "context_file_agent_id": None,
            "skill_name": "",
        }
    ]


async def test_answers_are_written_as_go_writes_them(admin: Person) -> None:
    """Characters that mean something in HTML are escaped, a newline ends the body."""
    chat = await admin.create("<b> & ü")

    answer = await admin.call("GET", f"/chats/{chat['id']}/messages")

    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.content.endswith(b"}\n")
    assert rb"\u003cb\u003e \u0026 " + "ü".encode() in answer.content


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"content": []}, "Content is required."),
        ({"mcp_server_ids": [UNKNOWN]}, "One or more MCP server IDs"),
        ({"plan_mode": "x"}, "Invalid plan_mode value."),
        ({"busy_behavior": "x"}, "Invalid busy_behavior value."),
        ({"model_config_id": UNKNOWN}, "Invalid model config ID."),
    ],
)
async def test_a_message_that_cannot_be_is_refused(
    admin: Person, change: dict[str, Any], message: str
) -> None:
    chat = await admin.answered()

    answer = await admin.call(
        "POST", f"/chats/{chat['id']}/messages", {**text("x"), **change}
    )

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)
    assert len(await admin.history(chat["id"])) == 2


async def test_a_message_may_choose_another_model_which_then_stays(
    admin: Person, puppet: Puppet
) -> None:
    made = await admin.call(
        "POST",
        "/chats/model-configs",
        {
            "ai_provider_id": admin.world.provider,
            "model": "puppet-2",
            "context_limit": 9,
        },
    )
    chat = await admin.answered()

    await admin.send(chat["id"], "again", model_config_id=made.json()["id"])
    call = await puppet.asked(2)
    puppet.answer("Yes.")
    found = await admin.settled(chat["id"])

    assert call.model == "puppet-2"
    assert found["last_model_config_id"] == made.json()["id"]


async def test_a_deleted_model_gives_way_to_the_default(
    admin: Person, puppet: Puppet
) -> None:
    extra = await admin.call(
        "POST",
        "/chats/model-configs",
        {"ai_provider_id": admin.world.provider, "model": "gone", "context_limit": 9},
    )
    model = extra.json()["id"]
    chat = await admin.create(model_config_id=model)
    await puppet.asked()
    puppet.answer("Yes.")
    await admin.settled(chat["id"])
    await admin.call("DELETE", f"/chats/model-configs/{model}")
    await admin.send(chat["id"], "again")

    call = await puppet.asked(2)

    assert call.model == "puppet-1"


async def test_prompts_are_what_the_user_asked_newest_first(
    admin: Person, puppet: Puppet
) -> None:
    chat, ids = await _long(admin, puppet)

    asked = (await admin.call("GET", f"/chats/{chat}/prompts")).json()
    one = (await admin.call("GET", f"/chats/{chat}/prompts", limit=1)).json()
    many = await admin.call("GET", f"/chats/{chat}/prompts", limit=2001)

    assert [p["text"] for p in asked["prompts"]] == ["three", "two", "one"]
    assert one["prompts"] == [{"id": ids[4], "text": "three"}]
    assert many.status_code == 400


@pytest.mark.parametrize(
    ("which", "status", "message"),
    [
        ("0", 400, "Invalid chat message ID."),
        ("abc", 400, "Invalid chat message ID."),
        ("99999", 404, "Chat message not found."),
        ("assistant", 400, "Only user messages can be edited."),
    ],
)
async def test_only_messages_of_users_are_edited(
    admin: Person, which: str, status: int, message: str
) -> None:
    chat = await admin.answered()
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    target = str(page["messages"][0]["id"]) if which == "assistant" else which

    answer = await admin.call(
        "PATCH", f"/chats/{chat['id']}/messages/{target}", text("x")
    )

    assert (answer.status_code, answer.json()["message"]) == (status, message)


async def test_only_the_first_message_of_a_chat_is_short(
    admin: Person, puppet: Puppet
) -> None:
    """Later ones may be longer than a whole body that makes a chat."""
    chat = await admin.create()
    await puppet.asked()

    queued = await admin.send(chat["id"], "x" * 300_000)

    assert len(queued["queued_message"]["content"][0]["text"]) == 300_000
