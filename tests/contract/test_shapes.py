"""What the bodies of chats, messages and queues hold: presence, nulls and zeros."""

from __future__ import annotations

from typing import Any

from tests.contract.caller import Caller, Event
from tests.contract.scripts import TITLE
from tests.contract.shapes import (
    CHAT,
    MESSAGE,
    PART,
    QUEUED,
    check_moment,
    check_part,
)

_FILE = "00000000-0000-0000-0000-000000000000"


async def _create(me: Caller, *content: Event, **more: Any) -> Event:
    body = {"organization_id": me.organization, "content": content, **more}
    answer = await me.call("POST", "/chats", body)
    assert answer.status_code == 201
    return dict(answer.json())


async def test_a_plain_chat_has_every_key_and_no_other(me: Caller) -> None:
    created = await _create(me, {"type": "text", "text": "one two"})

    assert set(created) == CHAT
    assert created["status"] in ("pending", "running")
    assert created["root_chat_id"] == created["id"]
    assert created["last_model_config_id"] == me.model
    assert created["mcp_server_ids"] == created["children"] == []
    assert created["labels"] == {}
    assert created["last_turn_summary"] is None
    assert (created["archived"], created["pin_order"]) == (False, 0)
    assert (created["has_unread"], created["client_type"]) == (False, "api")
    assert created["title"] == "one two"
    check_moment(created["created_at"])
    check_moment(created["updated_at"])


async def test_what_is_set_is_written(me: Caller) -> None:
    created = await _create(
        me,
        {"type": "text", "text": "hi"},
        labels={"a": "b"},
        plan_mode="plan",
        client_type="ui",
    )

    assert set(created) == {*CHAT, "plan_mode"}
    assert created["labels"] == {"a": "b"}
    assert (created["plan_mode"], created["client_type"]) == ("plan", "ui")


async def test_a_failed_chat_has_its_error_until_it_is_gone(me: Caller) -> None:
    chat = await me.rested("#fail")
    failed = await me.get(f"/chats/{chat}")
    answer = await me.call("POST", f"/chats/{chat}/interrupt")

    assert set(failed) == {*CHAT, "last_error"}
    assert failed["last_error"]["retryable"] is False
    assert set(answer.json()) == CHAT
    assert answer.json()["status"] == "waiting"


async def test_a_listed_chat_has_a_blank_diff_status(me: Caller) -> None:
    chat = (await _create(me, {"type": "text", "text": "a"}, labels={"l": "row"}))["id"]

    (row,) = await me.get("/chats", label="l:row")

    assert set(row) == {*CHAT, "diff_status"}
    assert row["diff_status"] == {
        "chat_id": chat,
        "pull_request_title": "",
        "pull_request_draft": False,
        "changes_requested": False,
        "additions": 0,
        "deletions": 0,
        "changed_files": 0,
    }


async def test_an_unset_file_id_may_be_all_zeros(me: Caller) -> None:
    """As a Go client sends it."""
    part = {"type": " TEXT ", "text": "  hi  ", "file_id": _FILE}
    chat = (await _create(me, part, model_config_id=None))["id"]

    (stored,) = (await me.messages(chat))[0]["content"]

    check_part(stored, type="text", text="hi")


async def test_a_file_reference_keeps_its_lines(me: Caller) -> None:
    lines = {"file_name": "a.py", "start_line": 3, "end_line": 4, "content": "x\n"}
    chat = (await _create(me, {"type": "file-reference", **lines}))["id"]

    (stored,) = (await me.messages(chat))[0]["content"]

    check_part(stored, type="file-reference", **lines)


async def test_a_file_is_named_by_its_id_alone(me: Caller) -> None:
    answer = await me.http.post(
        "/api/experimental/chats/files",
        params={"organization": me.organization},
        content=b"a,b\n",
        headers={
            "content-type": "text/csv",
            "content-disposition": 'attachment; filename="a.csv"',
        },
    )
    file = answer.json()
    created = await _create(me, {"type": "file", "file_id": file["id"]})

    (stored,) = (await me.messages(created["id"]))[0]["content"]
    (linked,) = created["files"]
    known = {"type": "file", "media_type": "text/csv", "name": "a.csv"}
    assert (answer.status_code, set(file)) == (201, {"id"})
    check_part(stored, file_id=file["id"], **known)
    assert linked["mime_type"] == "text/csv"
    keys = {"id", "owner_id", "organization_id", "name", "mime_type", "created_at"}
    assert set(linked) == keys


