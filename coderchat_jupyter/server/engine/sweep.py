"""Chats that rest although messages wait in their queue: they are taken up again.

An archive, or an interrupt after a failure, leaves such a chat behind. Whoever sends to
it, or promotes, is quicker.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final

from coderchat_jupyter.server.engine.moves import ChatGoneError, Moves
from coderchat_jupyter.server.engine.transitions import Trigger
from coderchat_jupyter.server.storage import chats

__all__ = ["Sweep"]

_log = logging.getLogger(__name__)

_PASSES: Final = 5
"""In the time after which a chat counts as left behind."""


class Sweep:
    """Looks for chats left behind, at the start and from time to time.

    Args:
        moves: Where chats change.
        stale_seconds: How long a chat must have rested with a queue.
    """

    def __init__(self, moves: Moves, stale_seconds: float) -> None:
        self._moves = moves
        self._stale_seconds = stale_seconds
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run(), name="sweep")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def once(self) -> None:
        """Let the head of every queue left behind run."""
        before = self._moves.clock() - timedelta(seconds=self._stale_seconds)
        async with self._moves.database.read() as connection:
            found = await chats.stranded_chats(connection, before)
        for chat_id in found:
            try:
                async with self._moves.move(chat_id) as move:
                    # It may have gone on since it was found.
                    if move.chat.updated_at < before and move.queue:
                        await move.apply(Trigger.SWEEP)
            except ChatGoneError:
                continue

    async def _run(self) -> None:
        while True:
            try:
                await self.once()
            except Exception as error:  # noqa: BLE001  the next pass may succeed
                _log.error("a sweep ended by %s", type(error).__name__)
            await asyncio.sleep(self._stale_seconds / _PASSES)
