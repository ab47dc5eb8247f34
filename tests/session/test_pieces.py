"""An answer piece by piece: every word once, whatever happens to the connection."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import AnswerError, ConnectionLostError
from coderchat_jupyter.session import Backoff, ChatSession, Piece
from coderchat_jupyter.session._pieces import Teller
from coderchat_jupyter.wire.events import ErrorEvent, Retry, RetryEvent
from coderchat_jupyter.wire.failures import ChatError
from tests.fakes.chat import CHAT_ID
from tests.fakes.server import FakeCoder


async def rest_of(pieces: AsyncGenerator[Piece, None]) -> list[str]:
    return [piece async for piece in pieces]


async def test_an_answer_comes_as_it_is_written(
    coder: FakeCoder, client: Client
) -> None:
    """The next piece is awaited, and the last one is the end of the iteration."""
    session = await ChatSession.open(client, CHAT_ID)
    await session.send("Count")
    pieces = session.pieces()

    coder.chat.set_status("running")
    coder.chat.write("one ")
    first = await anext(pieces)
    coder.chat.write("two")
    second = await anext(pieces)
    coder.chat.commit()
    coder.chat.finish()
    rest = await rest_of(pieces)
    await session.aclose()

    assert [first, second, *rest] == ["one ", "two"]
    assert not first.is_anew


async def test_a_finished_answer_is_one_piece(coder: FakeCoder, client: Client) -> None:
    """And a chat in which nothing was asked has none."""
    session = await ChatSession.open(client, CHAT_ID)
    nothing = await rest_of(session.pieces())
    coder.chat.ask("Hi")
    coder.chat.write("Hello")
    coder.chat.commit()
    coder.chat.finish()
    await session.until(lambda state: len(state.messages) == 2)

    pieces = await rest_of(session.pieces())
    await session.aclose()

    assert (nothing, pieces) == ([], ["Hello"])


async def test_a_break_is_not_noticed(
    coder: FakeCoder, client: Client, soon: Backoff
) -> None:
    """The server tells the whole step again, and what came meanwhile."""
    session = await ChatSession.open(client, CHAT_ID, backoff=soon)
    await session.send("Count")
    coder.chat.set_status("running")
    coder.chat.write("one ")
    pieces = session.pieces()
    first = await anext(pieces)

    coder.chat.drop()
    coder.chat.write("two ")
    second = await anext(pieces)
    coder.chat.write("three")
    coder.chat.commit()
    coder.chat.finish()
    rest = await rest_of(pieces)
    await session.aclose()

    assert first + second + "".join(rest) == session.answer == "one two three"
    assert not any(piece.is_anew for piece in (first, second))


async def test_an_answer_that_begins_anew_says_so(
    coder: FakeCoder, client: Client
) -> None:
    """A model call broke, and the next one says something else."""
    session = await ChatSession.open(client, CHAT_ID)
    await session.send("Count")
    coder.chat.set_status("running")
    coder.chat.write("eins")
    pieces = session.pieces()
    await anext(pieces)

    retry = Retry(attempt=1, retrying_at=datetime.now(UTC))
    coder.chat.tell(RetryEvent(chat_id=CHAT_ID, retry=retry))
    coder.chat.parts.clear()
    coder.chat.write("one")
    anew = await anext(pieces)
    coder.chat.commit()
    coder.chat.finish()
    rest = await rest_of(pieces)
    await session.aclose()

    assert (anew, anew.is_anew, rest) == ("one", True, [])


async def test_an_answer_that_fails_keeps_what_there_is_and_says_why(
    coder: FakeCoder, client: Client
) -> None:
    """Waiting does not raise, asking for it does."""
    session = await ChatSession.open(client, CHAT_ID)
    await session.send("Count")
    assert session.error is None
    session.raise_for_error()
    coder.chat.set_status("running")
    coder.chat.write("one")
    pieces = session.pieces()
    first = await anext(pieces)

    coder.chat.last_error = ChatError(message="No key.", kind="auth")
    coder.chat.tell(ErrorEvent(chat_id=CHAT_ID, error=coder.chat.last_error))
    coder.chat.set_status("error")
    rest = await rest_of(pieces)
    state = await session.idle()

    assert (first, rest, session.answer) == ("one", [], "one")
    assert session.error == state.error == coder.chat.last_error
    with pytest.raises(AnswerError, match="No key"):
        session.raise_for_error()
    await session.aclose()


async def test_the_answer_to_a_queued_prompt_is_not_of_this_one(
    coder: FakeCoder, client: Client
) -> None:
    """The iteration ends where the next turn begins."""
    session = await ChatSession.open(client, CHAT_ID)
    await session.send("First")
    coder.chat.set_status("running")
    await session.send("Second")
    coder.chat.write("1")
    pieces = session.pieces()
    first = await anext(pieces)

    coder.chat.commit()
    coder.chat.finish()
    rest = await rest_of(pieces)
    coder.chat.set_status("running")
    coder.chat.write("2")
    second = await anext(session.pieces())
    await session.aclose()

    assert (first, rest, second) == ("1", [], "2")


async def test_who_reads_pieces_of_a_closed_session_is_told(
    coder: FakeCoder, client: Client
) -> None:
    """Or it would wait for ever."""
    session = await ChatSession.open(client, CHAT_ID)
    await session.send("Count")
    await session.aclose()

    with pytest.raises(ConnectionLostError):
        await anext(session.pieces())


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.lists(st.text("ab \n", max_size=8), min_size=1, max_size=8))
def test_pieces_since_the_last_beginning_are_the_text(texts: list[str]) -> None:
    """Whatever a text becomes on its way, but for white space."""
    teller, told = Teller(), ""

    for number, text in enumerate(texts, 1):
        piece = teller.take(text, is_last=number == len(texts))
        if piece is not None:
            told = piece if piece.is_anew else told + piece

    assert "".join(told.split()) == "".join(texts[-1].split())
