"""The live state of one chat: loaded, followed, and picked up again when it breaks.

Lives on the background loop. Sessions on the same chat of the same client share it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
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
from coderchat_jupyter.session._doubt import is_cut_short, is_unsure
from coderchat_jupyter.session._fetch import Fetched, fetch, fetch_in_turn
from coderchat_jupyter.session._follow import Pace
from coderchat_jupyter.session._recorder import Recording
from coderchat_jupyter.session._refresher import Refresher
from coderchat_jupyter.session._store import Store
from coderchat_jupyter.state.chat_state import EMPTY, ChatState, Link
from coderchat_jupyter.state.steps import (
    Opened,
    PageFetched,
    Restarted,
    Told,
    Wanted,
    beginning,
)
from coderchat_jupyter.wire.framing import Batch
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["Feed", "Revive"]

Revive = Callable[[], Awaitable[None]]

_log: Final = logging.getLogger(__name__)

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


class Feed(Store):
    """Keeps the state of one chat up to date until it is closed."""

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
        super().__init__(chat_id, state)
        self.client = client
        self.pace = pace
        self.backoff = backoff
        self._revive = revive
        self._hurry = asyncio.Event()
        self._loaded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._refresher = Refresher(self._refresh, pause=backoff.delay)
        # How often the history was told or fetched anew.
        self._beginnings = 0
        # The episode whose parts did not come from the first one, however often asked.
        self._cut_short: tuple[int, int] | None = None
        self._looks: set[asyncio.TimerHandle] = set()
        self._task = self._follow()

    def _follow(self) -> asyncio.Task[None]:
        return asyncio.create_task(self._run(), name=f"feed {self.chat_id}")

    async def loaded(self) -> None:
        """Wait until the messages are there for the first time.

        Raises:
            CoderChatError: The first attempt failed. The feed goes on trying unless
                its link is `failed`.
        """
        await asyncio.shield(self._loaded)

    async def aclose(self) -> None:
        """Disconnect, and end every wait. May be called twice."""
        await self._stop()
        for look in self._looks:
            look.cancel()
        await self._refresher.aclose()
        if self.link.phase != "failed":
            self._set_link(Link(phase="closed"))
        self._settle_loaded(ConnectionLostError("The chat was closed."))

    async def record(self, recording: Recording) -> None:
        """Connect anew, so that a recording holds all that there is in the state.

        A piece of an answer that is on its way is told again by the server.
        """
        await self._stop()
        self.take(Restarted())
        for step in beginning(self.state):
            recording.on_step(step)
        recording.ends_with(self.listen(recording))
        if self.link.phase not in ("closed", "failed"):
            self._task = self._follow()

    async def _stop(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def hurry(self) -> None:
        """Connect now if a wait is under way: somebody is using the chat."""
        self._hurry.set()

    def expect(self, message_id: int) -> None:
        """Fetch soon if the stream does not tell of a message that was sent.

        It may be gone already, by an edit, and its turn over.
        """

        def look() -> None:
            self._looks.discard(handle)
            if self.state.connection.newest < message_id:
                self.refresh()

        loop = asyncio.get_running_loop()
        handle = loop.call_later(self.backoff.delay(1), look)
        self._looks.add(handle)

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
        self.take(PageFetched(page, before_id))

    async def _run(self) -> None:
        attempt = 0
        while True:
            was_live, error = False, None
            try:
                if attempt and self._revive is not None:
                    await self._revive()
                loaded, after_id = await self._load()
                if self.pace is not None:
                    was_live = True
                    self._open(loaded, after_id)
                    await self._look_again(self.pace)
                async with self.client.chats.stream(self.chat_id, after_id) as batches:
                    was_live = True
                    self._open(loaded, after_id)
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

    async def _load(self) -> tuple[Fetched, int]:
        """What is fetched before a connection, and after which id to connect."""
        loaded = await self._fetch()
        self._beginnings += 1
        self.take(*loaded.steps)
        self._settle_loaded(None)
        return loaded, self._newest or 0

    async def _look_again(self, pace: Pace) -> NoReturn:
        """Look at the chat from time to time, until that fails."""
        quiet = 0
        while True:
            await self._sleep(pace.wait(self.state, quiet))
            found = await fetch_in_turn(self.client, self.chat_id, known=self._newest)
            quiet = 0 if self.take(*found.steps) else quiet + 1

    def _open(self, loaded: Fetched, after_id: int) -> None:
        """A connection is there: what was loaded counts until it says otherwise."""
        self.take(Opened(after_id), *loaded.steps, quietly=True)
        self._set_link(Link(phase="live"))

    def _apply(self, batch: Batch, *, is_first: bool) -> None:
        before = self.state
        self.take(Told(batch), quietly=True)
        if self.state.connection.resets != before.connection.resets:
            self._beginnings += 1
        if is_unsure(before, self.state, is_first=is_first):
            self._refresher.request()
        if self.state is not before:
            self._notify()
        if self.state.lost_parts and not before.lost_parts:
            episode = self.state.connection.episode
            is_known = is_cut_short(before, self.state) and episode == self._cut_short
            self._cut_short = episode
            # If asking once has brought no more, go on without.
            if not is_known:
                raise _LostParts

    @property
    def _newest(self) -> int | None:
        known = self.state.messages
        return known[-1].id if known else None

    async def _fetch(self) -> Fetched:
        return await fetch(self.client, self.chat_id, known=self._newest)

    async def _refresh(self) -> None:
        # An edit that is seen while the answer is under way has to ask once more.
        self.take(Wanted(is_stale=False), quietly=True)
        try:
            loaded, beginning = None, 0
            while loaded is None or beginning != self._beginnings:
                # Or a page from before an edit would bring back what that took away.
                beginning = self._beginnings
                loaded = await self._fetch()
        except BaseException:
            self.take(Wanted(is_stale=True), quietly=True)
            raise
        is_stale = self.state.stale_history
        self.take(*loaded.steps)
        if is_stale:
            self.take(Wanted(is_stale=True), quietly=True)
            self._refresher.request()

    async def _wait(self, attempt: int, error: CoderChatError | None) -> None:
        delay = self.backoff.delay(attempt)
        told = str(error) if error is not None else ""
        retry_at = datetime.now(UTC) + timedelta(seconds=delay)
        self._set_link(
            Link(phase="reconnecting", attempt=attempt, retry_at=retry_at, error=told)
        )
        await self._sleep(delay)

    async def _sleep(self, seconds: float) -> None:
        """Wait, or less if somebody is using the chat."""
        self._hurry.clear()
        # Not `wait_for`: Python 3.11 forgets there that a task was cancelled.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()

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
