"""The turn loop: ask the model, store the step, run its calls, ask again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from coderchat_jupyter.server.engine import preferences
from coderchat_jupyter.server.engine.asides import Asides, is_slow
from coderchat_jupyter.server.engine.attempts import answered
from coderchat_jupyter.server.engine.calls import Calls, places
from coderchat_jupyter.server.engine.classify import Classified
from coderchat_jupyter.server.engine.compaction import Compaction
from coderchat_jupyter.server.engine.costs import cost_micros, stored_usage
from coderchat_jupyter.server.engine.history import (
    conversation,
    file_ids,
    system_texts,
)
from coderchat_jupyter.server.engine.labels import Finished, finish_label, label_turn
from coderchat_jupyter.server.engine.models import ChosenModel, Models, TurnError
from coderchat_jupyter.server.engine.moves import Move, Moves
from coderchat_jupyter.server.engine.parking import park
from coderchat_jupyter.server.engine.plan_tools import PLAN_MODE
from coderchat_jupyter.server.engine.retry import delay_ms
from coderchat_jupyter.server.engine.silence import Silence, heard
from coderchat_jupyter.server.engine.step import Draft, stored
from coderchat_jupyter.server.engine.titles import name_chat, wants_title
from coderchat_jupyter.server.engine.tools import ToolContext, Toolset
from coderchat_jupyter.server.engine.toolset import Toolbox
from coderchat_jupyter.server.engine.transitions import Trigger
from coderchat_jupyter.server.providers._protocol import (
    Item,
    ModelCall,
    ProviderError,
)
from coderchat_jupyter.server.storage import chats, messages
from coderchat_jupyter.server.storage.files import load_files
from coderchat_jupyter.server.storage.rows import ChatRow, MessageRow, NewMessage
from coderchat_jupyter.wire.events import Retry, RetryEvent
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.parts import Part, ToolResultPart

__all__ = ["Turn"]

_log = logging.getLogger(__name__)

_MAX_STEPS: Final = 1200


class Turn:
    """One run of a chat, from `running` until it rests.

    It is a task of its own, but changes its chat only by moves; a move that cuts
    it makes it mute first, so that nothing of it comes after.
    """

    def __init__(
        self,
        chat_id: ChatId,
        moves: Moves,
        models: Models,
        asides: Asides,
        toolbox: Toolbox,
        silence: Silence,
    ) -> None:
        self._chat_id = chat_id
        self._moves = moves
        self._models = models
        self._asides = asides
        self._toolbox = toolbox
        self._silence = silence
        self._finished: Finished | None = None
        self._draft: Draft | None = None
        self._model: ChosenModel | None = None
        self._calls = Calls(Toolset(), moves.clock)
        self._written: dict[int, Mapping[str, str]] = {}
        self._compaction = Compaction(self._show)
        self._stopped = False
        self.task: asyncio.Task[None] | None = None

    def stop(self, now: datetime) -> tuple[NewMessage, ...]:
        """Fall silent; the messages that keep what there is of the answer."""
        self._stopped = True
        if self._draft is None:
            return ()
        calls, tools = self._draft.calls, self._calls.tools
        have = self._calls.results_if_cut(calls, now)
        is_timed = not any(tools.parks(call.tool_name) for call in calls)
        content, results = self._draft.partial(now, have, is_timed=is_timed)
        if not content:
            return ()
        told = self._tool_messages(results, is_timed=is_timed)
        return (self._message("assistant", content), *told)

    def go_on(self) -> None:
        """Speak again."""
        self._stopped = False

    def cancel(self) -> None:
        """End the task, and with it the call to the provider."""
        # A run that finds itself cut when it would change its chat ends by itself.
        if self.task is not None and self.task is not asyncio.current_task():
            self.task.cancel()

    async def run(self) -> None:
        """Answer until the chat rests. Raises nothing but cancellation."""
        try:
            async with self._moves.database.read() as connection:
                chat = await chats.get_chat(connection, self._chat_id)
            if chat is None:
                return
            async with (
                self._models.use(chat.last_model_config_id, chat.owner_id) as chosen,
                self._asides.debug.run(chat, "chat_turn", chosen) as model,
                self._toolbox.open(chat, model) as tools,
            ):
                self._model = model
                self._calls = Calls(tools, self._moves.clock)
                named = await self._name(chat, model)
                await self._moves.hub.await_listener(self._chat_id, named)
                context = ToolContext(chat, model.config.id)
                for _ in range(_MAX_STEPS):
                    if not await self._step(model, context):
                        return
                async with self._moves.move(self._chat_id) as move:
                    await self._finish(move, model)
                self._label()
        except TurnError as failure:
            await self._fail(failure.error)
        except Exception as error:  # noqa: BLE001  a chat must not stay running
            _log.error(
                "%s",
                places(f"the turn of chat {self._chat_id} broke", error),
                extra={"chat_id": self._chat_id},
            )
            await self._fail(
                ChatError(
                    message="The chat request failed unexpectedly.", kind="generic"
                )
            )

    async def _name(
        self, chat: ChatRow, model: ChosenModel
    ) -> asyncio.Task[None] | None:
        """Have a new chat named, beside its first turn; None if it has its name."""
        if is_slow(model.config):
            return None
        text = wants_title(chat, await self._rows())
        if text is None:
            return None
        work = name_chat(self._asides, chat, text)
        return self._asides.start(work, f"title of {chat.id}")

    async def _step(self, model: ChosenModel, context: ToolContext) -> bool:
        """One call of the model and what follows; whether there is more to do."""
        call = await self._call(model, context.chat)
        if call is None:
            return False
        draft = await self._answered(model, call)
        context = replace(context, asked=call, show=partial(self._show, role="tool"))
        ends_turn = await self._calls.run(draft.calls, context, draft.refused)
        for result in self._calls.results(draft.calls):
            self._show(result, role="tool")
        async with self._moves.move(self._chat_id) as move:
            if self._stopped:
                return False
            self._draft = None
            parks = self._calls.parked
            await self._store(move, model, draft, is_timed=not parks)
            if parks:
                await self._park(move, draft)
                return False
            if draft.goes_on and not ends_turn:
                return True
            await self._finish(move, model)
        self._label()
        return False

    async def _call(self, model: ChosenModel, chat: ChatRow) -> ModelCall | None:
        """What to ask next; None if the run was cut meanwhile."""
        rows = await self._rows()
        async with self._moves.database.read() as connection:
            threshold = await preferences.compaction_threshold(
                connection, chat.owner_id, model.config
            )
            besides = await preferences.told_besides(connection, chat)
        due = self._compaction.is_due(rows, model, threshold)
        if due is not None:
            async with self._asides.debug.run(chat, "compaction", model) as asked:
                summary = await self._compaction.summarise(rows, asked, due)
            if summary is not None:
                async with self._moves.move(self._chat_id) as move:
                    if self._stopped:
                        return None
                    await self._compaction.store(move, rows, summary, due)
                rows = await self._rows()
        async with self._moves.database.read() as connection:
            files = await load_files(connection, file_ids(rows))
        planning = chat.plan_mode == PLAN_MODE
        return ModelCall(
            model=model.config.model,
            messages=conversation(rows, self._written, files),
            tools=self._calls.tools.specs,
            settings=model.config.call_config,
            system=(*system_texts(rows), *besides, *self._calls.tools.guidance),
            vendor_tools=not planning,
        )

    async def _rows(self) -> list[MessageRow]:
        async with self._moves.database.read() as connection:
            return await messages.list_messages(connection, self._chat_id)

    async def _answered(self, model: ChosenModel, call: ModelCall) -> Draft:
        """Ask until there is an answer, or a failure that stays one."""
        return await answered(
            partial(self._read, model, call),
            self._wait,
            provider_type=model.config.provider,
        )

    async def _read(self, model: ChosenModel, call: ModelCall) -> Draft:
        lent_by = self._calls.tools.lent_by
        self._calls.forget()
        self._draft = draft = Draft(self._moves.clock(), lent_by)
        stream = heard(model.provider.stream(call), self._silence)
        try:
            async with aclosing(stream):
                async for item in stream:
                    self._take(draft, item)
        except (ProviderError, TimeoutError):
            # Nothing of it is kept, should the run be cut while it waits.
            self._draft = None
            raise
        return draft

    def _take(self, draft: Draft, item: Item) -> None:
        if text := draft.say(item):
            if not self._stopped:
                self._moves.hub.text(self._chat_id, text)
            return
        for part in draft.add(item, self._moves.clock()):
            self._show(part)

    async def _wait(self, failure: Classified, attempt: int) -> None:
        delay = delay_ms(attempt, failure.retry_after_ms)
        retry = Retry(
            attempt=attempt,
            delay_ms=delay,
            error=failure.error.message,
            kind=failure.error.kind,
            provider=failure.error.provider,
            status_code=failure.error.status_code,
            retrying_at=self._moves.clock() + timedelta(milliseconds=delay),
        )
        if not self._stopped:
            self._moves.hub.retry(RetryEvent(chat_id=self._chat_id, retry=retry))
        await asyncio.sleep(delay / 1000)

    def _show(self, part: Part, *, role: str = "assistant") -> None:
        if not self._stopped:
            self._moves.hub.part(self._chat_id, role, part)

    async def _store(
        self,
        move: Move,
        model: ChosenModel,
        draft: Draft,
        *,
        is_timed: bool,
    ) -> None:
        """Store a step. One that parks tells no times of its calls and results."""
        content = draft.content(is_timed=is_timed)
        if not content:
            return
        config, counted = model.config, draft.usage
        runtime = move.now - draft.started_at
        row = await move.store(
            NewMessage(
                role="assistant",
                content=content,
                model_config_id=config.id,
                usage=stored_usage(counted, config.context_limit),
                cost_micros=cost_micros(counted, config.call_config.cost),
                runtime_ms=round(runtime.total_seconds() * 1000),
            )
        )
        self._written[row.id] = draft.args_texts
        results = self._calls.results(draft.calls)
        for new in self._tool_messages(results, is_timed=is_timed):
            row = await move.store(new)
            self._written[row.id] = self._calls.texts

    async def _park(self, move: Move, draft: Draft) -> None:
        """Rest until the client has answered its calls."""
        self._moves.runs.pop(self._chat_id, None)
        await park(move, draft.args_texts, self._moves.action_seconds)

    async def _finish(self, move: Move, model: ChosenModel) -> None:
        if not self._stopped:
            self._moves.runs.pop(self._chat_id, None)
            await move.apply(Trigger.FINISH)
            self._finished = await finish_label(move, model)

    def _label(self) -> None:
        """Have the turn put in words, now that it is over for all to see."""
        if self._finished is not None:
            work = label_turn(self._asides, self._finished)
            self._asides.start(work, f"label of {self._chat_id}")

    async def _fail(self, error: ChatError) -> None:
        async with self._moves.move(self._chat_id) as move:
            if not self._stopped:
                self._moves.runs.pop(self._chat_id, None)
                await move.apply(Trigger.FAIL, error=error)

    def _message(self, role: str, content: tuple[dict[str, object], ...]) -> NewMessage:
        config_id = self._model.config.id if self._model else None
        return NewMessage(role=role, content=content, model_config_id=config_id)

    def _tool_messages(
        self, results: Iterable[ToolResultPart], *, is_timed: bool
    ) -> Iterator[NewMessage]:
        for result in results:
            untimed = result.model_copy(update={"created_at": None})
            part = stored(result if is_timed else untimed)
            yield self._message("tool", (part,))
