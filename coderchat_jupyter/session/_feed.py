"""The live state of one chat: loaded, followed, and picked up again when it breaks.

Lives on the background loop. Sessions on the same chat of the same client share it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, NoReturn

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    AuthenticationError,
    CoderChatError,
    ConfigurationError,
    ConnectionLostError,
    ForbiddenError,
    NotFoundError,
    UnsupportedError,
)
from coderchat_jupyter.session._backoff import Backoff
from coderchat_jupyter.session._follow import Pace
from coderchat_jupyter.session._refresher import Refresher
from coderchat_jupyter.state.chat_state import EMPTY, ChatState, Link
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import reconnected, with_chat, with_page
from coderchat_jupyter.state.select import is_busy, needs_chat, needs_page
from coderchat_jupyter.wire.chats import Chat
from coderchat_jupyter.wire.framing import Batch
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import MessagesPage

__all__ = ["Feed", "Revive"]

Revive = Callable[[], Awaitable[None]]

_log: Final = logging.getLogger(__name__)

# The most messages that a server puts on a page.
_PAGE: Final = 200

# No attempt can mend these: a person has to.
_FINAL: Final = (
    AuthenticationError,
    ConfigurationError,
    ForbiddenError,
    NotFoundError,
    UnsupportedError,
)


class _LostParts(Exception):  # noqa: N818  never leaves this module
    """Parts are missing from the preview; a new connection replays them."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What was fetched before a connection was opened."""

    chat: Chat
    page: MessagesPage
    after_id: int = 0

    def into(self, state: ChatState) -> ChatState:
        return with_page(with_chat(state, self.chat), self.page)


