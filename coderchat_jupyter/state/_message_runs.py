"""Fold runs of stored messages at once.

A connection begins with up to hundreds of them in a frame. Where nothing is in view
that they could take the place of, the history is copied once for a run. What tools
answered takes the place of nothing else than their results.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from coderchat_jupyter.state._copy import copied
from coderchat_jupyter.state._echo import NO_ECHO
from coderchat_jupyter.state._settle import without_results
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.preview import NO_PREVIEW
from coderchat_jupyter.wire.events import Event, MessageEvent
from coderchat_jupyter.wire.messages import Message

__all__ = ["on_messages"]


def on_messages(
    state: ChatState, batch: Sequence[Event], start: int
) -> tuple[ChatState, int]:
    """Fold a run of new messages that follow all others.

    Args:
        state: The state so far.
        batch: The frame.
        start: Where in it to begin.

    Returns:
        The state, and the place of the first event that is not folded in.
    """
    if state.replacement is not None:
        return state, start
    is_bare = _is_bare(state)
    told, chat_id = state.connection, state.chat_id
    last = max(told.after_id, state.messages[-1].id if state.messages else 0)
    delivered = told.delivered
    run: list[Message] = []
    for event in islice(batch, start, None):
        if type(event) is not MessageEvent or event.chat_id != chat_id:
            break
        message = event.message
        if message.id <= last or message.id in told.delivered:
            break
        if not is_bare and message.role != "tool":
            break
        if not told.says_resets:
            delivered = delivered.plus(message.id)
        run.append(message)
        last = message.id
    if not run:
        return state, start
    told = copied(
        told,
        newest=max(told.newest, last),
        after_user=run[-1].role == "user",
        delivered=delivered,
    )
    state = copied(
        state,
        connection=told,
        messages=state.messages + tuple(run),
        preview=without_results(state.preview, run),
        retry=None,
    )
    return state, start + len(run)


def _is_bare(state: ChatState) -> bool:
    """Nothing is in view, or in the queue, that a message could be."""
    told = state.connection
    return (
        state.preview is NO_PREVIEW
        and told.echo is NO_ECHO
        and not state.queue
        and not told.unqueued
    )
