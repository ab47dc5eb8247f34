"""What becomes of old things: silent chats are archived, old archives deleted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.engine import preferences
from coderchat_jupyter.server.engine.families import set_archived
from coderchat_jupyter.server.engine.moves import ChatGoneError, Moves
from coderchat_jupyter.server.failures import RequestError
from coderchat_jupyter.server.storage.debug_runs import drop_runs_before
from coderchat_jupyter.server.storage.retention import (
    due_chats,
    idle_chats,
    purge_chat,
    purge_files,
)

__all__ = ["Upkeep"]

_log = logging.getLogger(__name__)

_PAUSE_SECONDS: Final = 3600.0
_ARCHIVED_AT_ONCE: Final = 1000
_DELETED_AT_ONCE: Final = 200
_FILES_AT_ONCE: Final = 8
_RUNS_AT_ONCE: Final = 50


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
            await self._purge(before)
            await self._each(partial(purge_files, before=before, limit=_FILES_AT_ONCE))
        if debug:
            before = now - timedelta(days=debug)
            runs = partial(drop_runs_before, moment=before, limit=_RUNS_AT_ONCE)
            await self._each(runs)

    async def _purge(self, before: datetime) -> None:
        """Delete chats, each with all its family, so that it is never half there."""
        while True:
            async with self._moves.database.read() as connection:
                due = await due_chats(connection, before, limit=_DELETED_AT_ONCE)
            for chat_id in due:
                async with self._moves.database.write() as connection:
                    await purge_chat(connection, chat_id, before)
            if len(due) < _DELETED_AT_ONCE:
                return

    async def _each(self, drop: Callable[[AsyncConnection], Awaitable[int]]) -> None:
        """Drop a few at a time, so that nobody who writes waits for long."""
        gone = 1
        while gone:
            async with self._moves.database.write() as connection:
                gone = await drop(connection)

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
