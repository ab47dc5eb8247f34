"""What every kind of pubsub does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.pubsub.notes import Note

__all__ = ["Living", "Pubsub", "Receipt"]


class Receipt:
    """Tells when everybody who listens has been told, or never will be."""

    __slots__ = ("__weakref__", "came")

    def __init__(self) -> None:
        self.came = asyncio.Event()


class Living(Protocol):
    """Who else lives."""

    def __call__(self, worker_id: str) -> bool:
        """Whether the server with this id is running."""
        ...


class Pubsub(Protocol):
    """Tells other servers what this one commits, and this one what they do.

    Attributes:
        is_shared: Whether there may be others.
    """

    is_shared: bool

    async def start(
        self, receive: Callable[[Note], None], caught_up: Callable[[], None]
    ) -> None:
        """Listen.

        Args:
            receive: Called with each note of another server, in the order in which
                they were committed.
            caught_up: Called after notes were missed, when they come again.
        """
        ...

    async def stop(self) -> None:
        """Listen no more."""
        ...

    async def send(self, connection: AsyncConnection, note: Note) -> Receipt | None:
        """Tell something, once the transaction is committed."""
        ...

    async def say(self, note: Note) -> None:
        """Tell something now, beside any transaction."""
        ...

    async def told(self, receipt: Receipt) -> None:
        """Wait until what was committed before has been received here."""
        ...

    async def claim(self, name: str) -> bool:
        """Take a name for this server; False if another one has it.

        It is given back by `disclaim`, and when this server ends.
        """
        ...

    async def disclaim(self, name: str) -> None:
        """Give a name back that was taken."""
        ...

    async def living(self, connection: AsyncConnection) -> Living:
        """Find out which servers run at this moment."""
        ...