class Feed:
    """Keeps the state of one chat up to date until it is closed.

    `state` and `link` may be read, and `subscribe` called, from any thread;
    everything else belongs to the background loop.
    """

    def __init__(
        self,
        client: Client,
        chat_id: ChatId,
        *,
        backoff: Backoff,
        revive: Revive | None = None,
        state: ChatState = EMPTY,
        pace: Pace | None = None,
    ) -> None:
        """Begin to follow a chat.

        Args:
            client: Who connects.
            chat_id: The chat.
            backoff: How long to wait before connecting again.
            revive: Brings a server of our own back before that.
            state: What is known of the chat already.
            pace: How often to look at the chat, instead of opening its stream.
        """
        self.client = client
        self.chat_id = chat_id
        self.state = state
        self.link = Link()
        self.pace = pace
        self._backoff = backoff
        self._revive = revive
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._count = 0
        self._lock = threading.Lock()
        self._changed = asyncio.Event()
        self._hurry = asyncio.Event()
        self._loaded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._refresher = Refresher(self._refresh, pause=backoff.delay)
        self._task = asyncio.create_task(self._run(), name=f"feed {chat_id}")

    async def loaded(self) -> None:
        """Wait until the messages are there for the first time.

        Raises:
            CoderChatError: The first attempt failed. The feed goes on trying unless
                its link is `failed`.
        """
        await asyncio.shield(self._loaded)

    async def aclose(self) -> None:
        """Disconnect, and end every wait. May be called twice."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self._refresher.aclose()
        if self.link.phase != "failed":
            self._set_link(Link(phase="closed"))
        self._settle_loaded(ConnectionLostError("The chat was closed."))

    def subscribe(self, on_change: Callable[[], None]) -> Callable[[], None]:
        """Call `on_change` on the background thread after each change."""
        with self._lock:
            self._count += 1
            key = self._count
            self._callbacks = {**self._callbacks, key: on_change}

        def unsubscribe() -> None:
            with self._lock:
                rest = {k: call for k, call in self._callbacks.items() if k != key}
                self._callbacks = rest

        return unsubscribe

    async def until(self, predicate: Callable[[ChatState], bool]) -> ChatState:
        """Wait for a state.

        Raises:
            ConnectionLostError: The link is closed or has failed for good.
        """
        while not predicate(self.state):
            if self.link.phase in ("closed", "failed"):
                raise ConnectionLostError(self.link.error or "The chat was closed.")
            changed = self._changed
            await changed.wait()
        return self.state

    def take(self, change: Callable[[ChatState], ChatState]) -> None:
        """Change the state by what was answered, and tell everybody."""
        state = change(self.state)
        if state is not self.state:
            self.state = state
            self._notify()

    def hurry(self) -> None:
        """Connect now if a wait is under way: somebody is using the chat."""
        self._hurry.set()

    def refresh(self) -> None:
        """Fetch chat and messages soon, once, however often this is called."""
        self._refresher.request()

    async def refreshed(self) -> None:
        """Fetch chat and messages now.

        Raises:
            CoderChatError: They could not be fetched.
        """
        await self._refresh()

    async def load_older(self) -> None:
        """Fetch the page before the oldest message.

        Raises:
            CoderChatError: It could not be fetched.
        """
        before_id = self.state.messages[0].id
        page = await self.client.messages.list(self.chat_id, before_id=before_id)
        self.take(lambda state: with_page(state, page, before_id=before_id))

    async def _run(self) -> None:
        attempt = 0
        while True:
            was_live, error = False, None
            try:
                if attempt and self._revive is not None:
                    await self._revive()
                loaded = await self._load()
                if self.pace is not None:
                    was_live = True
                    self._open(loaded)
                    await self._look_again(self.pace)
                async with self.client.chats.stream(
                    self.chat_id, loaded.after_id
                ) as batches:
                    was_live = True
                    self._open(loaded)
                    is_first = True
                    async for batch in batches:
                        self._apply(batch, is_first=is_first)
                        is_first = False
            except _FINAL as final:
                self._fail(final)
                return
            except _LostParts:
                pass
            except CoderChatError as lost:
                error = lost
            except Exception as defect:  # noqa: BLE001
                # Ours, and no reason to leave the chat alone: what is stored at the
                # server may well be readable when it is asked for again.
                kind = type(defect).__name__
                _log.error("Chat %s could not be followed: %s", self.chat_id, kind)
                error = ConnectionLostError(f"This is a defect: {kind}.")
            if error is not None:
                self._settle_loaded(error)
            attempt = 1 if was_live else attempt + 1
            await self._wait(attempt, error)

    async def _load(self) -> _Loaded:
        loaded = await self._fetch()
        self.take(loaded.into)
        self._settle_loaded(None)
        known = self.state.messages
        return replace(loaded, after_id=known[-1].id if known else 0)

    async def _look_again(self, pace: Pace) -> NoReturn:
        """Look at the chat from time to time, until that fails."""
        quiet = 0
        while True:
            await self._sleep(pace.wait(self.state, quiet))
            before = self.state
            # One after the other: a status must not be newer than the messages, or a
            # turn would seem to have ended without its answer.
            chat = await self.client.chats.get(self.chat_id)
            self.take(_Loaded(chat, await self._fetch_messages()).into)
            quiet = quiet + 1 if self.state is before else 0

    def _open(self, loaded: _Loaded) -> None:
        """A connection is there: what was loaded counts until it says otherwise."""
        self.state = loaded.into(reconnected(self.state, after_id=loaded.after_id))
        self._set_link(Link(phase="live"))

    def _apply(self, batch: Batch, *, is_first: bool) -> None:
        before, state = self.state, reduce(self.state, batch)
        self.state = state
        if _is_unsure(before, state, is_first=is_first):
            self._refresher.request()
        if state is not before:
            self._notify()
        if state.lost_parts:
            raise _LostParts

    async def _refresh(self) -> None:
        # An edit that is seen while the answer is under way has to ask once more.
        self.state = _stale(self.state, is_stale=False)
        try:
            loaded = await self._fetch()
        except BaseException:
            self.state = _stale(self.state, is_stale=True)
            raise
        is_stale = self.state.stale_history
        self.take(loaded.into)
        if is_stale:
            self.state = _stale(self.state, is_stale=True)
            self._refresher.request()

    async def _fetch(self) -> _Loaded:
        messages = asyncio.create_task(self._fetch_messages())
        try:
            chat = await self.client.chats.get(self.chat_id)
            return _Loaded(chat, await messages)
        finally:
            messages.cancel()
            await asyncio.wait([messages])
            if not messages.cancelled():
                messages.exception()  # seen, so that nobody is warned of it

    async def _fetch_messages(self) -> MessagesPage:
        """The newest page, made longer until it meets what is known already."""
        page = await self.client.messages.list(self.chat_id)
        known = self.state.messages[-1].id if self.state.messages else None
        while known is not None and page.has_more and page.messages:
            oldest = page.messages[-1].id
            if oldest <= known:
                break
            older = await self.client.messages.list(
                self.chat_id, before_id=oldest, limit=_PAGE
            )
            # A server that does not go back would keep us here for ever.
            goes_back = bool(older.messages) and older.messages[-1].id < oldest
            has_more = older.has_more and goes_back
            longer = page.messages + older.messages
            page = page.model_copy(update={"messages": longer, "has_more": has_more})
        return page

    async def _wait(self, attempt: int, error: CoderChatError | None) -> None:
        delay = self._backoff.delay(attempt)
        told = str(error) if error is not None else ""
        retry_at = datetime.now(UTC) + timedelta(seconds=delay)
        self._set_link(
            Link(phase="reconnecting", attempt=attempt, retry_at=retry_at, error=told)
        )
        await self._sleep(delay)

    async def _sleep(self, seconds: float) -> None:
        """Wait, or less if somebody is using the chat."""
        self._hurry.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), seconds)

    def _fail(self, error: CoderChatError) -> None:
        self._set_link(Link(phase="failed", error=str(error)))
        self._settle_loaded(error)

    def _settle_loaded(self, error: CoderChatError | None) -> None:
        if self._loaded.done():
            return
        if error is None:
            self._loaded.set_result(None)
        else:
            self._loaded.set_exception(error)
            # Nobody may be waiting.
            self._loaded.exception()

    def _set_link(self, link: Link) -> None:
        self.link = link
        self._notify()

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        for on_change in self._callbacks.values():
            try:
                on_change()
            except Exception as error:  # noqa: BLE001  one bad view must not stop all
                kind = type(error).__name__
                _log.warning("A subscriber of chat %s raised %s", self.chat_id, kind)


def _is_unsure(before: ChatState, state: ChatState, *, is_first: bool) -> bool:
    """The stream left something open that only the stored chat can tell."""
    if needs_page(state) or needs_chat(state):
        return True
    if is_busy(before) and not is_busy(state):
        # The end of a turn: title and summary are made beside it.
        return True
    # The snapshot leaves an empty queue out.
    return is_first and bool(state.queue) and not state.connection.has_queue


def _stale(state: ChatState, *, is_stale: bool) -> ChatState:
    if state.stale_history == is_stale:
        return state
    return replace(state, stale_history=is_stale)
