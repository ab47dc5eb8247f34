"""What servers tell each other comes in order, whole, and again after a loss."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.server.providers._protocol import ProviderError
from coderchat_jupyter.server.pubsub.notes import Note, decode, encode
from tests.fakes.postgres import Postgres
from tests.server.pubsub.replicas import Pair

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    told=st.lists(st.fixed_dictionaries({"kind": _TEXT, "text": _TEXT})),
    frames=st.lists(_TEXT),
    anew=st.booleans(),
    number=st.integers(0, 2**60),
)
def test_a_note_is_read_as_it_was_written(
    told: list[dict[str, str]], frames: list[str], anew: bool, number: int
) -> None:
    note = Note(
        by="one",
        number=number,
        chat_id="c",
        told=tuple(told),
        watched=tuple(frames),
        parts=tuple(frames),
        anew=anew,
    )

    written = encode(note)

    assert decode(written) == note
    assert decode(json.dumps({**json.loads(written), "newer": 1})) == note
    assert "\0" not in written


async def test_listeners_are_told_all_there_is_after_the_connection_was_lost(
    pair: Pair, postgres: Postgres
) -> None:
    chat = (await pair.here.answered())["id"]
    async with pair.there.stream(chat) as feed, pair.there.watch() as watch:
        await feed.status("waiting")
        before = len(feed.events)
        postgres.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = 'tests' AND pid <> pg_backend_pid()"
        )
        await feed.until(lambda f: "history_reset" in f.story[before:])
        await watch.until(lambda f: f.closed is not None)
        await pair.here.send(chat, "again")
        await pair.one.puppet.asked(2)
        pair.one.puppet.answer("Once more.")
        await feed.until(lambda f: f.story.count("assistant") == 3)
        told = feed.story

    assert watch.closed is not None
    assert watch.closed[0] == 1001
    assert told[-1] in ("assistant", "waiting")


async def test_a_wait_before_the_next_attempt_is_told_everywhere(pair: Pair) -> None:
    chat = (await pair.here.create())["id"]
    await pair.one.puppet.asked()
    async with pair.there.stream(chat) as feed:
        await feed.status("running")
        pair.one.puppet.say(ProviderError("busy", status_code=503))
        await feed.until(lambda f: "retry" in f.story)
        async with pair.there.stream(chat) as late:
            await late.until(lambda f: "retry" in f.story)


async def test_an_event_too_long_for_a_notification_comes_whole(pair: Pair) -> None:
    """A long queue, told with every change of it."""
    chat = (await pair.here.create())["id"]
    await pair.one.puppet.asked()
    words = "long" * 3_000
    async with pair.there.stream(chat) as feed:
        await feed.status("running")
        await pair.here.send(chat, words)
        await feed.until(lambda f: "queue_update" in f.story)
        (event,) = (e for e in feed.events if e["type"] == "queue_update")

    (queued,) = event["queued_messages"]
    assert queued["content"][0]["text"] == words
