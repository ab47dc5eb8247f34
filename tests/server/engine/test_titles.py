"""What chats are called, and what their last turn came to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from coderchat_jupyter.server.engine.titles import title_of
from coderchat_jupyter.server.providers._protocol import ProviderError
from tests.server.world import Person, World, eventually

TITLE = "propose_title"
LABEL = "propose_turn_status_label"


async def _chat(person: Person, chat_id: str) -> dict[str, Any]:
    return dict((await person.call("GET", f"/chats/{chat_id}")).json())


async def _titled(person: Person, chat_id: str, title: str) -> None:
    async def holds() -> bool:
        return bool((await _chat(person, chat_id))["title"] == title)

    await eventually(holds)


async def _labelled(person: Person, chat_id: str, label: str | None) -> None:
    async def holds() -> bool:
        return bool((await _chat(person, chat_id))["last_turn_summary"] == label)

    await eventually(holds)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("one two three four five six", "one two three four five six"),
        ("one  two\nthree four five six seven", "one two three four five six…"),
        ("x" * 100, "x" * 80),
        (" \n ", "New Chat"),
    ],
)
def test_a_chat_begins_with_its_first_words_as_title(words: str, title: str) -> None:
    assert title_of(words) == title


async def test_a_new_chat_is_named_beside_its_first_turn(
    world: World, admin: Person
) -> None:
    """Not before and not after: the turn is still being answered."""
    world.puppet.short[TITLE] = '  "A fine \n title"  '
    chat = await admin.create("hello there")
    before = await admin.settled(chat["id"], "running")

    await _titled(admin, chat["id"], "A fine title")

    now = await _chat(admin, chat["id"])
    assert now["status"] == "running"
    assert now["updated_at"] == before["updated_at"]
    (asked,) = world.puppet.asides
    assert asked.must_call
    assert asked.settings is not None
    assert asked.settings.max_output_tokens == 256


async def test_a_title_is_cut_to_80_characters(world: World, admin: Person) -> None:
    world.puppet.short[TITLE] = "é" * 200
    chat = await admin.create("hello")

    await _titled(admin, chat["id"], "é" * 80)


async def test_a_chat_keeps_its_first_words_if_no_model_names_it(
    world: World, admin: Person
) -> None:
    chat = await admin.answered("hello there")

    assert chat["status"] == "waiting"
    assert chat["title"] == "hello there"
    await _labelled(admin, chat["id"], "Finished latest turn")


async def test_a_chat_is_named_also_if_its_turn_fails(
    world: World, admin: Person
) -> None:
    world.puppet.short[TITLE] = "Named"
    world.puppet.say(ProviderError("nope", status_code=400))
    chat = await admin.create("hello there")
    await admin.settled(chat["id"], "error")

    await _titled(admin, chat["id"], "Named")


async def test_the_second_turn_asks_for_no_title(world: World, admin: Person) -> None:
    chat = await admin.answered("hello")
    world.puppet.short[TITLE] = "Too late"
    world.puppet.short[LABEL] = "All done"
    world.puppet.answer("Again.")
    await admin.send(chat["id"], "more")
    await admin.settled(chat["id"])

    await _labelled(admin, chat["id"], "All done")
    assert (await _chat(admin, chat["id"]))["title"] == "hello"


async def test_a_title_comes_from_texts_alone(world: World, admin: Person) -> None:
    """A chat that began with a piece of a file keeps the title it began with."""
    world.puppet.short[TITLE] = "Never"
    world.puppet.short[LABEL] = "All done"
    reference = {
        "type": "file-reference",
        "file_name": "a.py",
        "start_line": 1,
        "end_line": 2,
        "content": "x = 1",
    }
    content = [{"type": "text", "text": "explain"}, reference]
    world.puppet.answer("It sets x.")
    chat = await admin.create("ignored", content=content)
    await admin.settled(chat["id"])

    await _labelled(admin, chat["id"], "All done")
    assert (await _chat(admin, chat["id"]))["title"] == chat["title"]


async def test_a_turn_is_put_in_words_when_it_is_over(
    world: World, admin: Person
) -> None:
    """In the old state until then; the chat does not rise in lists for it."""
    world.puppet.short[LABEL] = "Paris found"
    chat = await admin.answered("capital of France?", "Paris.")

    await _labelled(admin, chat["id"], "Paris found")

    assert (await _chat(admin, chat["id"]))["updated_at"] == chat["updated_at"]
    assert world.puppet.asides[-1].settings is not None
    assert world.puppet.asides[-1].settings.max_output_tokens == 64


async def test_an_empty_answer_gets_the_phrase_without_asking(
    world: World, admin: Person
) -> None:
    world.puppet.short[LABEL] = "Never"
    world.puppet.finish()
    chat = await admin.create("hello")
    await admin.settled(chat["id"])

    await _labelled(admin, chat["id"], "Finished latest turn")


@pytest.mark.parametrize("ending", ["interrupt", "failure"])
async def test_what_was_cut_or_failed_has_no_label(
    world: World, admin: Person, ending: str
) -> None:
    world.puppet.short[LABEL] = "All done"
    chat = await admin.answered("hello")
    await _labelled(admin, chat["id"], "All done")
    await admin.send(chat["id"], "more")
    await world.puppet.asked(2)

    if ending == "interrupt":
        await admin.call("POST", f"/chats/{chat['id']}/interrupt")
    else:
        world.puppet.say(ProviderError("nope", status_code=400))
    await admin.settled(chat["id"])

    assert (await _chat(admin, chat["id"]))["last_turn_summary"] is None


async def test_a_new_title_on_demand_is_stored_and_paid(
    world: World, admin: Person
) -> None:
    """What it cost is counted by a message that nobody sees."""
    chat = await admin.answered("hello")
    world.puppet.short[TITLE] = "Much better"

    answer = await admin.call("POST", f"/chats/{chat['id']}/title/regenerate")

    assert answer.status_code == 200
    assert answer.json()["title"] == "Much better"
    assert answer.json()["updated_at"] > chat["updated_at"]
    assert len(await admin.history(chat["id"])) == 2
    summary = await admin.call("GET", f"/chats/cost/{admin.id}/summary")
    assert summary.json()["total_cost_micros"] == 2 * 10_500


async def test_an_equal_title_changes_nothing(world: World, admin: Person) -> None:
    chat = await admin.answered("hello")
    world.puppet.short[TITLE] = "hello"

    answer = await admin.call("POST", f"/chats/{chat['id']}/title/regenerate")

    assert answer.json()["updated_at"] == chat["updated_at"]


async def test_a_proposed_title_is_not_stored(world: World, admin: Person) -> None:
    chat = await admin.answered("hello")
    world.puppet.short[TITLE] = "Perhaps"

    answer = await admin.call("POST", f"/chats/{chat['id']}/title/propose")

    assert answer.json() == {"title": "Perhaps"}
    assert (await _chat(admin, chat["id"]))["title"] == "hello"


async def test_a_title_that_no_model_gives_is_an_error(
    world: World, admin: Person
) -> None:
    chat = await admin.answered("hello")

    answer = await admin.call("POST", f"/chats/{chat['id']}/title/propose")

    assert answer.status_code == 500
    assert answer.json()["message"] == "Failed to propose chat title."


async def test_only_one_names_a_chat_at_a_time(world: World, admin: Person) -> None:
    """Whoever comes second is refused, also with a name of their own."""
    chat = await admin.answered("hello")
    world.puppet.short[TITLE] = "Better"
    world.puppet.held = asyncio.Event()
    world.puppet.holding.clear()
    first = asyncio.create_task(
        admin.call("POST", f"/chats/{chat['id']}/title/regenerate")
    )

    await world.puppet.holding.wait()

    second = await admin.call("POST", f"/chats/{chat['id']}/title/propose")
    third = await admin.call("PATCH", f"/chats/{chat['id']}", {"title": "Mine"})
    world.puppet.held.set()

    assert (second.status_code, third.status_code) == (409, 409)
    assert (await first).json()["title"] == "Better"
    last = await admin.call("PATCH", f"/chats/{chat['id']}", {"title": "Mine"})
    assert last.status_code == 204


async def test_only_the_owner_has_a_chat_named(world: World, admin: Person) -> None:
    chat = await world.other.answered("hello")

    answer = await admin.call("POST", f"/chats/{chat['id']}/title/regenerate")

    assert answer.status_code == 403


async def test_a_cheap_model_of_the_same_provider_is_asked_first(
    world: World, admin: Person
) -> None:
    """And the model of the chat if that one fails."""
    for name in ("gpt-4o-mini", "gpt-4o"):
        await admin.call(
            "POST",
            "/chats/model-configs",
            {"ai_provider_id": world.provider, "model": name, "context_limit": 9000},
        )
    await admin.answered("hello")

    async def asked_both() -> bool:
        return len(world.puppet.asides) >= 4

    await eventually(asked_both)
    asked = [call.model for call in world.puppet.asides if call.tools[0].name == TITLE]
    assert asked == ["gpt-4o-mini", "puppet-1"]


async def test_the_stream_says_nothing_of_titles(world: World, admin: Person) -> None:
    world.puppet.short[TITLE] = "Named"
    chat = await admin.create("hello")
    async with admin.stream(chat["id"]) as feed:
        await _titled(admin, chat["id"], "Named")
        world.puppet.answer("Hi.")
        await feed.status("waiting")
        kinds = {event["type"] for event in feed.events}

    assert kinds == {"status", "message", "message_part"}
