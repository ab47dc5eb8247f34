"""A session against a real server: live, and whole again after every break."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    AuthenticationError,
    ConnectionLostError,
    InvalidRequestError,
    NotFoundError,
    ServerUnreachableError,
)
from coderchat_jupyter.session import ChatSession, background, known_sessions
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import (
    latest_answer,
    message_id_of,
    message_text,
)
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import TOKEN, FakeCoder, other_chat


def texts(state: ChatState) -> list[str]:
    return [message_text(message) for message in state.messages]


async def wait_for(condition: Callable[[], bool]) -> None:
    """Wait, for a bounded time, for something that has no event of its own."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_a_session_starts_with_what_is_stored(
    coder: FakeCoder, client: Client
) -> None:
    """Messages are fetched first, so that the stream repeats none of them."""
    coder.chat.store("user", "Hi")
    last = coder.chat.store("assistant", "Hello").id

    session = await ChatSession.open(client, CHAT_ID)
    await wait_for(lambda: session.link.phase == "live")

    assert texts(session.state) == ["Hi", "Hello"]
    assert f"STREAM {last}" in coder.requests
    await session.aclose()


async def test_an_answer_grows_and_becomes_a_message(
    coder: FakeCoder, client: Client
) -> None:
    """The whole way of a turn, as a notebook sees it."""
    session = await ChatSession.open(client, CHAT_ID)

    sent = await session.send("Count")
    assert sent.message is not None
    assert session.state.messages[-1].id == sent.message.id
    coder.chat.set_status("running")
    coder.chat.write("one ")
    coder.chat.write("two")
    await session.until(lambda state: latest_answer(state) == "one two")
    assert session.state.messages[-1].role == "user"
    coder.chat.commit()
    coder.chat.finish()
    state = await session.idle()

    assert texts(state) == ["Count", "one two"]
    assert not state.preview
    await session.aclose()


async def test_a_turn_does_not_look_finished_before_it_began(
    coder: FakeCoder, client: Client
) -> None:
    """The answer to a send may come before the stream says `pending`."""
    session = await ChatSession.open(client, CHAT_ID)
    coder.chat.tell = lambda *_: None  # type: ignore[method-assign]

    await session.send("Hi")

    assert session.state.status == "pending"
    await session.aclose()


async def test_create_makes_a_chat_and_follows_it(
    coder: FakeCoder, client: Client
) -> None:
    """`%%chat` in a new notebook."""
    session = await ChatSession.create(client, "Hi", title="Mine")

    assert texts(session.state) == ["Hi"]
    assert session.state.chat is not None
    assert session.state.chat.title == "Mine"
    assert coder.requests.count("POST /chats") == 1
    await session.aclose()


async def test_a_queued_message_is_sent_in_its_turn(
    coder: FakeCoder, client: Client
) -> None:
    """It is neither lost nor shown twice when it becomes a message."""
    session = await ChatSession.open(client, CHAT_ID)
    await session.send("First")
    coder.chat.set_status("running")

    sent = await session.send("Second")
    assert sent.queued
    coder.chat.write("1")
    coder.chat.commit()
    coder.chat.finish()
    coder.chat.set_status("running")
    coder.chat.write("2")
    coder.chat.commit()
    coder.chat.finish()
    state = await session.idle()

    assert texts(state) == ["First", "1", "Second", "2"]
    assert state.queue == ()
    await session.aclose()


async def test_stop_keeps_what_was_written(coder: FakeCoder, client: Client) -> None:
    """The partial answer becomes a message after the status is `waiting`."""
    session = await ChatSession.open(client, CHAT_ID)
    await session.send("Go on")
    coder.chat.set_status("running")
    coder.chat.write("a, b")
    await session.until(lambda state: latest_answer(state) == "a, b")

    await session.stop()
    state = await session.idle()

    assert texts(state) == ["Go on", "a, b"]
    await session.aclose()


async def test_stop_waits_for_a_chat_that_has_not_begun(
    coder: FakeCoder, client: Client
) -> None:
    """v2.34 ignores an interrupt until a worker has taken the chat."""
    session = await ChatSession.open(client, CHAT_ID)
    await session.send("Go on")
    assert coder.chat.status == "pending"

    stopping = asyncio.create_task(session.stop())
    await wait_for(lambda: f"POST /chats/{CHAT_ID}/interrupt" in coder.requests)
    coder.chat.set_status("running")
    await stopping
    state = await session.idle()

    assert state.status == "waiting"
    await session.aclose()


async def test_the_queue_can_be_rearranged(coder: FakeCoder, client: Client) -> None:
    """Deleting what is gone already is no error to anybody."""
    session = await ChatSession.open(client, CHAT_ID)
    await session.send("First")
    coder.chat.set_status("running")
    coder.chat.write("1")
    for text in ("Second", "Third"):
        await session.send(text)
    await session.until(lambda state: len(state.queue) == 2)

    await session.delete_queued(1)
    await session.delete_queued(1)
    await session.promote(2)
    state = await session.until(lambda state: not state.queue)

    assert texts(state) == ["First", "1", "Third"]
    assert message_id_of(state, 2) == state.messages[-1].id
    assert message_id_of(state, 1) is None
    await session.aclose()


