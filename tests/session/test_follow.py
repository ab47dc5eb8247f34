"""Following a chat without its stream: seen the same, and never marked as read."""

from __future__ import annotations

import asyncio

import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.session import Backoff, ChatSession, Pace
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import message_text
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import TOKEN, FakeCoder

OFTEN = Pace(busy=0.01, idle=0.02)


def texts(state: ChatState) -> list[str]:
    return [message_text(message) for message in state.messages]


async def test_a_chat_is_followed_without_opening_its_stream(
    coder: FakeCoder, client: Client
) -> None:
    """Opening the stream moves the owner's read marker, and leaving it again."""
    session = await ChatSession.open(client, CHAT_ID, mark_read=False, pace=OFTEN)

    coder.chat.ask("Hi")
    coder.chat.set_status("running")
    coder.chat.write("Hello")
    await session.until(lambda state: state.status == "running")
    coder.chat.commit()
    coder.chat.finish()
    state = await session.idle()
    await session.aclose()

    assert texts(state) == ["Hi", "Hello"]
    assert not [line for line in coder.requests if line.startswith("STREAM")]


async def test_what_is_looked_at_ends_as_what_is_streamed(
    coder: FakeCoder, client: Client
) -> None:
    """Edits and queues made elsewhere as well: the two ways agree in the end."""
    looks = await ChatSession.open(client, CHAT_ID, mark_read=False, pace=OFTEN)
    streams = await ChatSession.open(client, CHAT_ID)
    first = coder.chat.ask("One")
    coder.chat.set_status("running")
    coder.chat.ask("Later")
    await looks.until(lambda state: len(state.queue) == 1)

    coder.chat.write("1")
    coder.chat.commit()
    coder.chat.finish()
    coder.chat.edit(first.id, "Zero")
    coder.chat.set_status("running")
    coder.chat.write("0")
    coder.chat.commit()
    coder.chat.finish()
    seen = await looks.until(lambda state: texts(state) == ["Zero", "0"])
    seen = await looks.until(lambda state: state.status == "waiting")
    live = await streams.until(lambda state: state.status == "waiting")
    live = await streams.until(lambda state: texts(state) == ["Zero", "0"])
    await looks.aclose()
    await streams.aclose()

    assert seen.messages == live.messages
    assert seen.queue == live.queue == ()
    assert seen.preview == live.preview


async def test_a_server_that_is_away_is_looked_for_again(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    """As with a stream: the link says so, and the chat goes on by itself."""
    session = await ChatSession.open(
        client, CHAT_ID, backoff=soon, mark_read=False, pace=OFTEN
    )
    phases: list[str] = []
    leave = session.subscribe(lambda: phases.append(session.link.phase))
    here = client.url

    client.move("http://127.0.0.1:9", "a-b")
    async with asyncio.timeout(20):
        while "reconnecting" not in phases:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    client.move(here, TOKEN)
    coder.chat.store("user", "Meanwhile")
    state = await session.until(lambda state: bool(state.messages))
    leave()
    await session.aclose()

    assert texts(state) == ["Meanwhile"]


@pytest.mark.parametrize(
    ("status", "quiet", "seconds"),
    [
        ("running", 0, 1.0),
        ("running", 9, 1.0),
        ("waiting", 0, 1.0),
        ("waiting", 2, 2.25),
        ("waiting", 99, 15.0),
        (None, 99, 15.0),
    ],
)
def test_a_quiet_chat_is_asked_ever_more_rarely(
    status: str | None, quiet: int, seconds: float
) -> None:
    """A server counts requests, and nothing may happen for days."""
    pace = Pace(chance=lambda: 0.5)

    assert pace.wait(ChatState(status=status), quiet) == pytest.approx(seconds)


def test_looks_do_not_come_in_step() -> None:
    """All kernels of a company may have been started at nine."""
    early, late = (
        Pace(chance=lambda c=c: c).wait(ChatState(), 0)  # type: ignore[misc]
        for c in (0.0, 0.999)
    )

    assert early == pytest.approx(0.7)
    assert late == pytest.approx(1.3, abs=0.01)
