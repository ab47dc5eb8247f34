"""Tell an answer piece by piece while it is written, as a program would print it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Self, TypeAlias

from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.history import is_prompt
from coderchat_jupyter.state.select import answer_text, is_idle, turn_from

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
    """What of a growing text was told, and so what is new in it.

    The text may shrink, as when a model is asked again: nothing is told until it is
    longer than what was told before, or says something else. White space makes no
    difference: a preview leaves some out that is stored.
    """

    def __init__(self) -> None:
        self.seen = ""
        self._told = ""

    def take(self, text: str, *, is_last: bool = False) -> Piece | None:
        """The text is this one now; what there is to tell, None for nothing.

        Args:
            text: All of it.
            is_last: It is not going to grow any more.
        """
        self.seen = text
        rest = _beyond(self._told, text)
        if rest is None and (is_last or not _bare(self._told).startswith(_bare(text))):
            self._told = text
            return Piece(text, is_anew=True)
        if rest is None:
            return None
        self._told = text
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
            lambda now: _is_over(now, prompt) or _said(now, prompt) != teller.seen
        )
        is_over = _is_over(state, prompt)
        if is_over and is_idle(state):
            state = await settled()
        piece = teller.take(_said(state, prompt), is_last=is_over)
        if piece is not None:
            yield piece


def _newest(state: ChatState) -> int | None:
    return next((m.id for m in reversed(state.messages) if is_prompt(m)), None)


def _said(state: ChatState, prompt: int) -> str:
    turn = turn_from(state, prompt)
    return "" if turn is None else answer_text(turn)


def _is_over(state: ChatState, prompt: int) -> bool:
    """Nothing runs, or another prompt has taken the place: a later one, or an edit."""
    return is_idle(state) or _newest(state) != prompt


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
