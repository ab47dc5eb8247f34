"""Chats that wait for their client: parked, answered, or given up on.

All of it inside a move, but for `Deadlines`, which makes moves of its own.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from coderchat_jupyter.server.engine.dynamic_tools import pending_calls
from coderchat_jupyter.server.engine.step import stored
from coderchat_jupyter.server.engine.tools import result_part
from coderchat_jupyter.server.engine.transitions import Trigger
from coderchat_jupyter.server.failures import RequestError, bad_request
from coderchat_jupyter.server.storage import messages, workers
from coderchat_jupyter.server.storage.rows import NewMessage, StoredPart, UserRow
from coderchat_jupyter.wire.events import (
    ActionRequired,
    ActionRequiredEvent,
    StreamedToolCall,
)
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.ids import ChatId, UserId
from coderchat_jupyter.wire.parts import ToolCallPart, ToolResultPart

if TYPE_CHECKING:
    from coderchat_jupyter.server.engine.moves import Move, Moves

__all__ = [
    "Deadlines",
    "GivenResult",
    "answer_pending",
    "park",
    "submit_results",
    "unparked",
]

_log = logging.getLogger(__name__)

_WAITS: Final = "Waiting for user input"


@dataclass(frozen=True, slots=True)
class GivenResult:
    """What a client says a call came to.

    Attributes:
        call_id: The call it answers.
        output: A JSON value.
        is_json: Whether `output` was given at all.
        is_error: Whether it failed.
    """

    call_id: str
    output: Any
    is_json: bool = True
    is_error: bool = False


async def park(move: Move, texts: Mapping[str, str], seconds: float) -> None:
    """Let a chat whose last step was just stored wait for its client.

    Args:
        move: The move that ends the run.
        texts: The arguments of the calls as the model wrote them, by the call's id.
        seconds: How long it waits at most.
    """
    rows = await messages.list_messages(move.connection, move.chat.id)
    calls = tuple(_told(call, texts) for call in pending_calls(move.chat, rows))
    move.parked_for = seconds
    await move.change(action_deadline=move.now + timedelta(seconds=seconds))
    await move.apply(Trigger.PARK)
    move.notices.append(
        ActionRequiredEvent(
            chat_id=move.chat.id, action_required=ActionRequired(tool_calls=calls)
        )
    )
    move.watch("action_required", calls)
    if move.chat.parent_chat_id is None:
        await move.change(last_turn_summary=_WAITS)
        move.watch("summary_change")


async def submit_results(
    moves: Moves, chat_id: ChatId, sender: UserRow, results: Sequence[GivenResult]
) -> None:
    """Store what a client's calls came to, and let the chat go on.

    Raises:
        RequestError: 409 if the chat does not wait, 400 if the results are not
            exactly one JSON value for each call that it waits for.
    """
    async with moves.move(chat_id) as move:
        if move.chat.archived:
            raise bad_request("Cannot submit tool results to an archived chat.")
        if (refusal := unparked(move.chat.status)) is not None:
            raise refusal
        rows = await messages.list_messages(move.connection, chat_id)
        calls = {part["tool_call_id"]: part for part in pending_calls(move.chat, rows)}
        _check(results, calls)
        for given in results:
            call = _call(calls[given.call_id])
            part = result_part(call, given.output, is_error=given.is_error)
            await _store(move, part, sender.id)
        await move.apply(Trigger.SUBMIT)


async def answer_pending(move: Move, text: str) -> None:
    """Tell every call that a parked chat waits for that nothing comes of it."""
    rows = await messages.list_messages(move.connection, move.chat.id)
    for part in pending_calls(move.chat, rows):
        await _store(move, result_part(_call(part), text, is_error=True), None)


def unparked(status: str) -> RequestError | None:
    """409 for a chat that does not wait for its client."""
    if status == "requires_action":
        return None
    return RequestError(
        409,
        "Chat is not waiting for tool results.",
        detail=f'Chat status is "{status}", expected "requires_action".',
    )


class Deadlines:
    """Ends the wait of parked chats whose client gives nothing in time."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._timers: dict[ChatId, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        moves.on_parked = self._watch

    async def start(self) -> None:
        """Take up what an earlier server left."""
        async with self._moves.database.read() as connection:
            parked = await workers.parked_chats(connection)
        for chat_id in parked:
            self._watch(chat_id, 0)

    async def stop(self) -> None:
        """End every wait; the chats stay parked, for the next start."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _watch(self, chat_id: ChatId, seconds: float) -> None:
        if (timer := self._timers.pop(chat_id, None)) is not None:
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._timers[chat_id] = loop.call_later(seconds, self.look, chat_id)

    def look(self, chat_id: ChatId) -> None:
        """End the wait of a chat whose time is over."""
        if (timer := self._timers.pop(chat_id, None)) is not None:
            timer.cancel()
        task = asyncio.create_task(self._end(chat_id), name=f"deadline of {chat_id}")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def _end(self, chat_id: ChatId) -> None:
        try:
            async with self._moves.move(chat_id) as move:
                left = _seconds_left(move)
                if left <= 0:
                    timed_out = ChatError(
                        message="Dynamic tool execution timed out.", kind="generic"
                    )
                    await move.apply(Trigger.TIME_OUT, error=timed_out)
        except LookupError:
            # It was deleted meanwhile.
            return
        if left > 0 and move.chat.status == "requires_action":
            self._watch(chat_id, left)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s ended by %s", task.get_name(), type(error).__name__)


def _seconds_left(move: Move) -> float:
    deadline = move.chat.action_deadline
    return 0.0 if deadline is None else (deadline - move.now).total_seconds()


def _check(results: Sequence[GivenResult], calls: dict[str, StoredPart]) -> None:
    for call_id, times in Counter(given.call_id for given in results).items():
        if times > 1:
            raise bad_request(
                "Duplicate tool_call_id in results.",
                detail=f'Duplicate tool call ID "{call_id}".',
            )
    given_ids = {given.call_id for given in results}
    for call_id in calls:
        if call_id not in given_ids:
            raise bad_request(
                "Missing tool result.",
                detail=f'Missing result for tool call "{call_id}".',
            )
    for given in results:
        if given.call_id not in calls:
            raise bad_request(
                "Unexpected tool result.",
                detail=f'No pending tool call with ID "{given.call_id}".',
            )
    for given in results:
        if not given.is_json:
            raise bad_request(
                "Tool result output must be valid JSON.",
                detail=f'Output for tool call "{given.call_id}" is not valid JSON.',
            )


def _told(part: StoredPart, texts: Mapping[str, str]) -> StreamedToolCall:
    call_id = part["tool_call_id"]
    text = texts.get(call_id) or json.dumps(part.get("args"), ensure_ascii=False)
    return StreamedToolCall(
        tool_call_id=call_id, tool_name=part["tool_name"], args=text
    )


def _call(part: StoredPart) -> ToolCallPart:
    return ToolCallPart(tool_call_id=part["tool_call_id"], tool_name=part["tool_name"])


async def _store(move: Move, part: ToolResultPart, sender: UserId | None) -> None:
    await move.store(
        NewMessage(
            role="tool",
            content=(stored(part),),
            created_by=sender,
            model_config_id=move.chat.last_model_config_id,
        )
    )
