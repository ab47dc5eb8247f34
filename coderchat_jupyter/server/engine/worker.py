"""Runs what is pending, and leaves nothing running behind."""

from __future__ import annotations

import asyncio
import logging

from coderchat_jupyter.server.engine.asides import Asides
from coderchat_jupyter.server.engine.models import Models
from coderchat_jupyter.server.engine.moves import ChatGoneError, Moves
from coderchat_jupyter.server.engine.silence import Silence
from coderchat_jupyter.server.engine.subagents import subagent_tools
from coderchat_jupyter.server.engine.transitions import Trigger
from coderchat_jupyter.server.engine.turns import Turn
from coderchat_jupyter.server.storage import chats
from coderchat_jupyter.wire.ids import ChatId

__all__ = ["Worker"]

_log = logging.getLogger(__name__)


class Worker:
    """Gives every pending chat a run of its own.

    `start` takes up what an earlier server left: chats it was answering when it
    died go back to pending and are answered again from what is stored.
    """

    def __init__(
        self,
        moves: Moves,
        models: Models,
        asides: Asides,
        silence: Silence | None = None,
    ) -> None:
        self._moves = moves
        self._models = models
        self._asides = asides
        self._silence = silence or Silence()
        self._subagents = subagent_tools(moves)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        moves.on_pending = self.wake

    def is_busy(self) -> bool:
        """Whether any chat is being answered, or about to be."""
        return bool(self._tasks)

    async def start(self) -> None:
        """Recover, then run everything that is pending."""
        async with self._moves.database.read() as connection:
            left_running = await chats.running_chats(connection)
            pending = await chats.pending_chats(connection)
        for chat_id in left_running:
            _log.info(
                "chat %s was being answered when the server ended",
                chat_id,
                extra={"chat_id": chat_id},
            )
            async with self._moves.move(chat_id) as move:
                await move.apply(Trigger.RECOVER)
        for chat_id in pending:
            self.wake(chat_id)

    def wake(self, chat_id: ChatId) -> None:
        """Run a chat, if it still is pending by the time it is its turn."""
        if self._stopping:
            return
        task = asyncio.create_task(self._run(chat_id), name=f"turn of {chat_id}")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def stop(self) -> None:
        """Cut every run. Its chat goes back to pending, for the next start."""
        self._stopping = True
        for chat_id in tuple(self._moves.runs):
            async with self._moves.move(chat_id) as move:
                await move.apply(Trigger.SHUTDOWN)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, chat_id: ChatId) -> None:
        turn = Turn(
            chat_id,
            self._moves,
            self._models,
            self._asides,
            self._subagents,
            self._silence,
        )
        turn.task = asyncio.current_task()
        try:
            async with self._moves.move(chat_id) as move:
                if self._stopping or move.chat.archived:
                    return
                if await move.apply(Trigger.ACQUIRE) is None:
                    return
                self._moves.runs[chat_id] = turn
        except ChatGoneError:
            return
        except BaseException:
            # Not acquired after all: the move was rolled back.
            if self._moves.runs.get(chat_id) is turn:
                del self._moves.runs[chat_id]
            raise
        await turn.run()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s ended by %s", task.get_name(), type(error).__name__)
