"""An answer piece by piece: every word once, whatever happens to the connection."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import AnswerError, ConnectionLostError
from coderchat_jupyter.session import Backoff, ChatSession, Piece, _pieces
from coderchat_jupyter.session._pieces import Teller
from coderchat_jupyter.state.preview import Preview, TextBlock
from coderchat_jupyter.state.select import Turn, answer_text
from coderchat_jupyter.state.text import NO_TEXT, TextBuffer
from coderchat_jupyter.wire.events import ErrorEvent, Retry, RetryEvent
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.messages import Message
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


def writing(*texts: TextBuffer) -> Turn:
    """A turn whose answer is being written, in some blocks."""
    blocks = tuple(TextBlock(text=text) for text in texts)
    prompt = Message(id=1, chat_id=CHAT_ID, role="user", created_at=datetime.now(UTC))
    return Turn(prompt=prompt, preview=Preview(blocks=blocks), status="running")


steps = st.tuples(
    st.sampled_from(("append", "begin a block", "begin anew")),
    st.text("ab \n", max_size=8),
)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.lists(steps, min_size=1, max_size=8))
def test_pieces_since_the_last_beginning_are_the_text(
    script: list[tuple[str, str]],
) -> None:
    """Whatever an answer becomes on its way, but for white space."""
    teller, told, texts, turn = Teller(), "", [NO_TEXT], writing()

    for number, (what, text) in enumerate(script, 1):
        if what == "append":
            texts[-1] = texts[-1].append(text)
        elif what == "begin a block":
            texts.append(TextBuffer(text))
        else:
            texts = [TextBuffer(text)]
        turn = writing(*texts)
        piece = teller.take(turn, is_last=number == len(script))
        if piece is not None:
            told = piece if piece.is_anew else told + piece
        assert not teller.is_news(turn)

    assert "".join(told.split()) == "".join(answer_text(turn).split())


def test_a_block_that_begins_with_white_space_is_parted_from_the_one_before() -> None:
    """Its words would run into those of that one."""
    teller, first, blank = Teller(), TextBuffer("one"), TextBuffer(" ")

    told = [
        teller.take(writing(first)),
        teller.take(writing(first, blank)),
        teller.take(writing(first, blank.append("two"))),
    ]

    assert told == ["one", None, "\n\n two"]


@pytest.mark.parametrize("size", [10, 1_000])
def test_what_is_appended_is_told_without_reading_the_whole_answer(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or an answer would cost the square of its length."""
    reads = []

    def reading(turn: Turn) -> str:
        reads.append(turn)
        return answer_text(turn)

    monkeypatch.setattr(_pieces, "answer_text", reading)
    teller, told = Teller(), []
    before, text = TextBuffer("It was."), TextBuffer("Once")

    for _ in range(size):
        turn = writing(before, text)
        assert teller.is_news(turn)
        told.append(teller.take(turn))
        text = text.append(" more")

    assert told[1:] == [" more"] * (size - 1)
    assert len(reads) == 1
