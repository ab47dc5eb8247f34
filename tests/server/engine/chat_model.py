"""An engine without a worker, and what section 4 of the protocol says of a chat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from coderchat_jupyter.server.accounts import Account, add_account
from coderchat_jupyter.server.engine.moves import Moves, utc_now
from coderchat_jupyter.server.engine.step import stored
from coderchat_jupyter.server.storage import model_configs, providers
from coderchat_jupyter.server.storage.database import Database
from coderchat_jupyter.server.storage.rows import NewMessage
from coderchat_jupyter.server.streaming.hub import Hub
from coderchat_jupyter.wire.parts import TextPart

__all__ = ["ChatModel", "Engine", "FakeRun", "open_engine", "said"]

T = TypeVar("T")


class FakeRun:
    """A run that has said something."""

    def __init__(self) -> None:
        self.is_stopped = self.is_cancelled = False

    def stop(self, now: datetime) -> tuple[NewMessage, ...]:
        self.is_stopped = True
        return (said("assistant", "partial"),)

    def go_on(self) -> None:
        self.is_stopped = False

    def cancel(self) -> None:
        self.is_cancelled = True


def said(role: str, text: str) -> NewMessage:
    return NewMessage(role=role, content=(stored(TextPart(text=text)),))


@dataclass
class Engine:
    runner: asyncio.Runner
    moves: Moves
    account: Account
    model: str

    def run(self, work: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await work

        return self.runner.run(awaited())


@dataclass
class ChatModel:
    """What section 4 says of one chat."""

    status: str = "pending"
    history: list[str] = field(default_factory=lambda: ["first"])
    queue: list[str] = field(default_factory=list)
    archived: bool = False
    failed: bool = False

    @property
    def rests(self) -> bool:
        return self.status in ("waiting", "error")

    def begin(self, text: str) -> None:
        self.history.append(text)
        self.status, self.failed = "pending", False

    def promote(self) -> None:
        """The head of the queue, if there is one, becomes a message."""
        if self.queue and not self.archived:
            self.begin(self.queue.pop(0))

    def cut(self) -> None:
        self.status, self.failed = "waiting", False
        self.promote()


@contextmanager
def open_engine(folder: Path) -> Iterator[Engine]:
    """An engine without a worker: the machine is the worker."""
    path = folder / "server.db"

    async def opened() -> Engine:
        account = await add_account(path, "admin", is_admin=True)
        database = await Database.open(path)
        now = utc_now()
        async with database.write() as connection:
            provider = await providers.add_provider(
                connection, now, type="openai-compat", name="none", base_url="http://x"
            )
            config = await model_configs.add_model_config(
                connection,
                now,
                ai_provider_id=provider,
                model="none",
                context_limit=1000,
            )
            await model_configs.make_default(connection, config, now)
        moves = Moves(database, Hub(strict_g1=False))
        return Engine(runner, moves, account, config)

    with asyncio.Runner() as runner:
        server = runner.run(opened())
        yield server
        runner.run(server.moves.database.close())
