"""Chats left behind: by a worker that is gone, with a queue, or waiting for a client.

An archive, or an interrupt after a failure, leaves a chat behind that rests although
messages wait in it. Whoever sends to it, or promotes, is quicker.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from coderchat_jupyter.server.engine.moves import ChatGoneError, Move, Moves
from coderchat_jupyter.server.engine.parking import Deadlines
from coderchat_jupyter.server.engine.transitions import Trigger
from coderchat_jupyter.server.pubsub.channels import Living
from coderchat_jupyter.server.storage import workers
from coderchat_jupyter.server.storage.workers import Running

__all__ = ["Sweep"]

_log = logging.getLogger(__name__)

_PASSES: Final = 5
"""In the time after which a chat counts as left behind."""


class Sweep:
    """Looks for chats left behind, at the start and from time to time.

    A worker is gone when it has not been heard of for `Moves.ownership.stale_seconds`,
    or when the database says that nobody holds its name. Each chat found is looked at
    again under its lock.

    Args:
        moves: Where chats change.
        deadlines: Ends the wait of chats whose client gives nothing.
    """

    def __init__(self, moves: Moves, deadlines: Deadlines) -> None:
        self._moves = moves
        self._deadlines = deadlines
        self._pause = moves.ownership.stale_seconds / _PASSES
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Keep looking."""
        self._task = asyncio.create_task(self._run(), name="sweep")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def recover(self) -> None:
        """Take up what other servers left that are gone: the first thing at a start."""
        await self._take_up_running(unheard_seconds=0)

    async def once(self) -> None:
        """Take up all that was left behind."""
        # Who lost only the connection that tells it lives is back within that time.
        await self._take_up_running(unheard_seconds=self._pause)
        await self._take_up_queues()
        async with self._moves.database.read() as connection:
            overdue = await workers.overdue_chats(connection, self._moves.clock())
        for chat_id in overdue:
            self._deadlines.look(chat_id)

    async def _take_up_running(self, unheard_seconds: float) -> None:
        """Let chats run anew whose workers are gone.

        Args:
            unheard_seconds: For so long nothing was heard of a worker that is gone.
        """
        async with self._moves.database.read() as connection:
            # In this order: who took a chat before we looked is seen to live.
            found = await workers.running_chats(connection)
            lives = await self._moves.pubsub.living(connection)
        now = self._moves.clock()
        unheard = now - timedelta(seconds=unheard_seconds)
        for running in found:
            if not self._is_left(running, lives, unheard):
                continue
            try:
                async with self._moves.move(running.chat_id) as move:
                    is_same = move.chat.worker_id == running.worker_id
                    left = Running(
                        move.chat.id, move.chat.worker_id, move.chat.heartbeat_at
                    )
                    if not is_same or not self._is_left(left, lives, unheard):
                        continue
                    if await move.apply(Trigger.RECOVER) is not None:
                        _tell_of(running)
            except ChatGoneError:
                continue

    def _is_left(self, running: Running, lives: Living, unheard: datetime) -> bool:
        """Whether nobody runs a chat that says it is run."""
        ownership = self._moves.ownership
        if running.worker_id == ownership.worker_id:
            return running.chat_id not in self._moves.runs
        if running.worker_id is None or running.heartbeat_at is None:
            return True
        stale = running.heartbeat_at < ownership.before(self._moves.clock())
        return stale or (
            running.heartbeat_at <= unheard and not lives(running.worker_id)
        )

    async def _take_up_queues(self) -> None:
        """Let the head of every queue left behind run."""
        before = self._moves.ownership.before(self._moves.clock())
        async with self._moves.database.read() as connection:
            found = await workers.stranded_chats(connection, before)
            lives = await self._moves.pubsub.living(connection)
        for chat_id in found:
            try:
                async with self._moves.move(chat_id) as move:
                    # It may have gone on since it was found.
                    if move.queue and _is_stranded(move, before, lives):
                        await move.apply(Trigger.SWEEP)
            except ChatGoneError:
                continue

    async def _run(self) -> None:
        while True:
            try:
                await self.once()
            except Exception as error:  # noqa: BLE001  the next pass may succeed
                _log.error("a sweep ended by %s", type(error).__name__)
            await asyncio.sleep(self._pause)


def _is_stranded(move: Move, before: datetime, lives: Living) -> bool:
    owing = move.chat.worker_id
    if owing not in (None, workers.TITLE_WORKER) and not lives(str(owing)):
        return True
    return move.chat.updated_at < before


def _tell_of(running: Running) -> None:
    _log.info(
        "chat %s was being answered by a server that is gone",
        running.chat_id,
        extra={"chat_id": running.chat_id},
    )
