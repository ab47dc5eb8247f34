"""What becomes of old things: silent chats are archived, old archives deleted."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final

from coderchat_jupyter.server.engine import preferences
from coderchat_jupyter.server.engine.families import set_archived
from coderchat_jupyter.server.engine.moves import ChatGoneError, Moves
from coderchat_jupyter.server.failures import RequestError
from coderchat_jupyter.server.storage.debug_runs import drop_runs_before
from coderchat_jupyter.server.storage.retention import (
    idle_chats,
    purge_chats,
    purge_files,
)

__all__ = ["Upkeep"]

_log = logging.getLogger(__name__)

_PAUSE_SECONDS: Final = 3600.0
_ARCHIVED_AT_ONCE: Final = 1000
_DELETED_AT_ONCE: Final = 200


class Upkeep:
    """Does what the settings say about days, at the start and every hour."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="upkeep")

    async def stop(self) -> None:
        """End; what is half done is done at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def once(self) -> None:
        """Archive and delete what is due now. A setting of 0 days is never."""
        async with self._moves.database.read() as connection:
            archive = await preferences.days_of(connection, preferences.AUTO_ARCHIVE)
            keep = await preferences.days_of(connection, preferences.RETENTION)
            debug = await preferences.days_of(connection, preferences.DEBUG_RETENTION)
        now = self._moves.clock()
        if archive:
            await self._archive(archive)
        if keep:
            before = now - timedelta(days=keep)
            gone = _DELETED_AT_ONCE
            while gone == _DELETED_AT_ONCE:
                async with self._moves.database.write() as connection:
                    gone = await purge_chats(connection, before, limit=gone)
            async with self._moves.database.write() as connection:
                await purge_files(connection, before)
        if debug:
            async with self._moves.database.write() as connection:
                await drop_runs_before(connection, now - timedelta(days=debug))

    async def _archive(self, days: int) -> None:
        """Days are those of the calendar, in UTC."""
        midnight = self._moves.clock().replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        before = midnight - timedelta(days=days)
        async with self._moves.database.read() as connection:
            found = await idle_chats(connection, before, limit=_ARCHIVED_AT_ONCE)
        for chat_id in found:
            try:
                await set_archived(self._moves, chat_id, archived=True)
            except (ChatGoneError, RequestError):
                # Somebody was quicker.
                continue

    async def _run(self) -> None:
        while True:
            try:
                await self.once()
            except Exception as error:  # noqa: BLE001  the next pass may succeed
                _log.error("the upkeep ended by %s", type(error).__name__)
            await asyncio.sleep(_PAUSE_SECONDS)
