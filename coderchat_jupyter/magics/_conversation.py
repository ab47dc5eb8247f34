"""The chat that a notebook is in: prompts go in, replies come out, in order.

Everything here runs on the background loop, except for what says that any thread may
call it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import ApiError, CoderChatError, NotFoundError
from coderchat_jupyter.magics import _turn
from coderchat_jupyter.magics._arguments import Ask
from coderchat_jupyter.magics._display import Display
from coderchat_jupyter.magics._follow import Ending, ending, until_over
from coderchat_jupyter.magics._models import find_model
from coderchat_jupyter.magics._reply import Reply
from coderchat_jupyter.session import ChatSession, background
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.wire.messages import QueuedMessage

__all__ = ["Connect", "Conversation"]

_log: Final = logging.getLogger(__name__)

Connect: TypeAlias = Callable[[Callable[[str], None]], Awaitable[Client]]
"""Opens the server; told whom to tell how that goes."""


@dataclass(slots=True)
class _Work:
    """One reply on its way, and how far it has come."""

    reply: Reply
    display: Display
    future: Future[None] | None = None
    session: ChatSession | None = None
    queued: QueuedMessage | None = None
    is_committed: bool = False
    is_stopped: bool = False


class Conversation:
    """The current chat of one shell."""

    def __init__(self, connect: Connect, labels: Callable[[], dict[str, str]]) -> None:
        self._connect = connect
        self._labels = labels
        self._session: ChatSession | None = None
        self._is_over = False
        self._order = asyncio.Lock()
        self._work: dict[Reply, _Work] = {}

    @property
    def session(self) -> ChatSession | None:
        """The chat that the next prompt goes to. None: it begins a new one."""
        return None if self._is_over else self._session

    def open_replies(self) -> tuple[Reply, ...]:
        """Answers that have not ended, the oldest first. Any thread."""
        return tuple(reply for reply in tuple(self._work) if not reply.is_done)

    def ask(self, ask: Ask, display: Display) -> Reply:
        """Send a prompt behind all that were asked before. Any thread; never waits."""
        # Decided now and not when its turn comes: a prompt before it may still be on
        # the way to making the chat that this one does not go to.
        is_new, self._is_over = ask.is_new or self._is_over, False
        reply = Reply(ask.prompt, self._on_stop)
        work = self._work[reply] = _Work(reply, display)
        work.future = background().submit(
            self._answer(work, replace(ask, is_new=is_new))
        )
        return reply

    def forget(self) -> None:
        """Let the next prompt begin a new chat. Any thread."""
        self._is_over = True

    async def aclose(self) -> None:
        """Let go of everything; answers that run go on at the server."""
        for work in tuple(self._work.values()):
            if work.future is not None:
                work.future.cancel()
        await self._forget()

    async def _forget(self) -> None:
        session, self._session = self._session, None
        await self._release(session)

    async def _release(self, session: ChatSession | None) -> None:
        """Close a chat that neither the next prompt nor an open reply needs."""
        used = {id(work.session) for work in self._work.values()}
        is_current = session is None or session is self._session
        if session is not None and not is_current and id(session) not in used:
            await session.aclose()

    async def _answer(self, work: _Work, ask: Ask) -> None:
        reply, end = work.reply, Ending("stopped")
        try:
            async with self._order:
                session, first = await self._send(work, ask)
            turn = await self._promoted(work, session, first)
            if turn is not None:
                end = await self._follow(work, session, turn)
        except asyncio.CancelledError:
            _log.debug("A reply was let go before it ended")
        except CoderChatError as error:
            end = Ending("error", error=error)
        except Exception as error:  # noqa: BLE001
            # A defect of ours. Its text may quote anything, so only its kind is told.
            _log.exception("An answer could not be followed")
            kind = type(error).__name__
            end = Ending("error", error=CoderChatError(f"This is a defect: {kind}."))
        self._work.pop(reply, None)
        reply._conclude(end)
        try:
            _show(work.display, end)
        except Exception:  # noqa: BLE001
            # Whoever waits must not wait for ever because nothing can be shown.
            _log.exception("The end of an answer could not be shown")
        reply._end()
        with contextlib.suppress(CoderChatError):
            await self._release(work.session)

    async def _send(self, work: _Work, ask: Ask) -> tuple[ChatSession, _First]:
        """Make the chat or send to it: the session, and what the prompt became."""

        def notice(text: str) -> None:
            work.reply._note(notice=text)
            work.display.notice(text)

        client = await self._connect(notice)
        model = None
        if ask.model is not None:
            model = find_model(await client.model_configs.list(), ask.model)
        notice("Sending the prompt…")
        session = None if ask.is_new else await self._current(client)
        # From here on the server may have it: stopping is asking the server to stop.
        work.is_committed = True
        if session is None:
            session = await ChatSession.create(
                client, ask.prompt, model_config_id=model, labels=self._labels()
            )
            await self._forget()
            self._session = work.session = session
            work.reply._note(chat_id=session.chat_id)
            made = await session.until(lambda s: _turn.first_turn(s) is not None)
            return session, _turn.first_turn(made) or 0
        work.session = session
        work.reply._note(chat_id=session.chat_id)
        sent = await session.send(ask.prompt, model_config_id=model)
        if sent.message is not None:
            return session, sent.message.id
        if sent.queued_message is None:
            raise CoderChatError("The server took the prompt but did not say as what.")
        return session, sent.queued_message

    async def _current(self, client: Client) -> ChatSession | None:
        """The current chat over this client, which may be another than before."""
        session = self._session
        if session is None or (
            session.client is client and session.link.phase not in ("failed", "closed")
        ):
            return session
        # The embedded server has another address after each start, and the same chats.
        try:
            opened = await ChatSession.open(client, session.chat_id)
        except NotFoundError:
            opened = None
        await self._forget()
        self._session = opened
        return opened

    async def _promoted(
        self, work: _Work, session: ChatSession, first: _First
    ) -> int | None:
        """The message that the prompt became; None if it never did."""
        if isinstance(first, int):
            return first
        queued = work.queued = first
        work.reply._note(status="queued")
        work.display.notice("Waiting for the answers before it…")
        is_promoted = False

        def has_left(state: ChatState) -> bool:
            if _turn.turn_of(state, queued) is not None:
                return True
            # The error that it waited behind may outlast its place in the queue.
            is_on_its_way = is_promoted and state.status == "error"
            return _turn.left_queue(state, queued) and not is_on_its_way

        def is_first(state: ChatState) -> bool:
            # Nobody says whose prompts are before it: they are not passed.
            return state.queue[0].id == queued.id

        def is_left_or_stuck(state: ChatState) -> bool:
            return has_left(state) or _turn.is_stuck(state, queued)

        state = await session.until(is_left_or_stuck)
        while not has_left(state):
            if is_first(state):
                # Whoever asked again after a failure wants to go on.
                work.display.notice("The answer before it failed; going on…")
                is_promoted = await _promote(session, queued) or is_promoted
                await session.until(lambda s: not _turn.is_stuck(s, queued))
            else:
                told = "An answer failed; waiting for the prompts before this one…"
                work.display.notice(told)
                await session.until(
                    lambda s: not _turn.is_stuck(s, queued) or is_first(s)
                )
            state = await session.until(is_left_or_stuck)
        work.queued = None
        return _turn.turn_of(state, queued)

    async def _follow(self, work: _Work, session: ChatSession, turn: int) -> Ending:
        work.reply._note(status="running", message_id=turn, notice="")
        work.reply._follow(lambda: session.state)
        work.display.attach(session, turn)
        if work.is_stopped:
            await session.stop()
        lost: CoderChatError | None = None
        try:
            await until_over(session, turn)
        except asyncio.CancelledError:
            work.is_stopped = True
        except CoderChatError as error:
            lost = error
        return await ending(session, turn, is_stopped=work.is_stopped, lost=lost)

    def _on_stop(self, reply: Reply) -> None:
        background().submit(self._stop(reply))

    async def _stop(self, reply: Reply) -> None:
        work = self._work.get(reply)
        if work is None or work.is_stopped:
            return
        work.is_stopped = True
        try:
            if reply.message_id is not None and work.session is not None:
                await work.session.stop()
            elif work.queued is not None and work.session is not None:
                await self._withdraw(work, work.session, work.queued)
            elif not work.is_committed and work.future is not None:
                work.future.cancel()
        except CoderChatError:
            # The server cannot be told. Nobody here has to go on waiting for it.
            if work.future is not None:
                work.future.cancel()

    async def _withdraw(
        self, work: _Work, session: ChatSession, queued: QueuedMessage
    ) -> None:
        await session.delete_queued(queued.id)
        page = await session.client.messages.list(session.chat_id)
        newest = max((m.id for m in session.state.messages), default=0)
        taken = any(
            m.content == queued.content and m.id > newest for m in page.messages
        )
        # Its turn may have come just before: then it is stopped as soon as it is seen.
        if work.queued is not None and not taken and work.future is not None:
            work.future.cancel()


async def _promote(session: ChatSession, queued: QueuedMessage) -> bool:
    """Let a prompt that waits behind a failure be the next; whether it still waited."""
    chat = await session.client.chats.get(session.chat_id)
    if chat.status != "error":
        return False
    try:
        await session.promote(queued.id)
    except ApiError:
        # v2.34 says so with a 500 if it is gone.
        page = await session.client.messages.list(session.chat_id)
        if any(waiting.id == queued.id for waiting in page.queued_messages):
            raise
        return False
    return True


_First: TypeAlias = int | QueuedMessage


def _show(display: Display, end: Ending) -> None:
    if end.bundle:
        display.freeze(end.bundle)
    elif end.error is not None:
        display.fail(str(end.error))
    else:
        display.fail("Stopped before an answer began.")
