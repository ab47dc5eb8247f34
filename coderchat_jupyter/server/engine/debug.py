"""Debug runs, made while they happen: a provider that writes down what it is asked.

Nothing of it is there unless the owner of a chat, or the deployment, wants it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from coderchat_jupyter.server.engine.classify import classify
from coderchat_jupyter.server.engine.debug_shapes import (
    Tally,
    attempt,
    request_of,
    retry_of,
    usage_of,
)
from coderchat_jupyter.server.engine.models import ChosenModel
from coderchat_jupyter.server.engine.moves import Moves
from coderchat_jupyter.server.engine.preferences import debug_logging_wanted
from coderchat_jupyter.server.providers._callers import called_for, caller_headers
from coderchat_jupyter.server.providers._exchanges import EXCHANGES, Exchange
from coderchat_jupyter.server.providers._protocol import (
    Item,
    ModelCall,
    Provider,
    ProviderError,
    Reply,
)
from coderchat_jupyter.server.storage import debug_runs
from coderchat_jupyter.server.storage.rows import ChatRow
from coderchat_jupyter.wire.debug import DebugOperation, DebugStep

__all__ = ["Recorder"]

_log = logging.getLogger(__name__)

_LABEL: Final = "Turn status label"


class Recorder:
    """Makes debug runs. `forced`: for everybody, whatever they chose."""

    def __init__(self, moves: Moves, *, forced: bool) -> None:
        self._moves = moves
        self._forced = forced
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """End what servers that are gone left unfinished."""
        now = self._moves.clock()
        # Of a shared database some are still being made, by others.
        is_shared = self._moves.pubsub.is_shared
        before = self._moves.ownership.before(now) if is_shared else now
        async with self._moves.database.write() as connection:
            await debug_runs.end_running(connection, now, before)

    async def stop(self) -> None:
        """Wait until everything is written."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @asynccontextmanager
    async def run(
        self, chat: ChatRow, kind: str, model: ChosenModel
    ) -> AsyncIterator[ChosenModel]:
        """Use a model for a chat; if it is wanted, one whose calls are written down."""
        with called_for(
            caller_headers(
                owner_id=chat.owner_id,
                chat_id=chat.id,
                parent_id=chat.parent_chat_id,
            )
        ):
            async with self._recorded(chat, kind, model) as used:
                yield used

    @asynccontextmanager
    async def _recorded(
        self, chat: ChatRow, kind: str, model: ChosenModel
    ) -> AsyncIterator[ChosenModel]:
        async with self._moves.database.read() as connection:
            wanted = self._forced or await debug_logging_wanted(
                connection, chat.owner_id
            )
        if not wanted:
            yield model
            return
        if isinstance(model.provider, _Run):
            model = replace(model, provider=model.provider.inner)
        run = _Run(self._moves, chat, kind, model)
        await run.begin()
        try:
            yield replace(model, provider=run)
        except asyncio.CancelledError:
            # This task may wait for nothing any more.
            self._later(run.end("interrupted"))
            raise
        except Exception:
            await run.end("error")
            raise
        await run.end("completed")

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work, name="end of a debug run")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Run(Provider):
    """One run: passes calls on to the real provider and keeps them."""

    def __init__(
        self, moves: Moves, chat: ChatRow, kind: str, model: ChosenModel
    ) -> None:
        self.id = str(uuid4())
        self._moves = moves
        self._chat = chat
        self._kind = kind
        self.inner = model.provider
        self._model = model
        self._steps: list[_Step] = []

    async def begin(self) -> None:
        """Store that it has begun, and with which message."""
        now, config = self._moves.clock(), self._model.config
        is_summary = self._kind == "compaction"
        async with self._moves.database.write() as connection:
            asked = await debug_runs.newest_message(connection, self._chat.id, "user")
            tip = asked
            if is_summary:
                tip = await debug_runs.newest_message(
                    connection, self._chat.id, "assistant"
                )
            self._tip = tip[0] if tip else None
            self._summary = {} if is_summary else {"first_message": self._words(asked)}
            await debug_runs.add_run(
                connection,
                {
                    "id": self.id,
                    "chat_id": self._chat.id,
                    "kind": self._kind,
                    "status": "in_progress",
                    "provider": config.provider,
                    "model": config.model,
                    "model_config_id": config.id
                    if self._kind in ("chat_turn", "compaction")
                    else None,
                    "trigger_message_id": asked[0] if asked else None,
                    "history_tip_message_id": self._tip,
                    "summary": self._summary,
                    "started_at": now,
                    "updated_at": now,
                },
            )

    async def end(self, status: str) -> None:
        """Store how it ended."""
        now = self._moves.clock()
        last = self._steps[-1] if self._steps else None
        if last is not None and last.status == "in_progress":
            await self._keep(last, status)
        if status == "completed" and last is not None and last.status == "error":
            status = "error"
        counted = [step.tally.usage for step in self._steps if step.tally.usage]
        summary: dict[str, Any] = {
            **self._summary,
            "step_count": len(self._steps),
            "total_input_tokens": sum(u.input_tokens or 0 for u in counted),
            "total_output_tokens": sum(u.output_tokens or 0 for u in counted),
        }
        made = [exchange for step in self._steps for exchange in step.exchanges]
        if made and status != "interrupted":
            summary["endpoint_label"] = f"{made[0].method} {made[0].path}"
        if status == "error":
            summary["has_error"] = True
        changes = {"status": status, "summary": summary}
        async with self._moves.database.write() as connection:
            await debug_runs.change_run(
                connection,
                self.id,
                {**changes, "updated_at": now, "finished_at": now},
            )

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        """Ask, and keep what streams; see `Provider.stream`."""
        step = self._step(call, "stream")
        EXCHANGES.set(step.exchanges)
        try:
            async with aclosing(self.inner.stream(call)) as items:
                async for item in items:
                    step.tally.take(item)
                    yield item
        except ProviderError as error:
            await self._fail(step, error)
            raise
        finally:
            EXCHANGES.set(None)
        await self._keep(step, "completed")

    async def ask(self, call: ModelCall) -> Reply:
        """Ask, and keep the answer; see `Provider.ask`."""
        step = self._step(call, "generate")
        EXCHANGES.set(step.exchanges)
        try:
            reply = await self.inner.ask(call)
        except ProviderError as error:
            await self._fail(step, error)
            raise
        finally:
            EXCHANGES.set(None)
        step.tally.take_reply(reply)
        await self._keep(step, "completed")
        return reply

    async def aclose(self) -> None:
        """Nothing: the real provider is not ours."""

    def _words(self, asked: tuple[int, list[dict[str, Any]]] | None) -> str:
        if self._kind == "quickgen":
            return _LABEL
        parts = asked[1] if asked else []
        return " ".join(part["text"] for part in parts if part["type"] == "text")

    def _step(self, call: ModelCall, operation: DebugOperation) -> _Step:
        """The step of a call: the same one when it is made again."""
        last = self._steps[-1] if self._steps else None
        if last is not None and last.call is call and last.status == "error":
            last.again()
            return last
        step = _Step(len(self._steps) + 1, call, operation, self._moves.clock())
        self._steps.append(step)
        return step

    async def _fail(self, step: _Step, error: ProviderError) -> None:
        step.failed(error, self._model.config.provider)
        await self._keep(step, "error")

    async def _keep(self, step: _Step, status: str) -> None:
        step.status = status
        row = step.row(self.id, self._chat.id, self._tip, self._moves.clock())
        try:
            async with self._moves.database.write() as connection:
                await debug_runs.put_step(connection, row)
        except Exception as error:  # noqa: BLE001  an answer counts more than this
            _log.error("a debug step was not kept: %s", type(error).__name__)


