"""The pubsub of a server that has its database for itself."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.pubsub.channels import Living, Receipt
from coderchat_jupyter.server.pubsub.notes import Note

__all__ = ["LocalPubsub"]


class LocalPubsub:
    """Tells nobody, and hears nothing: who listens here is told directly.

    Args:
        worker_id: Of this server, the only one that lives.
    """

    is_shared = False

    def __init__(self, worker_id: str) -> None:
        self._worker_id = worker_id

    async def start(
        self, receive: Callable[[Note], None], caught_up: Callable[[], None]
    ) -> None:
        """Nothing will come."""

    async def stop(self) -> None:
        """Nothing came."""

    async def send(self, _: AsyncConnection, __: Note) -> Receipt | None:
        """There is nobody."""
        return None

    async def say(self, _: Note) -> None:
        """There is nobody."""

    async def told(self, receipt: Receipt) -> None:
        """There is nothing to wait for."""

    async def claim(self, _: str) -> bool:
        """Nobody else could have it."""
        return True

    async def disclaim(self, _: str) -> None:
        """Nobody else wants it."""

    async def living(self, _: AsyncConnection) -> Living:
        """This server alone."""
        return lambda worker_id: worker_id == self._worker_id
