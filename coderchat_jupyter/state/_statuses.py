"""Fold runs of statuses at once.

A stream tells most of them twice, one behind the other. Between turns nothing hangs
on them but what the chat is doing, so the state is copied once for a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from coderchat_jupyter.state._copy import copied
from coderchat_jupyter.state._echo import NO_ECHO
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.history import has_hole
from coderchat_jupyter.state.preview import NO_PREVIEW
from coderchat_jupyter.wire.events import Event, StatusEvent

__all__ = ["on_statuses"]


def on_statuses(
    state: ChatState, batch: Sequence[Event], start: int
) -> tuple[ChatState, int]:
    """Fold a run of statuses that end and begin nothing in view.

    Args:
        state: The state so far.
        batch: The frame.
        start: Where in it to begin.

    Returns:
        The state, and the place of the first event that is not folded in.
    """
    if not _is_bare(state):
        return state, start
    chat_id, place = state.chat_id, start
    before = status = state.connection.status
    has_ended = False
    for event in islice(batch, start, None):
        if type(event) is not StatusEvent or event.chat_id != chat_id:
            break
        now = event.status.status
        if now == "waiting" and status != "waiting":
            has_ended = True
        status = now
        place += 1
    # v2.33 never tells the results that this side posted.
    stale = state.stale_history or (has_ended and has_hole(state.messages))
    if status == before == state.status and stale == state.stale_history:
        return state, place
    told = state.connection
    if status != before:
        told = copied(told, status=status)
    state = copied(state, status=status, stale_history=stale, connection=told)
    return state, place


def _is_bare(state: ChatState) -> bool:
    """There is nothing that a status could end, and no snapshot to look out for."""
    told = state.connection
    return (
        told.status is not None
        and state.preview is NO_PREVIEW
        and told.echo is NO_ECHO
        and not told.is_fresh
        and not told.is_edited
        and not told.after_user
        and not told.unqueued
        and not state.actions
        and state.retry is None
        and state.error is None
        and state.replacement is None
    )