class _Step:
    """One call with all its attempts."""

    def __init__(
        self, number: int, call: ModelCall, operation: DebugOperation, now: datetime
    ) -> None:
        self.id = str(uuid4())
        self.number = number
        self.call = call
        self.operation = operation
        self.started_at = now
        self.status = "in_progress"
        self.tally = Tally()
        self.exchanges: list[Exchange] = []
        self._errors: dict[int, str] = {}
        self._retries: dict[int, dict[str, Any]] = {}
        self._attempts = 0
        self._error: dict[str, Any] = {}

    def again(self) -> None:
        """Begin a further attempt."""
        self.status = "in_progress"
        self.tally = Tally()
        self._error = {}

    def failed(self, error: ProviderError, provider: str) -> None:
        """Note why an attempt failed."""
        message = error.message
        if self.exchanges:
            message = self.exchanges[-1].without_secrets(message.encode()).decode()
        self._errors[len(self.exchanges)] = message
        self._attempts += 1
        found = classify(error, provider_type=provider)
        self._retries[len(self.exchanges)] = retry_of(found, self._attempts)
        self._error = {
            "type": type(error).__name__,
            "message": message,
            "provider_title": provider,
        }
        if error.status_code is not None:
            self._error["provider_status"] = error.status_code

    def row(
        self, run_id: str, chat_id: Any, tip: int | None, now: datetime
    ) -> DebugStep:
        """It, as it is stored and shown."""
        cut = self.status == "interrupted"
        done = self.status == "completed"
        structured = self.operation == "generate" and bool(self.call.tools)
        return DebugStep(
            id=self.id,
            run_id=run_id,
            chat_id=chat_id,
            step_number=self.number,
            operation=self.operation,
            status=self.status,
            history_tip_message_id=tip,
            normalized_request=request_of(self.call, self.operation),
            normalized_response=self.tally.response(is_structured=structured)
            if done
            else {},
            usage=usage_of(self.tally.usage) if done else {},
            attempts=()
            if cut
            else tuple(
                attempt(number, exchange, self._errors.get(number, ""))
                | self._retries.get(number, {})
                for number, exchange in enumerate(self.exchanges, 1)
            ),
            error=self._error,
            metadata={} if cut else self._metadata(is_structured=structured),
            started_at=self.started_at,
            updated_at=now,
            finished_at=now,
        )

    def _metadata(self, *, is_structured: bool) -> dict[str, Any]:
        if self.operation == "stream":
            return self.tally.streaming(self._error.get("message", ""))
        return {"structured_output": True} if is_structured else {}
