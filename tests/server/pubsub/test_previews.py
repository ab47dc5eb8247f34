"""What a model is writing is seen at every server."""

from __future__ import annotations

from tests.server.pubsub.replicas import Pair
from tests.server.remembered import keepers
from tests.server.world import eventually


async def test_who_listens_at_another_server_sees_what_is_being_written(
    pair: Pair,
) -> None:
    """All of it once: what was written before, and what comes."""
    chat = (await pair.here.create())["id"]
    await pair.one.puppet.asked()
    async with pair.here.stream(chat) as near:
        pair.one.puppet.say("One ", "two ")
        await near.until(lambda f: f.said == "One two ")
        async with pair.there.stream(chat) as far:
            await far.until(lambda f: f.said == "One two ")
            pair.one.puppet.say("three ", "four ")
            await far.until(lambda f: f.said == "One two three four ")
            async with pair.there.stream(chat) as second:
                await second.until(lambda f: f.said == "One two three four ")
                pair.one.puppet.finish()
                await far.status("waiting")
                await second.status("waiting")

    assert far.said == second.said == near.said
    assert far.story[-3:] == ["message_part", "assistant", "waiting"]


async def test_the_next_turn_is_seen_too(pair: Pair) -> None:
    chat = (await pair.here.answered())["id"]
    async with pair.there.stream(chat) as far:
        await far.status("waiting")
        before = len(far.events)
        await pair.here.send(chat, "again")
        await pair.one.puppet.asked(2)
        pair.one.puppet.answer("Once ", "more.")
        await far.status("waiting", after=before)

    assert far.said == "Once more."


async def test_a_piece_too_long_for_a_notification_comes_whole(pair: Pair) -> None:
    words = "ä" * 9_000
    chat = (await pair.here.create())["id"]
    await pair.one.puppet.asked()
    async with pair.there.stream(chat) as far:
        await far.status("running")
        pair.one.puppet.say("One ")
        await far.until(lambda f: f.said == "One ")
        pair.one.puppet.say(words)
        await far.until(lambda f: f.said == "One " + words)
        pair.one.puppet.finish()
        await far.status("waiting")


async def test_who_comes_back_is_told_nothing_of_a_step_that_is_over(
    pair: Pair,
) -> None:
    chat = (await pair.here.create())["id"]
    await pair.one.puppet.asked()
    async with pair.there.stream(chat) as far:
        await far.status("running")
        pair.one.puppet.say("One ")
        await far.until(lambda f: f.said == "One ")
    pair.one.puppet.finish()
    await pair.here.settled(chat)

    async def is_forgotten() -> bool:
        return not keepers(pair.two.service, [chat])

    await eventually(is_forgotten)
    async with pair.there.stream(chat) as again:
        await again.until(lambda f: f.story[-1:] == ["assistant"])
    assert again.said == ""
