"""Fold what was fetched or answered, not streamed, into the state of one chat.

REST owns the messages. Of status and queue the stream knows better, as soon as it has
said anything about them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from coderchat_jupyter.state._change import noted
from coderchat_jupyter.state._echo import NO_ECHO, Echo, Owed
from coderchat_jupyter.state._messages import take_place
from coderchat_jupyter.state._settle import shown_text, stored_text, without_results
from coderchat_jupyter.state.chat_state import ChatState, Connection
from coderchat_jupyter.state.history import (
    is_answered,
    merge_page,
    promotions,
    tail,
    upsert,
)
from coderchat_jupyter.state.preview import (
    NO_PREVIEW,
    Preview,
    ReasoningBlock,
    TextBlock,
)
from coderchat_jupyter.wire.chats import SETTLED_STATUSES, Chat
from coderchat_jupyter.wire.messages import Message, MessagesPage, SentMessage
from coderchat_jupyter.wire.parts import ReasoningPart, TextPart

__all__ = ["reconnected", "with_chat", "with_page", "with_sent"]

# A tool's results may come late: among so many messages the newest one is found.
_RECENT: Final = 50


def reconnected(state: ChatState, *, after_id: int = 0) -> ChatState:
    """A new connection is open: forget what only the old one could vouch for.

    The server tells the parts of the running step again. Until they have come as far
    as the preview in view, that one stays.

    Args:
        state: The state so far.
        after_id: What the connection was opened with.
    """
    preview = NO_PREVIEW if _is_void(state) else state.preview
    return replace(
        state,
        connection=Connection(
            after_id=after_id, newest=after_id, echo=_replay_of(state, preview)
        ),
        preview=preview,
        error=None,
        retry=None,
        replacement=None,
        lost_parts=False,
    )


def _is_void(state: ChatState) -> bool:
    """What the last connection had previewed is stored, or was edited away."""
    known = state.connection.newest
    if any(m.role != "tool" and m.id > known for m in state.messages):
        return True
    return bool(known) and all(m.id != known for m in state.messages[-_RECENT:])


def _replay_of(state: ChatState, preview: Preview) -> Echo:
    """What the new connection may tell again: the step in view, v2.33 the turn."""
    stored = [m for m in tail(state.messages) if m.role == "assistant"]
    text = "".join(stored_text(m, TextPart) for m in stored)
    reasoning = "".join(stored_text(m, ReasoningPart) for m in stored)
    shown = Owed(
        shown_text(preview.blocks, TextBlock),
        shown_text(preview.blocks, ReasoningBlock),
    )
    turn = Owed(text + shown.text, reasoning + shown.reasoning)
    owed = (turn, shown) if preview and turn != shown else (turn,)
    if not preview and not turn:
        return NO_ECHO
    return Echo(
        owed=tuple(o for o in owed if o or preview),
        is_held=bool(preview),
        episode=state.connection.episode,
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
    settled = _settled(state, arrived)
    preview = without_results(settled.preview, arrived)
    is_late = state.connection.status == "waiting" and is_answered(messages)
    if preview.is_over and (arrived or is_late):
        preview = NO_PREVIEW
    oldest = min((m.id for m in page.messages), default=0)
    reaches_back = not messages or messages[0].id == oldest
    changes = replace(
        settled,
        messages=messages,
        preview=preview,
        has_older=page.has_more if reaches_back else state.has_older,
        promoted=state.promoted + promotions(state.queue, arrived),
    )
    if before_id is None:
        queue = state.queue if state.connection.has_queue else page.queued_messages
        changes = replace(changes, queue=queue, stale_history=False)
    return state if changes == state else changes


def _settled(state: ChatState, arrived: tuple[Message, ...]) -> ChatState:
    """Let messages that were fetched take the place of their previews."""
    prompt = max((m.id for m in arrived if m.role == "user"), default=0)
    told, is_running = state.connection, state.status not in SETTLED_STATUSES
    for message in arrived:
        if message.role != "assistant":
            continue
        settled = take_place(state, message, keep_others=True)
        # What runs answers the newest prompt; two answers may begin alike.
        is_guess = told.is_fresh and bool(settled.connection.echo.told)
        if not (is_guess and is_running and message.id < prompt):
            state = settled
    return state


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
        # It is a hope: until the stream speaks again, what is fetched counts.
        state = noted(state, status=None, is_fresh=False)
    return replace(
        state,
        messages=upsert(state.messages, message),
        status=status,
        error=None,
        preview=NO_PREVIEW if state.preview.is_over else state.preview,
    )