async def test_a_chat_can_be_renamed(coder: FakeCoder, client: Client) -> None:
    """The new title is in the state when the call returns."""
    session = await ChatSession.open(client, CHAT_ID)

    await session.update(title="Another")

    assert session.state.chat is not None
    assert session.state.chat.title == "Another"
    await session.aclose()


async def test_older_messages_are_fetched_on_demand(
    coder: FakeCoder, client: Client
) -> None:
    """A chat of a thousand messages must not be loaded to show the last ten."""
    for number in range(120):
        coder.chat.store("user", f"{number}")
    session = await ChatSession.open(client, CHAT_ID)
    assert len(session.state.messages) == 50

    assert await session.load_older()
    assert await session.load_older()
    assert not await session.load_older()

    assert texts(session.state) == [f"{number}" for number in range(120)]
    await session.aclose()


async def test_sessions_on_one_chat_share_a_connection(
    coder: FakeCoder, client: Client
) -> None:
    """Ten cells that show one chat must not open ten sockets."""
    sessions = [await ChatSession.open(client, CHAT_ID) for _ in range(3)]
    await wait_for(lambda: sessions[0].link.phase == "live")

    assert coder.chat.connections == 1
    assert len({id(session.state) for session in sessions}) == 1
    for session in sessions[:-1]:
        await session.aclose()
    coder.chat.store("user", "Hi")
    await sessions[-1].until(lambda state: bool(state.messages))
    await sessions[-1].aclose()
    await wait_for(lambda: not coder.chat.followers)


async def test_a_session_that_is_let_go_closes_itself(
    coder: FakeCoder, client: Client
) -> None:
    """A cell that is run again leaves the old session behind."""
    session = await ChatSession.open(client, CHAT_ID)
    await wait_for(lambda: bool(coder.chat.followers))

    del session
    gc.collect()

    await wait_for(lambda: not coder.chat.followers)
    assert known_sessions() == ()


async def test_subscribers_hear_every_change_until_they_leave(
    coder: FakeCoder, client: Client
) -> None:
    """One that raises must not silence the others."""
    session = await ChatSession.open(client, CHAT_ID)
    await wait_for(lambda: session.link.phase == "live")
    heard: list[int] = []

    def broken() -> None:
        raise ValueError

    leave_broken = session.subscribe(broken)
    leave = session.subscribe(lambda: heard.append(len(session.state.messages)))
    coder.chat.store("user", "Hi")
    await wait_for(lambda: bool(heard) and heard[-1] == 1)
    leave()
    leave_broken()
    count = len(heard)
    coder.chat.store("user", "Again")
    await session.until(lambda state: len(state.messages) == 2)

    assert len(heard) == count
    await session.aclose()


async def test_a_missing_chat_is_said_so(coder: FakeCoder, client: Client) -> None:
    """And nothing stays behind that would keep asking for it."""
    with pytest.raises(NotFoundError):
        await ChatSession.open(client, other_chat())

    assert known_sessions() == ()


async def test_a_wrong_token_is_said_so(coder: FakeCoder) -> None:
    """The text says what to do, and not what the token is."""
    async with Client(coder.url, "wrong-token") as client:
        with pytest.raises(AuthenticationError, match="coder login") as caught:
            await ChatSession.open(client, CHAT_ID)

    assert "wrong-token" not in str(caught.value)


async def test_a_server_that_is_down_is_said_so() -> None:
    """At once, and in a sentence."""
    client = Client("http://127.0.0.1:9", TOKEN)

    with pytest.raises(ServerUnreachableError, match=r"No server answers"):
        await ChatSession.open(client, CHAT_ID)

    await client.aclose()


async def test_an_empty_prompt_changes_nothing(
    coder: FakeCoder, client: Client
) -> None:
    """The server refuses; the state must not pretend."""
    session = await ChatSession.open(client, CHAT_ID)
    before = session.state.messages

    with pytest.raises(InvalidRequestError):
        await session.send("  ")

    assert session.state.messages == before
    assert session.state.status == "waiting"
    await session.aclose()


async def test_closing_ends_every_wait(coder: FakeCoder, client: Client) -> None:
    """A cell that awaits a state must not hang for ever."""
    session = await ChatSession.open(client, CHAT_ID)
    waiting = asyncio.create_task(session.until(lambda _: False))
    await asyncio.sleep(0)

    await session.aclose()
    await session.aclose()

    with pytest.raises(ConnectionLostError, match="closed"):
        await waiting
    assert session.link.phase == "closed"


def test_a_session_may_be_used_without_a_loop_of_ones_own() -> None:
    """A script and a cell alike block on the background loop."""

    async def count() -> int:
        return 3

    assert background().run(count()) == 3


async def test_a_session_is_let_go_at_the_end_of_its_block(
    coder: FakeCoder, client: Client
) -> None:
    """Scripts open one by `async with`, and read the answer from it."""
    coder.chat.store("user", "Hi")
    coder.chat.store("assistant", "Hello")

    async with await ChatSession.open(client, CHAT_ID) as session:
        assert session.answer == "Hello"

    assert session.link.phase == "closed"
