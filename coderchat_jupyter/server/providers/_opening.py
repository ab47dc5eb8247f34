"""What takes long to make: made once, in a thread, whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from coderchat_jupyter.server._collector import importing

__all__ = ["Opening"]

Made = TypeVar("Made")


class Opening(Generic[Made]):
    """Makes something at the first call, and again only if that failed.

    Whoever asks meanwhile waits for the same one. Cancelling one of them ends only
    the waiting, since a thread cannot be stopped and what it makes is to be closed.
    """

    def __init__(self, make: Callable[[], Made]) -> None:
        """Make nothing yet.

        Args:
            make: Runs in a thread; it may import what is large.
        """
        self._make = make
        self._task: asyncio.Task[Made] | None = None

    async def made(self) -> Made:
        """Have it; whatever `make` raises is raised here."""
        task = self._task
        if task is None or _has_failed(task):
            task = self._task = asyncio.create_task(self._in_thread(), name="opening")
        await asyncio.wait((task,))
        return task.result()

    async def take(self) -> Made | None:
        """Hand over what there is, to be closed; None if there is nothing."""
        task, self._task = self._task, None
        if task is None:
            return None
        await asyncio.wait((task,))
        return None if _has_failed(task) else task.result()

    async def _in_thread(self) -> Made:
        with importing():
            return await asyncio.to_thread(self._make)


def _has_failed(task: asyncio.Task[Made]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
