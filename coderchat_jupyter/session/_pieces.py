"""Tell an answer piece by piece while it is written, as a program would print it."""

from __future__ import annotations

import operator
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Self, TypeAlias

from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.history import is_prompt
from coderchat_jupyter.state.preview import TextBlock
from coderchat_jupyter.state.select import Turn, answer_text, is_idle, turn_from
from coderchat_jupyter.state.text import TextBuffer

__all__ = ["Piece", "Teller", "newest_answer"]

Until: TypeAlias = Callable[[Callable[[ChatState], bool]], Awaitable[ChatState]]


class Piece(str):
    """More text of an answer.

    Attributes:
        is_anew: What came before counts no more: the answer begins with this piece.
    """

    __slots__ = ("is_anew",)

    is_anew: bool

    def __new__(cls, text: str, *, is_anew: bool = False) -> Self:
        """A piece with this text."""
        piece = super().__new__(cls, text)
        piece.is_anew = is_anew
        return piece


class Teller:
    """What of an answer was told, and so what is new in it.

    The answer may shrink, as when a model is asked again: nothing is told until it is
    longer than what was told before, or says something else. White space makes no
    difference: a preview leaves some out that is stored.

    As long as text is appended only, the cost is that of the new text.
    """

    def __init__(self) -> None:
        self._seen: Turn | None = None
        self._told: Turn | None = None

    def is_news(self, turn: Turn | None) -> bool:
        """Whether there is something in the answer that was not looked at."""
        return _appended(self._seen, turn) != ""

    def take(self, turn: Turn | None, *, is_last: bool = False) -> Piece | None:
        """The answer is this one now; what there is to tell, None for nothing.

        Args:
            turn: The turn it belongs to, None before there is one.
            is_last: It is not going to grow any more.
        """
        self._seen = turn
        rest = _appended(self._told, turn)
        if rest is None:
            told, text = _text(self._told), _text(turn)
            rest = _beyond(told, text)
            if rest is None and (is_last or not _bare(told).startswith(_bare(text))):
                self._told = turn
                return Piece(text, is_anew=True)
        if rest is None:
            return None
        self._told = turn
        return Piece(rest) if rest else None


async def newest_answer(
    until: Until, settled: Callable[[], Awaitable[ChatState]]
) -> AsyncGenerator[Piece, None]:
    """The answer to the newest prompt, as far as it is written and as it grows.

    Args:
        until: Waits for a state.
        settled: Sees to it that the end of an answer is in the state of an idle chat.
    """
    state = await until(lambda now: _newest(now) is not None or is_idle(now))
    prompt = _newest(state)
    if prompt is None:
        return
    teller, is_over = Teller(), False
    while not is_over:
        state = await until(
            lambda now: _is_over(now, prompt) or teller.is_news(turn_from(now, prompt))
        )
        is_over = _is_over(state, prompt)
        if is_over and is_idle(state):
            state = await settled()
        piece = teller.take(turn_from(state, prompt), is_last=is_over)
        if piece is not None:
            yield piece


def _newest(state: ChatState) -> int | None:
    return next((m.id for m in reversed(state.messages) if is_prompt(m)), None)


def _text(turn: Turn | None) -> str:
    return "" if turn is None else answer_text(turn)


def _is_over(state: ChatState, prompt: int) -> bool:
    """Nothing runs, or another prompt has taken the place: a later one, or an edit."""
    return is_idle(state) or _newest(state) != prompt


def _appended(earlier: Turn | None, turn: Turn | None) -> str | None:
    """What was written since at the end of an answer; None if more may have changed."""
    if earlier is None or turn is None:
        return "" if earlier is turn else None
    if not _are_same(earlier.answer, turn.answer):
        return None
    before, now = _written(earlier), _written(turn)
    if not _are_same(before[:-1], now[:-1]) or len(before) != len(now):
        return None
    rest = now[-1].since(before[-1]) if now else ""
    # Nothing parts a text from what comes before it as long as it is blank.
    return None if rest and before[-1].is_blank else rest


def _are_same(some: Sequence[object], others: Sequence[object]) -> bool:
    """Whether both hold the very same objects, in order; none of them is read."""
    return len(some) == len(others) and all(map(operator.is_, some, others))


def _written(turn: Turn) -> list[TextBuffer]:
    blocks = turn.preview.blocks
    return [block.text for block in blocks if isinstance(block, TextBlock)]


def _beyond(told: str, text: str) -> str | None:
    """What a text holds after what was told; None if it does not begin with that."""
    if text.startswith(told):
        return text[len(told) :]
    left = len(_bare(told))
    if not _bare(text).startswith(_bare(told)):
        return None
    for place, sign in enumerate(text):
        if not left:
            return text[place:]
        left -= not sign.isspace()
    return ""


def _bare(text: str) -> str:
    return "".join(text.split())
