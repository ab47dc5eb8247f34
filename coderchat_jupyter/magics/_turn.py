"""When a turn has begun and when it is over: questions to a state."""

from __future__ import annotations

from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import (
    answer_text,
    is_busy,
    message_id_of,
    turn_from,
    turns,
)
from coderchat_jupyter.wire.messages import QueuedMessage

__all__ = [
    "first_turn",
    "is_over",
    "is_stored",
    "is_stuck",
    "left_queue",
    "said",
    "turn_of",
]


def said(state: ChatState, turn: int) -> str:
    """What the model said in a turn, its steps apart by an empty line."""
    found = turn_from(state, turn)
    return answer_text(found) if found is not None else ""


def first_turn(state: ChatState) -> int | None:
    """The first prompt there is."""
    return next((turn.prompt.id for turn in turns(state)), None)


def turn_of(state: ChatState, queued: QueuedMessage) -> int | None:
    """The message that a queued one became; it gets a new id when its turn comes."""
    turn = message_id_of(state, queued.id)
    return turn if turn is not None and turn_from(state, turn) else None


def left_queue(state: ChatState, queued: QueuedMessage) -> bool:
    """It waits no longer, and nothing runs that it could have become."""
    waits = any(waiting.id == queued.id for waiting in state.queue)
    return not waits and state.status is not None and not is_busy(state)


def is_stuck(state: ChatState, queued: QueuedMessage) -> bool:
    """It waits behind an answer that failed, and nothing goes on by itself."""
    return state.status == "error" and any(w.id == queued.id for w in state.queue)


def is_stored(state: ChatState, turn: int) -> bool:
    """A stored message answers the turn, and nothing of it is a preview only."""
    found = turn_from(state, turn)
    if found is None or found.preview.blocks:
        return False
    return any(message.role == "assistant" for message in found.answer)


def is_over(state: ChatState, turn: int) -> bool:
    """Nothing more can come in this turn, as far as the stream has told.

    False also where the stream alone cannot say: a chat that was stopped before it
    began looks like one that has not begun, and v2.34 may repeat an old status.
    """
    found = turn_from(state, turn)
    if found is None:
        return False
    if turns(state)[-1].prompt.id != turn:
        return True
    if found.status == "running" or state.status is None:
        return False
    if state.connection.after_user:
        return False
    is_answered = any(message.role == "assistant" for message in found.answer)
    return is_answered or found.error is not None
