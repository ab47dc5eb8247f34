"""Runs what is pending, and leaves nothing running behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from coderchat_jupyter.server.engine.asides import Asides
from coderchat_jupyter.server.engine.models import Models
from coderchat_jupyter.server.engine.moves import ChatGoneError, Moves
from coderchat_jupyter.server.engine.silence import Silence
from coderchat_jupyter.server.engine.toolset import Toolbox
from coderchat_jupyter.server.engine.transitions import Trigger
from coderchat_jupyter.server.engine.turns import Turn
from coderchat_jupyter.server.storage import workers
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["Worker"]

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_POLL_SECONDS: Final = 1.0
_AT_ONCE: Final = 10
"""How many chats one look at what is pending takes: the rest is for other servers."""

_BEAT_SECONDS: Final = 30.0
_BEATS: Final = 10
"""At least, in the time after which a worker counts as gone."""

_LAST_TAKES_SECONDS: Final = 2.0


class Worker:
    """Gives every pending chat a run of its own.

    A chat that becomes pending here is taken at once. Those of other servers, and
    what was missed, are looked for every second. While a chat runs, its row is told
    so from time to time; a run whose row says otherwise ends.

    Attributes:
        toolbox: Where runs get their tools.
    """

    def __init__(
        self,
        moves: Moves,
        models: Models,
        asides: Asides,
        silence: Silence | None = None,
    ) -> None:
        self._moves = moves
        self._models = models
        self._asides = asides
        self._silence = silence or Silence()
        self.toolbox = Toolbox(moves, models, self._silence)
        self._beat_seconds = min(_BEAT_SECONDS, moves.ownership.stale_seconds / _BEATS)
        self._loops: list[asyncio.Task[None]] = []
        self._takes: set[asyncio.Task[Any]] = set()
        self._turns: set[asyncio.Task[None]] = set()
        self._stopping = False
        moves.on_pending = self.wake
        moves.on_doubt = self.look_again

    def is_busy(self) -> bool:
        """Whether any chat is being answered, or about to be."""
        return bool(self._takes or self._turns)

    async def start(self) -> None:
        """Run what is pending, and keep looking for more."""
        await self.take_pending()
        self._loops = [
            asyncio.create_task(self._poll(), name="looking for pending chats"),
            asyncio.create_task(self._beat(), name="heartbeats"),
        ]

    def wake(self, chat_id: ChatId) -> None:
        """Run a chat, if it still is pending by the time it is its turn."""
        if not self._stopping:
            self._spawn(self._takes, self._take(chat_id), f"taking {chat_id}")

    def look_again(self, chat_id: ChatId) -> None:
        """End the run of a chat, if its row says that it is not ours any more."""
        if not self._stopping:
            self._spawn(self._takes, self._look(chat_id), f"looking at {chat_id}")

    async def take_pending(self) -> None:
        """Take what is pending, the longest waiting first."""
        taken = _AT_ONCE
        while taken == _AT_ONCE:
            async with self._moves.database.read() as connection:
                found = await workers.pending_chats(connection, _AT_ONCE)
            # What somebody is at now is left for the next time.
            takes = (self._take(chat_id, patient=False) for chat_id in found)
            results = await asyncio.gather(*takes, return_exceptions=True)
            taken = results.count(True)
            for error in results:
                if isinstance(error, Exception):
                    _log.error("taking a chat ended by %s", type(error).__name__)

    async def beat(self) -> None:
        """Say that our chats still run, and end the runs of those that are not ours."""
        running = tuple(self._moves.runs)
        if not running:
            return
        worker_id, now = self._moves.ownership.worker_id, self._moves.clock()
        async with self._moves.database.decide() as connection:
            ours = await workers.beat(connection, worker_id, running, now)
        for chat_id in set(running) - ours:
            self.look_again(chat_id)

    async def stop(self) -> None:
        """Cut every run. Its chat goes back to pending, for whoever is next."""
        self._stopping = True
        await _end(self._loops)
        if self._takes:
            # One that is about to be ours is handed back as well.
            await asyncio.wait(self._takes, timeout=_LAST_TAKES_SECONDS)
        for chat_id in tuple(self._moves.runs):
            async with self._moves.move(chat_id) as move:
                if self._moves.ownership.is_mine(move.chat):
                    await move.apply(Trigger.SHUTDOWN)
                    move.handed_over = True
        await _end([*self._takes, *self._turns])
        await self.toolbox.aclose()

    async def _poll(self) -> None:
        lost = False
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                await self.take_pending()
            except Exception as error:  # noqa: BLE001  the next look may succeed
                if not lost:
                    _log.error(
                        "the database does not answer, and is asked again and again:"
                        " looking for chats ended by %s",
                        type(error).__name__,
                    )
                lost = True
            else:
                if lost:
                    _log.warning("the database answers again")
                lost = False

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._beat_seconds)
            try:
                await self.beat()
            except Exception as error:  # noqa: BLE001  the next one may succeed
                _log.error(
                    "the database takes no change: a heartbeat ended by %s",
                    type(error).__name__,
                )

    async def _take(self, chat_id: ChatId, *, patient: bool = True) -> bool:
        """Run a chat; False if somebody else does, or is at it and that matters."""
        if not patient and self._moves.is_locked(chat_id):
            return False
        turn = Turn(
            chat_id,
            self._moves,
            self._models,
            self._asides,
            self.toolbox,
            self._silence,
        )
        try:
            async with self._moves.move(chat_id, patient=patient) as move:
                if self._stopping or move.chat.archived:
                    return False
                if await move.apply(Trigger.ACQUIRE) is None:
                    return False
                self._moves.runs[chat_id] = turn
        except ChatGoneError:
            return False
        except BaseException:
            # Not acquired after all: the move was rolled back.
            if self._moves.runs.get(chat_id) is turn:
                del self._moves.runs[chat_id]
            raise
        turn.task = self._spawn(
            self._turns, self._run(turn, chat_id), f"turn of {chat_id}"
        )
        return True

    async def _run(self, turn: Turn, chat_id: ChatId) -> None:
        try:
            await turn.run()
        finally:
            # A run whose end could not be stored: the chat still says that it runs
            # here, and the sweep finds out that it does not.
            if self._moves.runs.get(chat_id) is turn and not self._stopping:
                del self._moves.runs[chat_id]

    async def _look(self, chat_id: ChatId) -> None:
        try:
            # A move ends by itself what is not ours.
            async with self._moves.move(chat_id):
                pass
        except ChatGoneError:
            return

    def _spawn(
        self, tasks: set[asyncio.Task[_T]], work: Coroutine[Any, Any, _T], name: str
    ) -> asyncio.Task[_T]:
        task = asyncio.create_task(work, name=name)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(_done)
        return task


async def _end(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _done(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("%s ended by %s", task.get_name(), type(error).__name__)
