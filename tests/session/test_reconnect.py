"""What a session makes of breaks, garbage and edits made elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from starlette.responses import JSONResponse, Response

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    ConnectionLostError,
)
from coderchat_jupyter.session import Backoff, ChatSession
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import (
    latest_answer,
    message_text,
)
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import FakeCoder


def texts(state: ChatState) -> list[str]:
    return [message_text(message) for message in state.messages]


async def wait_for(condition: Callable[[], bool]) -> None:
    """Wait, for a bounded time, for something that has no event of its own."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011, 4000])
async def test_a_session_connects_again_whatever_the_close_code(
    coder: FakeCoder, client: Client, soon: Backoff, code: int
) -> None:
    """A server that restarts says 1001, one that falls over nothing."""
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await session.send("Hi")
    coder.chat.set_status("running")
    coder.chat.write("Hel")
    await session.until(lambda state: latest_answer(state) == "Hel")

    coder.chat.drop(1000 if code == 1006 else code)
    coder.chat.write("lo")
    coder.chat.commit()
    coder.chat.finish()
    state = await session.idle()

    assert texts(state) == ["Hi", "Hello"]
    assert not state.preview
    await session.aclose()


async def test_a_connection_that_was_live_begins_the_count_of_attempts_anew(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    """A server that restarts each night is not waited for longer each time."""
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    attempts: list[int] = []

    def note() -> None:
        if session.link.phase == "reconnecting":
            attempts.append(session.link.attempt)

    session.subscribe(note)
    for _ in range(3):
        await wait_for(
            lambda: session.link.phase == "live" and bool(coder.chat.followers)
        )
        coder.chat.drop()
    await wait_for(lambda: len(attempts) == 3)
    await session.aclose()

    assert attempts == [1, 1, 1]


async def test_text_is_not_doubled_by_a_new_connection(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    """The server sends the parts of the running step again."""
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await session.send("Hi")
    coder.chat.set_status("running")
    coder.chat.write("Hel")
    await session.until(lambda state: latest_answer(state) == "Hel")

    coder.chat.drop()
    await wait_for(lambda: coder.chat.connections == 2)
    coder.chat.write("lo")
    await session.until(lambda state: latest_answer(state).endswith("lo"))

    assert latest_answer(session.state) == "Hello"
    await session.aclose()


async def test_garbage_does_not_end_a_session(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    """It is counted, the messages are fetched again, and reading goes on."""
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await wait_for(lambda: session.link.phase == "live")

    coder.chat.say("{not json")
    coder.chat.say('"a string"')
    coder.chat.say('[{"type":"message","message":{"id":"x"}}]')
    coder.chat.say('[{"type":"of-tomorrow","chat_id":"' + CHAT_ID + '"}]')
    coder.chat.store("assistant", "Still here")
    state = await session.until(lambda state: "Still here" in texts(state))

    assert dict(state.unknown) == {"": 2, "message": 1, "of-tomorrow": 1}
    assert coder.chat.connections == 1
    await session.aclose()


async def test_the_envelope_of_older_servers_is_read(
    coder: FakeCoder, client: Client
) -> None:
    """v2.32 wraps each batch, and sends pings as text."""
    coder.framing = "envelope"
    session = await ChatSession.open(client, CHAT_ID)
    await wait_for(lambda: session.link.phase == "live")

    coder.chat.say('{"type":"ping"}')
    coder.chat.store("assistant", "Hello")
    state = await session.until(lambda state: bool(state.messages))

    assert texts(state) == ["Hello"]
    assert state.unknown == ()
    await session.aclose()


async def test_an_edit_made_elsewhere_takes_messages_out(
    coder: FakeCoder, client: Client
) -> None:
    """v2.34 never says which: the session has to ask."""
    first = coder.chat.store("user", "One")
    coder.chat.store("assistant", "1")
    second = coder.chat.store("user", "Two")
    coder.chat.store("assistant", "2")
    session = await ChatSession.open(client, CHAT_ID)
    await wait_for(lambda: session.link.phase == "live")

    coder.chat.edit(second.id, "Three")
    await session.until(lambda state: texts(state) == ["One", "1", "Three"])

    coder.chat.edit(first.id, "Zero")
    state = await session.until(lambda state: texts(state) == ["Zero"])

    assert state.status == "pending"
    await session.aclose()


async def test_a_queue_that_emptied_meanwhile_is_empty(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    """A snapshot leaves an empty queue out, which must not read as no change."""
    coder.chat.status = "running"
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await session.send("Later")
    await session.until(lambda state: len(state.queue) == 1)

    coder.chat.drop()
    coder.chat.queue.clear()
    state = await session.until(lambda state: not state.queue)

    assert state.status == "running"
    await session.aclose()


async def test_a_gap_in_the_parts_is_mended_by_a_new_connection(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    """Newer servers number them; a new connection sends all of them again."""
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await session.send("Hi")
    coder.chat.set_status("running")
    await wait_for(lambda: session.state.connection.status == "running")
    numbered = (
        '[{"type":"message_part","chat_id":"%s","message_part":{"role":"assistant",'
        '"part":{"type":"text","text":"%s"},"history_version":1,'
        '"generation_attempt":1,"seq":%d}}]'
    )

    coder.chat.parts = ["whole"]
    coder.chat.say(numbered % (CHAT_ID, "wh", 1))
    coder.chat.say(numbered % (CHAT_ID, "le", 3))
    await session.until(lambda state: latest_answer(state) == "whole")

    assert coder.chat.connections == 2
    await session.aclose()


async def test_a_fetch_that_fails_is_tried_again(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    """What an edit removed must not stay because of one bad moment."""
    coder.chat.store("user", "One")
    second = coder.chat.store("user", "Two")
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await wait_for(lambda: session.link.phase == "live")
    failures = iter([True, True, False])

    async def fail(line: str) -> Response | None:
        broken = line.endswith("/messages") and next(failures, False)
        return JSONResponse({"message": "Oops."}, 500) if broken else None

    coder.before = fail
    coder.chat.edit(second.id, "Three")
    state = await session.until(lambda state: texts(state) == ["One", "Three"])

    assert state.messages == tuple(coder.chat.messages)
    await session.aclose()


async def test_a_lost_login_ends_the_link_for_good(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    """Asking every ten seconds with a dead token helps nobody."""
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await wait_for(lambda: session.link.phase == "live")
    client.move(coder.url, "expired-token")

    coder.chat.drop()
    await wait_for(lambda: session.link.phase == "failed")

    assert "coder login" in session.link.error
    with pytest.raises(ConnectionLostError, match="coder login"):
        await session.until(lambda _: False)
    await session.aclose()


async def test_whatever_was_said_meanwhile_is_fetched_without_a_hole(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    """A page holds fifty messages; a laptop may sleep for longer than that."""
    coder.chat.store("user", "before")
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await wait_for(lambda: session.link.phase == "live")

    coder.chat.drop()
    for number in range(320):
        coder.chat.store("assistant", f"{number}")
    await session.until(lambda state: "319" in texts(state))

    assert session.state.messages == tuple(coder.chat.messages)
    assert not session.state.has_older
    await session.aclose()


async def test_parts_whose_beginning_is_lost_for_good_are_asked_for_once(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    """A server keeps so many parts and no more; asking on would never end."""
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await session.send("Hi")
    coder.chat.set_status("running")
    await wait_for(lambda: session.state.connection.status == "running")
    numbered = (
        '[{"type":"message_part","chat_id":"%s","message_part":{"role":"assistant",'
        '"part":{"type":"text","text":"%s"},"history_version":1,'
        '"generation_attempt":1,"seq":%d}}]'
    )

    coder.chat.say(numbered % (CHAT_ID, "end", 9))
    await wait_for(lambda: coder.chat.connections == 2)
    await wait_for(lambda: session.link.phase == "live")
    coder.chat.say(numbered % (CHAT_ID, "end", 9))
    coder.chat.say(numbered % (CHAT_ID, "ing", 10))
    await session.until(lambda state: latest_answer(state) == "ending")

    assert coder.chat.connections == 2
    await session.aclose()
