"""What a stored message makes of a state, and a whole new history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from coderchat_jupyter.state._change import changed, noted, without_preview
from coderchat_jupyter.state._copy import copied
from coderchat_jupyter.state._echo import NO_ECHO, Echo
from coderchat_jupyter.state._settle import settle, without_results
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.history import promotions, upsert
from coderchat_jupyter.state.preview import NO_PREVIEW, Preview
from coderchat_jupyter.wire.chats import SETTLED_STATUSES
from coderchat_jupyter.wire.messages import Message, QueuedMessage

__all__ = [
    "commit_replacement",
    "gone_from_queue",
    "on_history_reset",
    "on_message",
    "take_place",
]

_MAX_PROMOTED: Final = 64


def on_message(state: ChatState, message: Message) -> ChatState:
    """Put a message in."""
    if state.replacement is not None:
        return replace(state, replacement=upsert(state.replacement, message))
    told = state.connection
    messages = upsert(state.messages, message)
    is_new, is_user = messages[-1] is message, message.role == "user"
    notes: dict[str, Any] = {
        "newest": max(told.newest, message.id),
        "after_user": is_user and is_new,
    }
    if not told.says_resets:
        notes["delivered"] = told.delivered.plus(message.id)
        if message.id <= told.after_id or message.id in told.delivered:
            # Only an edit makes the server send a message again. It does not say
            # which ones are gone, nor when the old run's parts have ended.
            state = changed(without_preview(state), stale_history=True)
            notes["is_edited"] = True
    is_known = messages is state.messages
    told_now = copied(state.connection, **notes)
    state = copied(state, connection=told_now, messages=messages, retry=None)
    if message.role == "assistant" and not is_known:
        state = take_place(state, message, keep_others=told.is_fresh)
    elif is_user and is_new:
        state = _begin_turn(_note_promotion(state, message))
    left = without_results(state.preview, (message,))
    return state if left is state.preview else copied(state, preview=left)


def take_place(state: ChatState, message: Message, *, keep_others: bool) -> ChatState:
    """Let an assistant message take the place of its preview."""
    echo = state.connection.echo
    if echo is NO_ECHO and not state.preview:
        return state
    # A message that is new ends what the last connection had seen of its step.
    shown = echo.told if echo else state.preview
    rest = settle(shown, message, keep_others=keep_others)
    left = NO_ECHO
    if rest.owed or rest.is_guess:
        told = shown if rest.is_guess else NO_PREVIEW
        is_sure = not rest.is_guess
        left = Echo(owed=(rest.owed,), told=told, is_rest=True, is_sure=is_sure)
    return copied(noted(state, echo=left), preview=rest.preview)


def on_history_reset(state: ChatState) -> ChatState:
    """All messages are going to be told again; those that are missing are gone."""
    told = state.connection
    if not (told.is_fresh and told.echo.is_held):
        state = without_preview(state)
    state = noted(state, says_resets=True, resets=told.resets + 1)
    return replace(state, replacement=())


def commit_replacement(state: ChatState, replacement: tuple[Message, ...]) -> ChatState:
    """The new history is whole: show it."""
    known = {message.id: message for message in state.messages}
    last = state.messages[-1].id if state.messages else 0
    # A message that did not change stays the very same object.
    kept = ((known.get(m.id), m) for m in replacement)
    messages = tuple(old if old == new else new for old, new in kept)
    if messages != state.messages:
        state = without_preview(state)
    pairs = promotions(state.queue, (m for m in messages if m.id > last))
    newest = messages[-1].id if messages else 0
    return replace(
        noted(state, newest=newest),
        messages=messages,
        promoted=(state.promoted + pairs)[-_MAX_PROMOTED:],
        replacement=None,
        has_older=False,
        stale_history=False,
    )


def _begin_turn(state: ChatState) -> ChatState:
    """A new prompt is there: what runs answers it, and nothing before it."""
    told = state.connection
    is_running = told.is_fresh and told.status not in (*SETTLED_STATUSES, "pending")
    if told.echo:
        shown = told.echo.told if is_running else NO_PREVIEW
        return changed(noted(state, echo=NO_ECHO), preview=shown)
    # What a run left that ended otherwise is going to be stored.
    return _without_failed(state)


def _without_failed(state: ChatState) -> ChatState:
    preview: Preview = state.preview
    return changed(state, preview=NO_PREVIEW) if preview.is_failed else state


def gone_from_queue(
    state: ChatState, queue: tuple[QueuedMessage, ...]
) -> tuple[QueuedMessage, ...]:
    """What is in the queue no longer, and has become no message yet.

    A promotion of an idle chat is told in this order: first that it left the queue,
    then the message that it became.
    """
    left = (*state.connection.unqueued, *state.queue)
    if not left:
        return ()
    known = {queued.id for queued in queue}
    known |= {queued_id for queued_id, _ in state.promoted}
    waiting = tuple(queued for queued in left if queued.id not in known)
    return waiting[-_MAX_PROMOTED:]


def _note_promotion(state: ChatState, message: Message) -> ChatState:
    left, waiting = state.connection.unqueued, state.queue
    # At rest, who promotes takes it out of the queue first. The last that left is
    # meant: one that was deleted left, too.
    gone = left[::-1]
    is_resting = state.status in SETTLED_STATUSES
    candidates = (*gone, *waiting) if is_resting else (*waiting, *gone)
    pairs = promotions(candidates, (message,))
    if not pairs:
        return state
    matched = {queued_id for queued_id, _ in pairs}
    rest = tuple(queued for queued in left if queued.id not in matched)
    promoted = (state.promoted + pairs)[-_MAX_PROMOTED:]
    return replace(noted(state, unqueued=rest), promoted=promoted)
