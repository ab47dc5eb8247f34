"""Which server answers a chat, read from its row. No I/O, no clock.

A running chat names its worker, one for each server that runs. One that another
server has cut rests, and still names the worker that owes it the partial answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.server.storage.workers import TITLE_WORKER

__all__ = ["Ownership"]


@dataclass(frozen=True, slots=True)
class Ownership:
    """A server's view of who owns what.

    Attributes:
        worker_id: Of this server; another at every start.
        stale_seconds: After so long without a heartbeat a worker counts as gone.
    """

    worker_id: str = field(default_factory=lambda: str(uuid4()))
    stale_seconds: float = 300.0

    def is_mine(self, chat: ChatRow) -> bool:
        """Whether this server runs the chat."""
        return chat.status == "running" and chat.worker_id == self.worker_id

    def is_owed(self, chat: ChatRow) -> bool:
        """Whether another server has cut this server's run, and nothing came since."""
        return chat.status == "waiting" and chat.worker_id == self.worker_id

    def is_elsewhere(self, chat: ChatRow, now: datetime) -> bool:
        """Whether another server runs the chat, and lives."""
        return (
            chat.status == "running"
            and chat.worker_id not in (None, self.worker_id)
            and not self.is_stale(chat, now)
        )

    def is_owed_elsewhere(self, chat: ChatRow, now: datetime) -> bool:
        """Whether another server is still to store what it has of an answer."""
        return (
            chat.status == "waiting"
            and chat.worker_id not in (None, TITLE_WORKER, self.worker_id)
            and chat.updated_at >= self.before(now)
        )

    def is_stale(self, chat: ChatRow, now: datetime) -> bool:
        """Whether a running chat's worker has not been heard of for too long."""
        return chat.heartbeat_at is None or chat.heartbeat_at < self.before(now)

    def before(self, now: datetime) -> datetime:
        """What was last heard of before this time is stale."""
        return now - timedelta(seconds=self.stale_seconds)

    def columns(
        self, status: str, chat: ChatRow, now: datetime, *, asked: bool
    ) -> dict[str, Any]:
        """What a chat's row says of its worker from now on.

        Args:
            status: The chat's new status.
            chat: Its row as it was.
            now: The time.
            asked: Whether its worker was asked to end, and owes what there is.
        """
        if status == "running":
            return {
                "worker_id": self.worker_id,
                "started_at": now,
                "heartbeat_at": now,
            }
        worker_id = chat.worker_id if asked else None
        return {"worker_id": worker_id, "started_at": None, "heartbeat_at": None}
