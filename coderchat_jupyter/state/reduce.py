"""Fold what a server says into the state of one chat. No I/O, no clock, no logging.

The rules are those of the newest web client, made to hold for every release:
events may come twice, late, out of order and cut into frames anyhow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, TypeGuard, assert_never

from coderchat_jupyter.state._fold import find_tool, fold_part
from coderchat_jupyter.state.chat_state import ChatState, Connection
from coderchat_jupyter.state.history import (
    call_ids,
    promotions,
    result_ids,
    settle,
    tail,
    upsert,
    without_results,
)
from coderchat_jupyter.state.preview import NO_PREVIEW, Preview
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
    StreamedPart,
    UnknownEvent,
)
from coderchat_jupyter.wire.ids import ChatId
from coderchat_jupyter.wire.messages import Message, QueuedMessage
from coderchat_jupyter.wire.parts import (
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

__all__ = ["reduce"]

# A hostile server could send a new type each time.
_MAX_UNKNOWN: Final = 32
_MAX_PROMOTED: Final = 64


def reduce(state: ChatState, batch: Iterable[Event]) -> ChatState:
    """Fold one frame of events.

    The very same object comes back when nothing changed. Applying a frame twice is
    harmless, except for the preview.
    """
    for event in batch:
        state = _step(state, event)
    if state.connection.frames < 2:
        state = _note(state, frames=state.connection.frames + 1)
    return state


def _step(state: ChatState, event: Event) -> ChatState:
    if event.chat_id and event.chat_id != state.chat_id:
        if state.chat_id is not None:
            return _on_other_chat(state, event, event.chat_id)
        state = replace(state, chat_id=event.chat_id)
    if state.replacement is not None and not isinstance(event, MessageEvent):
        state = _commit_replacement(state, state.replacement)
    return _apply(state, event)


def _apply(state: ChatState, event: Event) -> ChatState:
    match event:
        case MessagePartEvent(message_part=streamed):
            return _on_part(state, streamed)
        case MessageEvent(message=message):
            return _on_message(state, message)
        case StatusEvent(status=status):
            return _on_status(state, status.status)
        case QueueUpdateEvent(queued_messages=queue):
            return _on_queue(state, queue)
        case ErrorEvent(error=error):
            over = _over(state.preview)
            return _set(state, status="error", error=error, retry=None, preview=over)
        case RetryEvent(retry=retry):
            return _set(_without_preview(state), retry=retry)
        case ActionRequiredEvent(action_required=action):
            return _set(state, actions=action.tool_calls)
        case PreviewResetEvent():
            return _note(_without_preview(state), says_resets=True)
        case HistoryResetEvent():
            state = _note(_without_preview(state), says_resets=True)
            return replace(state, replacement=())
        case UnknownEvent():
            return _on_unknown(state, event)
        case _:
            assert_never(event)


def _on_part(state: ChatState, streamed: StreamedPart) -> ChatState:
    told = state.connection
    # The stream itself must have said it: going by a status from REST, or by one
    # that was hoped for, has thrown good text away.
    if told.status == "waiting" or told.is_edited:
        return state
    if streamed.seq is not None:
        episode = (streamed.history_version or 0, streamed.generation_attempt or 0)
        if told.episode is not None and episode < told.episode:
            return state
        if episode == told.episode:
            if streamed.seq <= told.seq:
                return state
            if streamed.seq > told.seq + 1:
                state = _set(state, lost_parts=True)
        state = _note(state, episode=episode, seq=streamed.seq)
    is_fresh = told.is_fresh and not told.frames and not told.delivered
    state = _note(state, is_fresh=is_fresh, after_user=False)
    state = _set(state, retry=None)
    part = streamed.part
    if _is_late(part, told):
        return _pay(state, part)
    state = _note(state, owed_text="", owed_reasoning="")
    return _merge(state, part)


def _is_late(part: Part, told: Connection) -> TypeGuard[TextPart | ReasoningPart]:
    """Whether a part delivers the end of a message which is stored already."""
    if isinstance(part, TextPart):
        return bool(part.text) and told.owed_text.startswith(part.text)
    if isinstance(part, ReasoningPart):
        return bool(part.text) and told.owed_reasoning.startswith(part.text)
    return False


def _pay(state: ChatState, part: TextPart | ReasoningPart) -> ChatState:
    told = state.connection
    if isinstance(part, TextPart):
        return _note(state, owed_text=told.owed_text.removeprefix(part.text))
    return _note(state, owed_reasoning=told.owed_reasoning.removeprefix(part.text))


def _merge(state: ChatState, part: Part) -> ChatState:
    if isinstance(part, ToolCallPart | ToolResultPart) and part.tool_call_id:
        is_new = find_tool(state.preview.blocks, part.tool_call_id) is None
        turn = tail(state.messages) if is_new else ()
        if isinstance(part, ToolResultPart) and part.tool_call_id in result_ids(turn):
            return state
        if isinstance(part, ToolCallPart) and part.tool_call_id in call_ids(turn):
            # v2.33 replays the whole turn: what came before this call is stored, too.
            return _without_preview(state)
    return _set(state, preview=fold_part(state.preview, part))


def _on_message(state: ChatState, message: Message) -> ChatState:
    if state.replacement is not None:
        return replace(state, replacement=upsert(state.replacement, message))
    told = state.connection
    is_new = not state.messages or message.id > state.messages[-1].id
    if not told.says_resets:
        if message.id <= told.after_id or message.id in told.delivered:
            # Only an edit makes the server send a message again. It does not say
            # which ones are gone, nor when the old run's parts have ended.
            state = _note(_without_preview(state), is_edited=True)
            state = _set(state, stale_history=True)
        state = _note(state, delivered=told.delivered | {message.id})
    is_user = message.role == "user"
    state = _note(state, after_user=is_user and is_new and told.frames > 0)
    if message.role == "assistant":
        state = _take_place(state, message, keep_others=told.is_fresh)
    else:
        state = _note(state, owed_text="", owed_reasoning="")
    if is_user and is_new:
        state = _note_promotion(_undoubted(state, told), message)
    state = _set(state, preview=without_results(state.preview, (message,)))
    return _set(state, messages=upsert(state.messages, message), retry=None)


def _take_place(state: ChatState, message: Message, *, keep_others: bool) -> ChatState:
    rest = settle(state.preview, message, keep_others=keep_others)
    state = _note(state, owed_text=rest.owed_text, owed_reasoning=rest.owed_reasoning)
    if keep_others and rest.is_guess:
        state = _note(state, doubted=state.preview)
    return _set(state, preview=rest.preview)


def _undoubted(state: ChatState, told: Connection) -> ChatState:
    """In a snapshot, what runs answers the newest prompt and nothing before it."""
    if not told.doubted:
        return state
    state = _note(state, doubted=NO_PREVIEW)
    if not told.is_fresh or told.status in SETTLED_STATUSES or state.preview:
        return state
    return _set(state, preview=told.doubted)


def _note_promotion(state: ChatState, message: Message) -> ChatState:
    pairs = promotions(state.queue, (message,))
    if not pairs:
        return state
    return replace(state, promoted=(state.promoted + pairs)[-_MAX_PROMOTED:])


def _without_preview(state: ChatState) -> ChatState:
    state = _note(state, owed_text="", owed_reasoning="")
    return _set(state, preview=NO_PREVIEW)


def _on_status(state: ChatState, status: str) -> ChatState:
    told = state.connection
    settled = status in SETTLED_STATUSES
    preview = state.preview
    if not settled and (preview.is_over or told.status in SETTLED_STATUSES):
        preview = NO_PREVIEW
    elif status == "waiting" and _is_answered(state):
        # What still stands there trailed its stored message.
        preview = NO_PREVIEW
    elif settled:
        preview = _over(preview)
    if told.is_fresh and told.status is not None:
        state = _note(state, is_fresh=False)
    state = _note(state, status=status)
    if status == "running":
        state = _note(state, is_edited=False, after_user=False)
    return _set(
        state,
        status=status,
        retry=None,
        preview=preview,
        error=state.error if status == "error" else None,
        actions=state.actions if status == "requires_action" else (),
    )


def _is_answered(state: ChatState) -> bool:
    last = state.messages[-1] if state.messages else None
    return last is not None and last.role == "assistant" and not call_ids((last,))


def _on_queue(state: ChatState, queue: tuple[QueuedMessage, ...]) -> ChatState:
    told = state.connection
    if told.after_user and not queue and not told.says_resets:
        # A plain send says nothing about the queue. Either its only entry was
        # promoted, or a message was edited, which empties it.
        ids = {queued_id for queued_id, _ in state.promoted}
        if not (len(state.queue) == 1 and state.queue[0].id in ids):
            state = _set(_without_preview(state), stale_history=True)
    state = _note(state, has_queue=True, after_user=False, is_fresh=False)
    return _set(state, queue=queue)


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
    return replace(state, unknown=tuple(counts.items()), stale_history=stale)


def _commit_replacement(
    state: ChatState, replacement: tuple[Message, ...]
) -> ChatState:
    known = {message.id: message for message in state.messages}
    last = state.messages[-1].id if state.messages else 0
    # A message that did not change stays the very same object.
    kept = ((known.get(m.id), m) for m in replacement)
    messages = tuple(old if old == new else new for old, new in kept)
    pairs = promotions(state.queue, (m for m in messages if m.id > last))
    return replace(
        state,
        messages=messages,
        promoted=(state.promoted + pairs)[-_MAX_PROMOTED:],
        replacement=None,
        has_older=False,
        stale_history=False,
    )


def _over(preview: Preview) -> Preview:
    return replace(preview, is_over=True) if preview.blocks else preview


def _set(state: ChatState, **changes: Any) -> ChatState:
    """`replace`, but the same object if nothing changes."""
    for name, value in changes.items():
        old = getattr(state, name)
        if old is not value and old != value:
            return replace(state, **changes)
    return state


def _note(state: ChatState, **changes: Any) -> ChatState:
    told: Connection = state.connection
    for name, value in changes.items():
        if getattr(told, name) != value:
            return replace(state, connection=replace(told, **changes))
    return state
