"""Stop, edit, archive: what becomes of a run that is cut."""

from __future__ import annotations

import asyncio

from coderchat_jupyter.server.providers._protocol import ProviderError, ToolCall
from tests.fakes.puppet import Puppet
from tests.server.world import Person, World, text


async def test_an_interrupt_keeps_what_was_said_and_ends_the_call(
    admin: Person, puppet: Puppet
) -> None:
    """Its text is exactly the deltas, the trailing blank included; no usage."""
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:
        puppet.say("Once upon a ")
        await feed.until(lambda f: bool(f.said))
        answer = await admin.call("POST", f"/chats/{chat['id']}/interrupt")
        await feed.status("waiting")
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()

    assert answer.status_code == 200
    assert answer.json()["status"] == "waiting"
    assert puppet.cut.is_set()
    assert page["messages"][0]["content"][0]["text"] == "Once upon a "
    assert "usage" not in page["messages"][0]
    assert feed.story == ["running", "user", "message_part", "assistant", "waiting"]


async def test_what_was_shown_of_a_cut_answer_is_what_is_stored(
    admin: Person, puppet: Puppet
) -> None:
    """Wherever the cut falls in the stream: no word more, no word less."""
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:

        async def go_on_talking() -> None:
            while not puppet.cut.is_set():
                puppet.say("word ")
                await asyncio.sleep(0)

        talking = asyncio.create_task(go_on_talking())
        await feed.until(lambda f: len(f.said) > 50)
        await admin.call("POST", f"/chats/{chat['id']}/interrupt")
        await talking
        await feed.status("waiting")

    assert (await admin.history(chat["id"]))[1] == ("assistant", feed.said)
    assert feed.story == ["running", "user", "message_part", "assistant", "waiting"]


async def test_an_interrupt_before_the_first_word_stores_nothing(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.create()
    await puppet.asked()

    await admin.call("POST", f"/chats/{chat['id']}/interrupt")

    assert await admin.history(chat["id"]) == [("user", "hello")]


async def test_a_call_cut_short_gets_a_result_that_says_so(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:
        puppet.say("Let me see. ", ToolCall("call_1", "dig", "{}"))
        await feed.until(lambda f: len(f.events) == 4)
        await admin.call("POST", f"/chats/{chat['id']}/interrupt")
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()

    result = page["messages"][0]["content"][0]
    assert result["result"] == {
        "error": "tool call was interrupted before it produced a result"
    }
    assert [m["role"] for m in page["messages"]] == ["tool", "assistant", "user"]


async def test_a_call_cut_short_is_not_given_the_result_of_an_earlier_one(
    admin: Person, puppet: Puppet
) -> None:
    """Some vendors count the calls of each answer anew."""
    call = ToolCall("call_1", "dig", "{}")
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:
        puppet.say(call)
        puppet.finish("tool_calls")
        await puppet.asked(2)
        seen = len(feed.events)
        puppet.say(call)
        await feed.until(lambda f: len(f.events) > seen)
        await admin.call("POST", f"/chats/{chat['id']}/interrupt")
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()

    cut, _, answered, *_ = (message["content"][0] for message in page["messages"])
    assert "not active" in answered["result"]["error"]
    assert "interrupted" in cut["result"]["error"]


async def test_an_interrupt_clears_an_error(admin: Person, puppet: Puppet) -> None:
    chat = await admin.create()
    await puppet.asked()
    puppet.say(ProviderError("no", status_code=400))
    failed = await admin.settled(chat["id"], "error")

    answer = (await admin.call("POST", f"/chats/{chat['id']}/interrupt")).json()

    assert failed["last_error"]["kind"] == "generic"
    assert (answer["status"], "last_error" in answer) == ("waiting", False)
    assert answer["updated_at"] > failed["updated_at"]


async def test_an_interrupt_lets_what_waits_run(admin: Person, puppet: Puppet) -> None:
    chat = await admin.create()
    await puppet.asked()
    await admin.send(chat["id"], "second")

    answer = await admin.call("POST", f"/chats/{chat['id']}/interrupt")
    await puppet.asked(2)

    assert answer.json()["status"] == "waiting"
    assert (await admin.history(chat["id"]))[-1] == ("user", "second")


async def test_an_edit_replaces_a_message_and_all_after_it(
    admin: Person, puppet: Puppet
) -> None:
    """`history_reset` says it; without it a client cannot know what is gone."""
    chat = await admin.answered("one", "First.")
    await admin.send(chat["id"], "two")
    await puppet.asked(2)
    puppet.answer("Second.")
    await admin.settled(chat["id"])
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    old = page["messages"][1]
    async with admin.stream(chat["id"], after_id=page["messages"][0]["id"]) as feed:
        path = f"/chats/{chat['id']}/messages/{old['id']}"
        new = (await admin.call("PATCH", path, text("two again"))).json()
        await puppet.asked(3)
        puppet.answer("Third.")
        await feed.status("waiting", after=await feed.status("pending"))

    assert new["message"]["id"] > page["messages"][0]["id"]
    assert [m for m in feed.story if m != "message_part"] == [
        "waiting",
        "history_reset",
        "user",
        "assistant",
        "user",
        "queue_update",
        "pending",
        "running",
        "assistant",
        "waiting",
    ]
    assert [words for _, words in await admin.history(chat["id"])] == [
        "one",
        "First.",
        "two again",
        "Third.",
    ]


async def test_strictly_v234_an_edit_only_retells_the_history(
    strict_world: World,
) -> None:
    admin, puppet = strict_world.admin, strict_world.puppet
    chat = await admin.answered("one", "First.")
    first = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    async with admin.stream(chat["id"]) as feed:
        path = f"/chats/{chat['id']}/messages/{first['messages'][1]['id']}"
        await admin.call("PATCH", path, text("another"))
        await puppet.asked(2)

    assert feed.story == [
        "waiting",
        "user",
        "assistant",
        "user",
        "queue_update",
        "pending",
        "running",
    ]


async def test_an_edit_of_a_running_chat_drops_what_was_said(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.create("one")
    await puppet.asked()
    await admin.send(chat["id"], "waits")
    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()
    async with admin.stream(chat["id"]) as feed:
        puppet.say("Half")
        await feed.until(lambda f: f.said == "Half")
        path = f"/chats/{chat['id']}/messages/{page['messages'][0]['id']}"
        await admin.call("PATCH", path, text("one, better"))
        await puppet.asked(2)
        puppet.answer("Whole.")
        await feed.status("waiting")

    assert await admin.history(chat["id"]) == [
        ("user", "one, better"),
        ("assistant", "Whole."),
    ]


async def test_archiving_stops_the_run_and_keeps_the_partial_answer(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.create()
    await puppet.asked()
    async with admin.stream(chat["id"]) as feed:
        puppet.say("Half")
        await feed.until(lambda f: f.said == "Half")
        patched = await admin.call("PATCH", f"/chats/{chat['id']}", {"archived": True})
        await feed.status("waiting")
    found = (await admin.call("GET", f"/chats/{chat['id']}")).json()

    assert patched.status_code == 204
    assert (found["archived"], found["status"]) == (True, "waiting")
    assert (await admin.history(chat["id"]))[-1] == ("assistant", "Half")


async def test_an_archived_chat_takes_no_messages(
    admin: Person, puppet: Puppet
) -> None:
    chat = await admin.answered()
    await admin.call("PATCH", f"/chats/{chat['id']}", {"archived": True})

    answer = await admin.call("POST", f"/chats/{chat['id']}/messages", text("more"))

    assert answer.status_code == 400