async def test_messages_say_who_wrote_them_and_what_they_took(me: Caller) -> None:
    chat = await me.rested("hi")
    page = await me.get(f"/chats/{chat}/messages")

    answer, asked = page["messages"]
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
    assert set(page) == {"messages", "queued_messages", "has_more"}
    assert (page["queued_messages"], page["has_more"]) == ([], False)
    assert set(asked) == {*MESSAGE, "created_by"}
    assert set(answer) == {*MESSAGE, "usage"}
    assert {key: answer["usage"][key] for key in usage} == usage
    assert set(answer["usage"]) == {*usage, "context_limit"}
    assert 2 <= asked["id"] < answer["id"]
    assert set(asked["content"][0]) == set(answer["content"][0]) == PART


async def test_zero_counts_are_not_written(me: Caller) -> None:
    """What the model did not count is not there."""
    chat = await me.rested("#think")

    answer = (await me.messages(chat))[-1]

    assert set(answer["usage"]) == {"context_limit"}


async def test_stored_reasoning_has_both_its_times(me: Caller) -> None:
    chat = await me.rested("#think")

    reasoning, source, text = (await me.messages(chat))[-1]["content"]

    assert set(reasoning) == {*PART, "created_at", "completed_at"}
    assert reasoning["created_at"] <= reasoning["completed_at"]
    assert {*PART} <= set(source) <= {*PART, "source_id", "title"}
    check_part(text, type="text", text="Yes.")


async def test_a_page_after_a_cursor_goes_up(me: Caller) -> None:
    chat = await me.rested("#tools")
    ids = [message["id"] for message in await me.messages(chat)]

    later = await me.get(f"/chats/{chat}/messages", after_id=ids[0], limit=2)
    earlier = await me.get(f"/chats/{chat}/messages", before_id=ids[-1], limit=2)

    assert [m["id"] for m in later["messages"]] == ids[1:3]
    assert [m["id"] for m in earlier["messages"]] == ids[-2:-4:-1]
    assert (later["has_more"], earlier["has_more"]) == (True, True)
    assert later["queued_messages"] == earlier["queued_messages"] == []


async def test_a_queued_message_has_its_model_and_no_author(me: Caller) -> None:
    chat = await me.create("#hang")
    async with me.stream(chat) as reader:
        await reader.until("part text", "part text", "part text")
        sent = await me.send(chat, "next")
        page = await me.get(f"/chats/{chat}/messages")
        await me.call("PATCH", f"/chats/{chat}", {"archived": True})

    (queued,) = page["queued_messages"]
    assert set(sent) == {"queued_message", "queued"}
    assert sent["queued"] is True
    assert sent["queued_message"] == queued
    assert set(queued) == QUEUED
    assert queued["model_config_id"] == me.model
    check_part(queued["content"][0], type="text", text="next")
    check_moment(queued["created_at"])


async def test_a_direct_message_says_that_it_was_not_queued(me: Caller) -> None:
    chat = await me.rested("hi")

    sent = await me.send(chat, "again")

    assert set(sent) == {"message", "queued"}
    assert sent["queued"] is False


async def test_prices_are_written_as_text(me: Caller) -> None:
    (config,) = (c for c in await me.get("/chats/model-configs") if c["is_default"])
    prices = {"input_price_per_million_tokens": 3.5}
    body = {"model_config": {"cost": prices}}

    answer = await me.call("PATCH", f"/chats/model-configs/{config['id']}", body)

    cost = answer.json()["model_config"]["cost"]
    assert cost == {"input_price_per_million_tokens": "3.5"}


async def test_a_body_is_json_that_ends_with_a_line(me: Caller) -> None:
    chat = await me.rested("<hi>")
    for path in ("", "/messages", "/prompts", "/diff", "/acl"):
        answer = await me.call("GET", f"/chats/{chat}{path}")

        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.content.endswith(b"\n")
        assert not set(b"<>&") & set(answer.content)


async def test_no_content_is_no_body_and_no_type(me: Caller) -> None:
    chat = await me.rested("hi")

    answer = await me.call("PATCH", f"/chats/{chat}", {"title": f"{TITLE}!"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
