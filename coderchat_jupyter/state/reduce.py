"""Fold what a server says into the state of one chat. No I/O, no clock, no logging.

The rules are those of the newest web client, made to hold for every release:
events may come twice, late, out of order and cut into frames anyhow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

from coderchat_jupyter.state._change import changed, noted, over, without_preview
from coderchat_jupyter.state._copy import copied
from coderchat_jupyter.state._echo import NO_ECHO
from coderchat_jupyter.state._message_runs import on_messages
from coderchat_jupyter.state._messages import (
    commit_replacement,
    gone_from_queue,
    on_history_reset,
    on_message,
)
from coderchat_jupyter.state._parts import on_part
from coderchat_jupyter.state._runs import on_parts
from coderchat_jupyter.state._statuses import on_statuses
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.history import has_hole, is_answered
from coderchat_jupyter.state.preview import NO_PREVIEW
from coderchat_jupyter.wire.chats import SETTLED_STATUSES
from coderchat_jupyter.wire.events import (
    KNOWN_EVENT_TYPES,
    ActionRequiredEvent,
    ErrorEvent,
    Event,
    HistoryResetEvent,
    MessageEvent,
    MessagePartEvent,
    PreviewResetEvent,
    QueueUpdateEvent,
    RetryEvent,
    StatusEvent,
    UnknownEvent,
)
from coderchat_jupyter.wire.ids import ZERO_UUID, ChatId

__all__ = ["reduce"]

# A hostile server could send a new type each time.
_MAX_UNKNOWN: Final = 32

_FoldRun: TypeAlias = Callable[[ChatState, Sequence[Event], int], tuple[ChatState, int]]


def reduce(state: ChatState, batch: Sequence[Event]) -> ChatState:
    """Fold one frame of events.

    The very same object comes back when nothing changed. Applying a frame twice is
    harmless, except for the preview.
    """
    place = 0
    while place < len(batch):
        event = batch[place]
        fold_run = _RUNS.get(type(event))
        if fold_run is not None:
            begun = place
            state, place = fold_run(state, batch, begun)
            if place > begun:
                continue
        state = _step(state, event)
        place += 1
    return state


def _step(state: ChatState, event: Event) -> ChatState:
    chat_id = event.chat_id
    if chat_id != state.chat_id and chat_id and chat_id != ZERO_UUID:
        if state.chat_id is not None:
            return _on_other_chat(state, event, chat_id)
        state = replace(state, chat_id=chat_id)
    if state.replacement is not None and type(event) is not MessageEvent:
        state = commit_replacement(state, state.replacement)
    return _RULES[type(event)](state, event)


def _on_part(state: ChatState, event: MessagePartEvent) -> ChatState:
    return on_part(state, event.message_part)


def _on_message(state: ChatState, event: MessageEvent) -> ChatState:
    return on_message(state, event.message)


def _on_status(state: ChatState, event: StatusEvent) -> ChatState:
    status = event.status.status
    told, preview, echo = state.connection, state.preview, state.connection.echo
    stale = state.stale_history
    if status in SETTLED_STATUSES:
        echo, preview = NO_ECHO, over(preview, is_failed=status == "error")
    elif preview.is_failed:
        echo, preview = NO_ECHO, NO_PREVIEW
    if status == "waiting":
        if told.status not in (None, "waiting"):
            # v2.33 never tells the results that this side posted.
            stale = stale or has_hole(state.messages)
        elif is_answered(state.messages):
            # Not with the first `waiting`: it may overtake the message of its turn.
            preview = NO_PREVIEW
    is_running = status == "running"
    # What left the queue before a run ended became no message: it was deleted.
    is_end = status in SETTLED_STATUSES and status != told.status
    told_now = changed(
        told,
        unqueued=() if is_end else told.unqueued,
        status=status,
        is_fresh=told.is_fresh and told.status is None,
        is_edited=told.is_edited and not is_running,
        after_user=told.after_user and not is_running,
        echo=echo,
    )
    fields: dict[str, Any] = {
        "status": status,
        "preview": preview,
        "retry": None,
        "error": state.error if status == "error" else None,
        "actions": state.actions if status == "requires_action" else (),
        "stale_history": stale,
    }
    if told_now is told:
        return changed(state, **fields)
    return copied(state, connection=told_now, **fields)


def _on_error(state: ChatState, event: ErrorEvent) -> ChatState:
    left = over(state.preview, is_failed=True)
    state = noted(state, echo=NO_ECHO)
    return changed(state, status="error", error=event.error, retry=None, preview=left)


def _on_retry(state: ChatState, event: RetryEvent) -> ChatState:
    state = noted(state, echo=NO_ECHO)
    last = state.retry
    if last is None or last.attempt != event.retry.attempt:
        # Mostly: looking for another difference costs as much as all the rest.
        return copied(state, preview=NO_PREVIEW, retry=event.retry)
    return changed(state, preview=NO_PREVIEW, retry=event.retry)


def _on_action(state: ChatState, event: ActionRequiredEvent) -> ChatState:
    return changed(state, actions=event.action_required.tool_calls)


def _on_preview_reset(state: ChatState, _event: PreviewResetEvent) -> ChatState:
    """A new attempt, or the end of a snapshot: that takes nothing out of view.

    The parts of what runs follow it, from the first one; what a failed run had
    written nobody will say again.
    """
    told = state.connection
    is_busy = state.status not in SETTLED_STATUSES
    is_held = told.echo.is_held and is_busy
    if told.is_fresh and is_held:
        state = noted(state, echo=replace(told.echo, told=NO_PREVIEW))
    elif not (told.is_fresh and state.preview.is_failed):
        state = without_preview(state)
    return noted(state, says_resets=True, is_fresh=False)


def _on_history_reset(state: ChatState, _event: HistoryResetEvent) -> ChatState:
    return on_history_reset(state)


def _on_queue(state: ChatState, event: QueueUpdateEvent) -> ChatState:
    told, queue = state.connection, event.queued_messages
    if told.after_user and not queue and not told.says_resets:
        # A plain send says nothing about the queue. Either its only entry was
        # promoted, or a message was edited, which empties it.
        ids = {queued_id for queued_id, _ in state.promoted}
        if not (len(state.queue) == 1 and state.queue[0].id in ids):
            state = changed(without_preview(state), stale_history=True)
    # Through v2.34 it is the last of a snapshot; later it comes before the status.
    is_fresh = told.is_fresh and told.status is None
    told_now = changed(
        state.connection,
        has_queue=True,
        after_user=False,
        is_fresh=is_fresh,
        unqueued=gone_from_queue(state, queue),
    )
    if told_now is not state.connection:
        return copied(state, queue=queue, connection=told_now)
    if len(queue) != len(state.queue):
        # Looking for the difference would compare every part of every message.
        return copied(state, queue=queue)
    return changed(state, queue=queue)


def _on_other_chat(state: ChatState, event: Event, chat_id: ChatId) -> ChatState:
    """Of other chats, sub-agents mostly, only the status is of interest here."""
    if not isinstance(event, StatusEvent):
        return state
    others = dict(state.children)
    if others.get(chat_id) == event.status.status:
        return state
    others[chat_id] = event.status.status
    return replace(state, children=tuple(others.items()))


def _on_unknown(state: ChatState, event: UnknownEvent) -> ChatState:
    counts = dict(state.unknown)
    kind = event.kind if len(counts) < _MAX_UNKNOWN or event.kind in counts else ""
    counts[kind] = counts.get(kind, 0) + 1
    # Something that we should have understood: it may have been a message.
    unread = event.kind in KNOWN_EVENT_TYPES or not event.kind
    stale = state.stale_history or unread
    if unread:
        # Or a status, or a queue: what is fetched counts again.
        state = noted(state, status=None, has_queue=False, is_fresh=False)
    return replace(state, unknown=tuple(counts.items()), stale_history=stale)


_RUNS: Final[dict[type[Any], _FoldRun]] = {
    MessageEvent: on_messages,
    MessagePartEvent: on_parts,
    StatusEvent: on_statuses,
}

# By exact type: pydantic makes of each isinstance a call, and of a row of them most
# of what an event costs.
_RULES: Final[dict[type[Any], Callable[[ChatState, Any], ChatState]]] = {
    ActionRequiredEvent: _on_action,
    ErrorEvent: _on_error,
    HistoryResetEvent: _on_history_reset,
    MessageEvent: _on_message,
    MessagePartEvent: _on_part,
    PreviewResetEvent: _on_preview_reset,
    QueueUpdateEvent: _on_queue,
    RetryEvent: _on_retry,
    StatusEvent: _on_status,
    UnknownEvent: _on_unknown,
}
