"""When what a stream told has to be looked up in what is stored."""

from __future__ import annotations

from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import is_busy, needs_chat, needs_page

__all__ = ["is_cut_short", "is_unsure"]


def is_unsure(before: ChatState, state: ChatState, *, is_first: bool) -> bool:
    """The stream left something open that only the stored chat can tell."""
    if needs_page(state) or needs_chat(state):
        return True
    if is_busy(before) and not is_busy(state):
        # The end of a turn: title and summary are made beside it.
        return True
    if _was_edited_unseen(before, state):
        return True
    # The snapshot leaves an empty queue out.
    return is_first and bool(state.queue) and not state.connection.has_queue


def _was_edited_unseen(before: ChatState, state: ChatState) -> bool:
    """A prompt of the snapshot may stand for others that an edit took away.

    Through v2.34 nothing tells of an edit between the fetch and the connection but
    the new prompt.
    """
    if not before.connection.is_fresh or state.connection.says_resets:
        return False
    known = before.messages[-1].id if before.messages else None
    return known is not None and any(
        message.role == "user" and message.id > known for message in state.messages
    )


def is_cut_short(before: ChatState, state: ChatState) -> bool:
    """The parts of an episode did not begin with the first one."""
    return before.connection.episode != state.connection.episode
