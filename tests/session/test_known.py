"""The sessions of a process can be found, and heard of."""

from __future__ import annotations

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import (
    ChatSession,
    known_chat_ids,
    known_sessions,
    on_session,
)
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import FakeCoder


async def test_open_sessions_are_known_and_their_chats_stay_known(
    coder: FakeCoder, client: Client
) -> None:
    """What a notebook cost includes chats that it let go."""
    session = await ChatSession.open(client, CHAT_ID)
    assert known_sessions() == (session,)
    assert known_chat_ids(client) == (CHAT_ID,)

    await session.aclose()

    assert known_sessions() == ()
    assert known_chat_ids(client) == (CHAT_ID,)


async def test_listeners_hear_of_new_sessions_until_they_leave(
    coder: FakeCoder, client: Client
) -> None:
    """One that raises silences nobody."""
    heard: list[ChatSession] = []

    def broken(_: ChatSession) -> None:
        raise ValueError

    leave_broken, leave = on_session(broken), on_session(heard.append)
    first = await ChatSession.open(client, CHAT_ID)
    leave()
    leave_broken()
    leave()
    second = await ChatSession.open(client, CHAT_ID)

    assert heard == [first]
    await first.aclose()
    await second.aclose()


async def test_another_deployment_has_other_chats(
    coder: FakeCoder, client: Client
) -> None:
    """The same client class, another address."""
    session = await ChatSession.open(client, CHAT_ID)
    await session.aclose()

    other = Client("http://127.0.0.1:9", "some-token")

    assert known_chat_ids(other) == ()
