"""Fold what was fetched or answered, not streamed, into the state of one chat.

REST owns the messages. Of status and queue the stream knows better, as soon as it has
said anything about them.
"""

from __future__ import annotations

from dataclasses import replace

from coderchat_jupyter.state.chat_state import ChatState, Connection
from coderchat_jupyter.state.history import (
    merge_page,
    promotions,
    settle,
    upsert,
    without_results,
)
from coderchat_jupyter.state.preview import NO_PREVIEW
from coderchat_jupyter.wire.chats import SETTLED_STATUSES, Chat
from coderchat_jupyter.wire.messages import MessagesPage, SentMessage

__all__ = ["reconnected", "with_chat", "with_page", "with_sent"]


def reconnected(state: ChatState, *, after_id: int = 0) -> ChatState:
    """A new connection is open: forget what only the old one could vouch for.

    The server replays the parts of the running step, so its preview goes. What a
    failed run had written stays: nobody will say it again.

    Args:
        state: The state so far.
        after_id: What the connection was opened with.
    """
    return replace(
        state,
        connection=Connection(after_id=after_id),
        preview=state.preview if state.preview.is_over else NO_PREVIEW,
        error=None,
        retry=None,
        replacement=None,
        lost_parts=False,
    )


def with_chat(state: ChatState, chat: Chat) -> ChatState:
    """Take over a chat that was fetched."""
    told = state.connection.status
    status = chat.status if told is None else state.status
    if status != "error":
        error = None
    elif told is None or state.error is None:
        # The stream does not repeat the error to those who join later.
        error = chat.last_error
    else:
        error = state.error
    unchanged = state.chat == chat and state.status == status and state.error == error
    if unchanged and state.chat_id == chat.id:
        return state
    return replace(state, chat_id=chat.id, chat=chat, status=status, error=error)


def with_page(
    state: ChatState, page: MessagesPage, *, before_id: int | None = None
) -> ChatState:
    """Take over a page of messages that was fetched.

    Args:
        state: The state so far.
        page: What was fetched.
        before_id: As it was asked for; None for the newest page.
    """
    messages = merge_page(state.messages, page, before_id=before_id)
    last = state.messages[-1].id if state.messages else 0
    arrived = tuple(m for m in messages if m.id > last)
    preview = state.preview
    prompt = max((m.id for m in arrived if m.role == "user"), default=0)
    for message in arrived:
        if message.role != "assistant":
            continue
        rest = settle(preview, message, keep_others=True)
        # What runs answers the newest prompt; two answers may begin alike.
        runs_later = message.id < prompt and state.status not in SETTLED_STATUSES
        if not (rest.is_guess and runs_later):
            preview = rest.preview
    preview = without_results(preview, arrived)
    if arrived and preview.is_over:
        preview = NO_PREVIEW
    oldest = min((m.id for m in page.messages), default=0)
    reaches_back = not messages or messages[0].id == oldest
    changes = replace(
        state,
        messages=messages,
        preview=preview,
        has_older=page.has_more if reaches_back else state.has_older,
        promoted=state.promoted + promotions(state.queue, arrived),
    )
    if before_id is None:
        queue = state.queue if state.connection.has_queue else page.queued_messages
        changes = replace(changes, queue=queue, stale_history=False)
    return state if changes == state else changes


def with_sent(state: ChatState, sent: SentMessage) -> ChatState:
    """Take over the answer to a send, which races with the stream's own event.

    A queued message is left to the stream: it may be promoted already.
    """
    message = sent.message
    if message is None or any(m.id == message.id for m in state.messages):
        return state
    status = state.status
    if status is None or status in SETTLED_STATUSES:
        # The server has begun; without this the turn would look finished.
        status = "pending"
    return replace(
        state,
        messages=upsert(state.messages, message),
        status=status,
        error=None,
        preview=NO_PREVIEW if state.preview.is_over else state.preview,
    )
