"""Hears of calls that the stream of a chat does not tell.

v2.34 tells an action only on the replica that runs the chat; the watch tells it on all.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import (
    ApiError,
    BusyError,
    CoderChatError,
    ConfigurationError,
)
from coderchat_jupyter.session._backoff import Backoff
from coderchat_jupyter.wire.watch import WatchEvent

__all__ = ["ActionWatch"]

_log: Final = logging.getLogger(__name__)

Hear: TypeAlias = Callable[[str, WatchEvent], None]


@dataclass(slots=True)
class _Open:
    task: asyncio.Task[None]
    users: set[int] = field(default_factory=set)


class ActionWatch:
    """One watch per client, as long as anybody uses it."""

    def __init__(self, backoff: Backoff | None = None) -> None:
        self._backoff = backoff or Backoff()
        self._open: weakref.WeakKeyDictionary[Client, _Open] = (
            weakref.WeakKeyDictionary()
        )

    def acquire(self, client: Client, user: object, hear: Hear) -> None:
        """Watch until `user` releases it."""
        found = self._open.get(client)
        if found is None or found.task.done() or _is_stale(found.task):
            following = _follow(client, hear, self._backoff)
            task = asyncio.create_task(following, name="watch for actions")
            users = found.users if found is not None else set()
            found = self._open[client] = _Open(task, users)
        found.users.add(id(user))

    async def release(self, client: Client, user: object) -> None:
        """One user fewer; the last one ends the watch. May be called twice."""
        found = self._open.get(client)
        if found is None:
            return
        found.users.discard(id(user))
        if found.users:
            return
        del self._open[client]
        if _is_stale(found.task):
            return
        found.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await found.task


def _is_stale(task: asyncio.Task[None]) -> bool:
    return task.get_loop() is not asyncio.get_running_loop()


async def _follow(client: Client, hear: Hear, backoff: Backoff) -> None:
    attempt = 0
    while True:
        try:
            async with client.chats.watch() as happenings:
                attempt = 0
                async for event in happenings:
                    if isinstance(event, WatchEvent) and event.tool_calls:
                        hear(client.url, event)
        except (ApiError, ConfigurationError) as error:
            is_passing = isinstance(error, BusyError) or (
                isinstance(error, ApiError) and error.status >= 500
            )
            if not is_passing:
                # It stays so. The stream and what is stored tell of most calls too.
                kind = type(error).__name__
                _log.info("The chats at %s are not watched: %s", client.url, kind)
                return
        except CoderChatError:
            pass
        attempt += 1
        await asyncio.sleep(backoff.delay(attempt))
