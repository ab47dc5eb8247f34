"""What waits behind a running turn, and when it runs."""

from __future__ import annotations

from typing import Any

from coderchat_jupyter.server.providers._protocol import ProviderError
from tests.fakes.puppet import Puppet
from tests.server.world import Feed, Person, text


def _queues(feed: Feed) -> list[list[str]]:
    return [
        [q["content"][0]["text"] for q in event.get("queued_messages", [])]
        for event in feed.events
        if event["type"] == "queue_update"
    ]


async def _busy(admin: Person, puppet: Puppet) -> dict[str, Any]:
    chat = await admin.create("first")
    await puppet.asked()
    return chat


async def test_a_message_to_a_busy_chat_waits_and_then_runs_by_itself(
    admin: Person, puppet: Puppet
) -> None:
    chat = await _busy(admin, puppet)
    async with admin.stream(chat["id"]) as feed:
        sent = await admin.send(chat["id"], "second")
        puppet.answer("One.")
        await puppet.asked(2)
        puppet.answer("Two.")
        await feed.status("waiting")

    assert sent["queued"] is True
    assert "message" not in sent
    assert _queues(feed) == [["second"], []]
    assert [m for m in feed.story if m != "message_part"] == [
        "running",
        "user",
        "queue_update",
        "assistant",
        "user",
        "queue_update",
        "pending",
        "running",
        "assistant",
        "waiting",
    ]


async def test_an_empty_queue_is_told_without_its_key(
    admin: Person, puppet: Puppet
) -> None:
    """The reference leaves an empty list out; clients read that as empty."""
    chat = await _busy(admin, puppet)
    queued = (await admin.send(chat["id"], "second"))["queued_message"]
    async with admin.stream(chat["id"]) as feed:
        path = f"/chats/{chat['id']}/queue/{queued['id']}"
        assert (await admin.call("DELETE", path)).status_code == 204
        await feed.until(lambda f: len(_queues(f)) == 2)

    update = [e for e in feed.events if e["type"] == "queue_update"][-1]
    assert update == {"type": "queue_update", "chat_id": chat["id"]}


async def test_dropping_what_is_not_there_is_no_error(
    admin: Person, puppet: Puppet
) -> None:
    chat = await _busy(admin, puppet)

    again = await admin.call("DELETE", f"/chats/{chat['id']}/queue/77")
    wrong = await admin.call("DELETE", f"/chats/{chat['id']}/queue/x")

    assert (again.status_code, again.content) == (204, b"")
    assert wrong.status_code == 400
    assert wrong.json()["message"] == "Invalid queued message ID."


async def test_the_queue_holds_twenty(admin: Person, puppet: Puppet) -> None:
    chat = await _busy(admin, puppet)
    for number in range(20):
        await admin.send(chat["id"], f"number {number}")

    full = await admin.call("POST", f"/chats/{chat['id']}/messages", text("one more"))

    assert full.status_code == 429
    assert "20" in full.json()["detail"]


async def test_an_interrupting_message_keeps_the_partial_answer_and_runs(
    admin: Person, puppet: Puppet
) -> None:
    chat = await _busy(admin, puppet)
    async with admin.stream(chat["id"]) as feed:
        puppet.say("Half an ans")
        await feed.until(lambda f: f.said == "Half an ans")
        sent = await admin.send(chat["id"], "stop, this", busy_behavior="interrupt")
        await puppet.asked(2)
        puppet.answer("Done.")
        await feed.status("waiting", after=await feed.status("pending"))

    assert sent["queued"] is True
    assert puppet.cut.is_set()
    assert await admin.history(chat["id"]) == [
        ("user", "first"),
        ("assistant", "Half an ans"),
        ("user", "stop, this"),
        ("assistant", "Done."),
    ]


async def test_promoting_cuts_the_run_and_goes_before_the_others(
    admin: Person, puppet: Puppet
) -> None:
    chat = await _busy(admin, puppet)
    await admin.send(chat["id"], "second")
    third = (await admin.send(chat["id"], "third"))["queued_message"]
    async with admin.stream(chat["id"]) as feed:
        puppet.say("Part")
        await feed.until(lambda f: f.said == "Part")
        path = f"/chats/{chat['id']}/queue/{third['id']}/promote"
        answer = await admin.call("POST", path)
        await puppet.asked(2)

    assert answer.status_code == 202
    assert (await admin.history(chat["id"]))[-1] == ("user", "third")
    assert _queues(feed) == [["second", "third"], ["third", "second"], ["second"]]


async def test_promoting_an_unknown_message_is_an_error_of_the_server(
    admin: Person, puppet: Puppet
) -> None:
    """As v2.34 has it; v2.35 made it a 404."""
    chat = await _busy(admin, puppet)

    answer = await admin.call("POST", f"/chats/{chat['id']}/queue/77/promote")

    assert answer.status_code == 500
    assert "77" in answer.json()["detail"]


async def test_a_failed_chat_keeps_its_queue_and_runs_its_head_at_the_next_message(
    admin: Person, puppet: Puppet
) -> None:
    """The reference only lengthens the queue there, and nothing ever runs."""
    chat = await _busy(admin, puppet)
    await admin.send(chat["id"], "second")
    puppet.say(ProviderError("no", status_code=400))
    failed = await admin.settled(chat["id"], "error")
    sent = await admin.send(chat["id"], "third")
    await puppet.asked(2)
    puppet.answer("Two.")
    await puppet.asked(3)
    puppet.answer("Three.")
    await admin.settled(chat["id"], "waiting")

    assert failed["status"] == "error"
    assert sent["queued"] is True
    assert [words for role, words in await admin.history(chat["id"])] == [
        "first",
        "second",
        "Two.",
        "third",
        "Three.",
    ]


async def test_a_promoted_message_is_a_new_message_of_its_owner(
    admin: Person, puppet: Puppet
) -> None:
    chat = await _busy(admin, puppet)
    queued = (await admin.send(chat["id"], "second"))["queued_message"]
    puppet.answer("One.")
    await puppet.asked(2)

    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()

    assert page["messages"][0]["created_by"] == admin.id
    assert page["messages"][0]["created_at"] > queued["created_at"]
    assert page["queued_messages"] == []
