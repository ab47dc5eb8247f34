"""Fold what a server says into the state of one chat. No I/O, no clock, no logging.

The rules are those of the newest web client, made to hold for every release:
events may come twice, late, out of order and cut into frames anyhow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, assert_never

from coderchat_jupyter.state._change import changed, noted, over, without_preview
from coderchat_jupyter.state._echo import NO_ECHO
from coderchat_jupyter.state._messages import (
    commit_replacement,
    on_history_reset,
    on_message,
)
from coderchat_jupyter.state._parts import on_part, on_parts
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
from coderchat_jupyter.wire.messages import QueuedMessage

__all__ = ["reduce"]

# A hostile server could send a new type each time.
_MAX_UNKNOWN: Final = 32


def reduce(state: ChatState, batch: Sequence[Event]) -> ChatState:
    """Fold one frame of events.

    The very same object comes back when nothing changed. Applying a frame twice is
    harmless, except for the preview.
    """
    place = 0
    while place < len(batch):
        event = batch[place]
        if type(event) is MessagePartEvent:
            begun = place
            state, place = on_parts(state, batch, begun)
            if place > begun:
                continue
        state = _step(state, event)
        place += 1
    return state


def _step(state: ChatState, event: Event) -> ChatState:
    if event.chat_id and event.chat_id not in (state.chat_id, ZERO_UUID):
        if state.chat_id is not None:
            return _on_other_chat(state, event, event.chat_id)
        state = replace(state, chat_id=event.chat_id)
    if state.replacement is not None and not isinstance(event, MessageEvent):
        state = commit_replacement(state, state.replacement)
    return _apply(state, event)


def _apply(state: ChatState, event: Event) -> ChatState:
    match event:
        case MessagePartEvent(message_part=streamed):
            return on_part(state, streamed)
        case MessageEvent(message=message):
            return on_message(state, message)
        case StatusEvent(status=status):
            return _on_status(state, status.status)
        case QueueUpdateEvent(queued_messages=queue):
            return _on_queue(state, queue)
        case ErrorEvent(error=error):
            left = over(state.preview, is_failed=True)
            state = noted(state, echo=NO_ECHO)
            return changed(state, status="error", error=error, retry=None, preview=left)
        case RetryEvent(retry=retry):
            return changed(without_preview(state), retry=retry)
        case ActionRequiredEvent(action_required=action):
            return changed(state, actions=action.tool_calls)
        case PreviewResetEvent():
            return _on_preview_reset(state)
        case HistoryResetEvent():
            return on_history_reset(state)
        case UnknownEvent():
            return _on_unknown(state, event)
        case _:
            assert_never(event)


def _on_status(state: ChatState, status: str) -> ChatState:
    told = state.connection
    preview = state.preview
    if status in SETTLED_STATUSES:
        preview = over(preview, is_failed=status == "error")
        # Not with the first `waiting`: it may overtake the message of its turn.
        is_last = told.status in (None, "waiting")
        if status == "waiting" and is_last and is_answered(state.messages):
            preview = NO_PREVIEW
        state = noted(state, echo=NO_ECHO)
    elif preview.is_failed:
        state, preview = noted(state, echo=NO_ECHO), NO_PREVIEW
    notes: dict[str, Any] = {"status": status}
    if told.status is not None:
        notes["is_fresh"] = False
        is_end = status == "waiting" != told.status
        if is_end and has_hole(state.messages):
            # v2.33 never tells the results that this side posted.
            state = changed(state, stale_history=True)
    if status == "running":
        notes |= {"is_edited": False, "after_user": False}
    return changed(
        noted(state, **notes),
        status=status,
        retry=None,
        preview=preview,
        error=state.error if status == "error" else None,
        actions=state.actions if status == "requires_action" else (),
    )


def _on_preview_reset(state: ChatState) -> ChatState:
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


def _on_queue(state: ChatState, queue: tuple[QueuedMessage, ...]) -> ChatState:
    told = state.connection
    if told.after_user and not queue and not told.says_resets:
        # A plain send says nothing about the queue. Either its only entry was
        # promoted, or a message was edited, which empties it.
        ids = {queued_id for queued_id, _ in state.promoted}
        if not (len(state.queue) == 1 and state.queue[0].id in ids):
            state = changed(without_preview(state), stale_history=True)
    # Through v2.34 it is the last of a snapshot; later it comes before the status.
    is_fresh = told.is_fresh and told.status is None
    state = noted(state, has_queue=True, after_user=False, is_fresh=is_fresh)
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
