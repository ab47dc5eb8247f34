"""A chat as its caller reads it: its state, its answer, and what can be waited for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, TypeVar

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import AnswerError, ConnectionLostError
from coderchat_jupyter.session import _acts
from coderchat_jupyter.session._feed import Feed
from coderchat_jupyter.session._known import Unsubscribe
from coderchat_jupyter.session._loop import BackgroundLoop
from coderchat_jupyter.session._pieces import Piece, newest_answer
from coderchat_jupyter.state.chat_state import ChatState, Link
from coderchat_jupyter.state.select import latest_answer
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["LiveChat"]

T = TypeVar("T")


class LiveChat:
    """What a session tells of its chat, from any thread or event loop."""

    def __init__(self, feed: Feed, loop: BackgroundLoop) -> None:
        self._feed = feed
        self._loop = loop

    @property
    def chat_id(self) -> ChatId:
        """The chat."""
        return self._feed.chat_id

    @property
    def client(self) -> Client:
        """The connection to the server that holds the chat."""
        return self._feed.client

    @property
    def state(self) -> ChatState:
        """The latest state; immutable, so it may be read from any thread."""
        return self._feed.state

    @property
    def answer(self) -> str:
        """The prose of the newest answer, as far as it is written.

        Of one that failed only who followed it has what there was: no server keeps it.
        """
        return latest_answer(self.state)

    @property
    def error(self) -> ChatError | None:
        """Why the newest answer failed; None if it did not. What there is of it stays.

        That the server cannot be reached is no failure of the answer: see `link`.
        """
        state = self.state
        return (state.error or ChatError()) if state.status == "error" else None

    def raise_for_error(self) -> None:
        """Raise why the newest answer failed, if it did.

        Raises:
            AnswerError: The agent ended its turn in an error; `error` says more.
        """
        if (error := self.error) is not None:
            raise AnswerError(error.message or "The server does not say why.")

    @property
    def link(self) -> Link:
        """How the connection does."""
        return self._feed.link

    def subscribe(self, on_change: Callable[[], None]) -> Unsubscribe:
        """Call `on_change` on the background thread after state or link changed.

        It must return quickly: the stream is not read meanwhile. What it raises is
        logged and ignored.
        """
        return self._feed.subscribe(on_change)

    async def until(self, predicate: Callable[[ChatState], bool]) -> ChatState:
        """Wait for a state. `predicate` is called on the background thread.

        Raises:
            ConnectionLostError: The session was closed, or cannot connect any more.
        """
        return await self._do(self._feed.until(predicate))

    async def idle(self) -> ChatState:
        """Wait until nothing runs, nothing is queued and the answer is there.

        Also returns when the answer failed: see `error` and `raise_for_error`.

        Raises:
            ConnectionLostError: The session was closed, or cannot connect any more.
        """
        return await self._do(_acts.until_idle(self._feed))

    def pieces(self) -> AsyncGenerator[Piece, None]:
        """The newest answer piece by piece, as far as it is written and as it grows.

        Ends with the answer to the newest prompt, also if it fails: see `error`. A
        break of the connection is not noticed: nothing is told twice. If the model is
        asked again and says something else, the next piece says so by `is_anew`: what
        came before counts no more. All pieces since then are together `answer`, but
        for white space.

        Raises:
            ConnectionLostError: The session was closed, or cannot connect any more.
        """

        async def settled() -> ChatState:
            return await self._do(_acts.settled(self._feed))

        return newest_answer(self.until, settled)

    async def _do(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop.is_closed:
            work.close()
            raise ConnectionLostError("The chat was closed.")
        self._loop.loop.call_soon_threadsafe(self._feed.hurry)
        return await self._loop.hop(work)
