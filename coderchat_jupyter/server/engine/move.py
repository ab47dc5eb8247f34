"""One decision about one chat, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server import present
from coderchat_jupyter.server.engine.ownership import Ownership
from coderchat_jupyter.server.engine.parking import answer_pending
from coderchat_jupyter.server.engine.transitions import (
    Incoming,
    RunFate,
    Transition,
    Trigger,
    decide,
)
from coderchat_jupyter.server.storage import chats, messages, model_configs
from coderchat_jupyter.server.storage.rows import (
    ChatRow,
    MessageRow,
    NewMessage,
    QueuedRow,
    StoredPart,
)
from coderchat_jupyter.server.streaming.hub import Notice, Refresh
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.events import (
    ErrorEvent,
    MessageEvent,
    PreviewResetEvent,
    QueueUpdateEvent,
    Status,
    StatusEvent,
    StreamedToolCall,
)
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.ids import ModelConfigId, UserId
from coderchat_jupyter.wire.watch import WatchEvent

__all__ = ["Move", "RunInProgress"]


class RunInProgress(Protocol):
    """As much of a run as a move may touch."""

    def stop(self, now: datetime) -> tuple[NewMessage, ...]:
        """Let it say and store nothing more; what there is of its answer."""
        ...

    def go_on(self) -> None:
        """Take `stop` back: the move was not committed."""
        ...

    def cancel(self) -> None:
        """End its task, now that the move is committed."""
        ...


class Move:
    """One decision about one chat. `chat` and `queue` are as the move leaves them.

    Attributes:
        notices: What the listeners of the chat are told, in order.
        watched: What its owner is told, in order.
        cut: The run that this move ends.
        parked_for: How many seconds the chat waits for its client from now on.
        handed_over: Whether any server may take the chat up, and not this one first.
        asks: Whether another server is asked to end its run, and to tell of that.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        chat: ChatRow,
        queue: list[QueuedRow],
        now: datetime,
        run: RunInProgress | None,
        ownership: Ownership,
    ) -> None:
        self.connection = connection
        self.chat = chat
        self.queue = queue
        self.now = now
        self.notices: list[Notice] = []
        self.watched: list[WatchEvent] = []
        self.cut: RunInProgress | None = None
        self.parked_for: float | None = None
        self.handed_over = False
        self.asks = False
        self._run = run
        self._ownership = ownership

    async def let_go(self) -> None:
        """End our own run if another server has cut it, or runs the chat by now."""
        owed = self._ownership.is_owed(self.chat)
        if self._run is None and owed:
            # Its end could not be stored, so there is nothing more to come.
            await self.apply(Trigger.YIELD)
        if self._run is None or self._ownership.is_mine(self.chat):
            return
        await self.apply(Trigger.YIELD if owed else Trigger.LOSE)
        self._run = None

    async def apply(
        self,
        trigger: Trigger,
        *,
        error: ChatError | None = None,
    ) -> Transition | None:
        """Do what `trigger` does, without a new message; None if it came too late."""
        transition = self._decide(trigger)
        if transition is None:
            return None
        await self._cut_run(transition)
        if transition.begins_anew:
            self.notices.append(PreviewResetEvent(chat_id=self.chat.id))
        await self._answer_calls(transition)
        await self._settle(transition, error, is_told=trigger is not Trigger.ACQUIRE)
        return transition

    async def bring(
        self,
        trigger: Trigger,
        content: tuple[StoredPart, ...],
        *,
        sender: UserId,
        model_config_id: ModelConfigId,
    ) -> MessageRow | QueuedRow:
        """Do what `trigger` does with a new message: store it, or queue it."""
        transition = self._decide(trigger)
        if transition is None or transition.incoming is None:
            msg = f"{trigger} brings no message to a chat in {self.chat.status!r}"
            raise ValueError(msg)
        came: MessageRow | QueuedRow
        if transition.incoming is Incoming.QUEUE:
            came = await messages.enqueue(
                self.connection, self.chat.id, content, model_config_id, self.now
            )
            self.queue.append(came)
            self.tell_queue()
            await self._cut_run(transition)
            await self._answer_calls(transition)
        else:
            await self._cut_run(transition)
            came = await self.store(
                NewMessage(
                    role="user",
                    content=content,
                    created_by=sender,
                    model_config_id=model_config_id,
                )
            )
            await self.change(last_model_config_id=model_config_id)
            if transition.clears_queue:
                await messages.clear_queue(self.connection, self.chat.id)
                self.queue.clear()
                await self._retell_history()
        await self._settle(transition, None)
        return came

    async def store(self, new: NewMessage) -> MessageRow:
        """Store a message and tell of it."""
        row = await messages.add_message(self.connection, self.chat.id, new, self.now)
        if row.visibility != "model":
            self.notices.append(
                MessageEvent(chat_id=self.chat.id, message=present.message(row))
            )
        return row

    async def change(self, **columns: Any) -> None:
        """Set columns of the chat."""
        await chats.change_chat(self.connection, self.chat.id, columns)
        if columns.get("last_error") is not None:
            columns["last_error"] = ChatError.model_validate(columns["last_error"])
        self.chat = replace(self.chat, **columns)

    def tell_queue(self) -> None:
        """Tell the whole queue."""
        self.notices.append(
            QueueUpdateEvent(
                chat_id=self.chat.id,
                queued_messages=tuple(present.queued_message(q) for q in self.queue),
            )
        )

    def tell_status(self, status: str) -> None:
        """Tell a status."""
        self.notices.append(
            StatusEvent(chat_id=self.chat.id, status=Status(status=status))
        )

    def watch(self, kind: str, calls: tuple[StreamedToolCall, ...] = ()) -> None:
        """Tell the owner what became of the chat, as it is now."""
        chat = present.chat(self.chat)
        self.watched.append(WatchEvent(kind=kind, chat=chat, tool_calls=calls))

    def _decide(self, trigger: Trigger) -> Transition | None:
        is_not_ours = self._run is None
        return decide(
            trigger,
            self.chat.status,
            queued=bool(self.queue),
            elsewhere=is_not_ours and self._ownership.is_elsewhere(self.chat, self.now),
            owed=is_not_ours and self._ownership.is_owed_elsewhere(self.chat, self.now),
        )

    async def _cut_run(self, transition: Transition) -> None:
        if self._run is None or transition.run is RunFate.GOES_ON:
            return
        self.cut = self._run
        partial = self._run.stop(self.now)
        if transition.run is RunFate.CUT_KEEPING:
            for new in partial:
                await self.store(new)

    async def _answer_calls(self, transition: Transition) -> None:
        if transition.answers is not None:
            await answer_pending(self, transition.answers)

    async def _settle(
        self, transition: Transition, error: ChatError | None, *, is_told: bool = True
    ) -> None:
        status = transition.status
        promotes = transition.promotes and bool(self.queue) and not self.chat.archived
        if promotes:
            if transition.rests_first:
                self.tell_status("waiting")
            await self._promote_head()
            status = "pending"
        if status is None:
            return
        changes: dict[str, Any] = {"status": status, "updated_at": self.now}
        self.asks = transition.run is RunFate.ASKED_TO_END
        changes |= self._ownership.columns(status, self.chat, self.now, asked=self.asks)
        if error is not None:
            changes["last_error"] = encode(error)
            self.notices.append(ErrorEvent(chat_id=self.chat.id, error=error))
        elif promotes or transition.clears_error:
            changes["last_error"] = None
        # What a turn came to is no longer so when it was cut or failed.
        is_cut = self.cut is not None and transition.run is RunFate.CUT_KEEPING
        loses_label = (error is not None or is_cut) and self.chat.last_turn_summary
        if loses_label:
            changes["last_turn_summary"] = None
        await self.change(**changes)
        if not transition.silent:
            self.tell_status(status)
            if is_told:
                self.watch("status_change")
        if loses_label:
            self.watch("summary_change")

    async def _promote_head(self) -> None:
        head = self.queue.pop(0)
        model = await self._usable_model(head.model_config_id)
        await messages.drop_queued(self.connection, self.chat.id, head.id)
        await self.store(
            NewMessage(
                role="user",
                content=head.content,
                created_by=self.chat.owner_id,
                model_config_id=model,
            )
        )
        await self.change(last_model_config_id=model)
        self.tell_queue()

    async def _usable_model(self, wanted: ModelConfigId | None) -> ModelConfigId:
        for config_id in (wanted, self.chat.last_model_config_id):
            if config_id is None:
                continue
            if await model_configs.get_model_config(self.connection, config_id):
                return config_id
        default = await model_configs.default_model_config(self.connection)
        return default.id if default else self.chat.last_model_config_id

    async def _retell_history(self) -> None:
        rows = await messages.list_messages(self.connection, self.chat.id)
        self.notices = [Refresh(present.visible(rows))]
        self.tell_queue()
