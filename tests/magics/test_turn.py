"""When a turn has begun and when it is over, asked of states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from coderchat_jupyter.magics._turn import (
    is_over,
    is_stored,
    left_queue,
    said,
    turn_of,
)
from coderchat_jupyter.state.chat_state import ChatState, Connection
from coderchat_jupyter.state.preview import Preview, TextBlock
from coderchat_jupyter.state.text import TextBuffer
from coderchat_jupyter.wire.failures import ChatError
from coderchat_jupyter.wire.messages import Message, QueuedMessage

_AT = "2026-11-21T14:02:00Z"


def message(number: int, role: str, said: str = "x") -> Message:
    part = {"type": "text", "text": said}
    return Message.model_validate(
        {"id": number, "chat_id": "c", "role": role, "created_at": _AT}
        | {"content": [part]}
    )


def queued(number: int, said: str = "x") -> QueuedMessage:
    part = {"type": "text", "text": said}
    return QueuedMessage.model_validate(
        {"id": number, "chat_id": "c", "created_at": _AT, "content": [part]}
    )


def chat(*messages: Message, status: str = "waiting", **more: Any) -> ChatState:
    return ChatState(messages=messages, status=status, **more)


USER, ANSWER = message(4, "user"), message(5, "assistant", "said")
PREVIEW = Preview(blocks=(TextBlock(text=TextBuffer("half")),))


@pytest.mark.parametrize(
    ("state", "over"),
    [
        (chat(), False),
        (chat(USER), False),
        (chat(USER, status="error"), False),
        (chat(USER, status="running"), False),
        (chat(USER, ANSWER, status="running"), False),
        (chat(USER, ANSWER, status="a newer word"), False),
        (chat(USER, ANSWER), True),
        (chat(USER, ANSWER, status="error"), True),
        (chat(USER, ANSWER, connection=Connection(after_user=True)), False),
        (chat(USER, status="error", error=ChatError(message="x")), True),
        (chat(USER, message(9, "user"), status="running"), True),
    ],
)
def test_a_turn_is_over_when_nothing_more_can_come(
    state: ChatState, over: bool
) -> None:
    """A status left from the turn before says nothing about this one."""
    assert is_over(state, 4) is over


def test_an_answer_that_is_only_previewed_is_not_stored() -> None:
    """v2.34 may say `waiting` before it sends the last message."""
    assert is_stored(chat(USER, ANSWER), 4)
    assert not is_stored(chat(USER, ANSWER, preview=PREVIEW), 4)
    assert not is_stored(chat(message(3, "assistant"), USER), 4)


def test_the_text_is_that_of_all_steps_and_of_what_is_being_written() -> None:
    """The prompt and the turns around it are no part of it."""
    state = chat(message(3, "assistant"), USER, ANSWER, preview=PREVIEW)

    assert said(state, 4) == "said\n\nhalf"
    assert said(replace(state, messages=()), 4) == ""


def test_a_queued_prompt_is_found_again_under_its_new_id() -> None:
    """Once the message itself is there, and not before."""
    waiting = queued(1, "same")
    new = message(9, "user", "same")

    assert turn_of(chat(queue=(waiting,)), waiting) is None
    assert turn_of(chat(promoted=((1, 9),)), waiting) is None
    assert turn_of(chat(new, promoted=((1, 9),)), waiting) == 9


def test_a_prompt_that_left_the_queue_for_good_is_noticed() -> None:
    """Somebody took it out on another page."""
    assert left_queue(chat(), queued(1))
    assert not left_queue(chat(status="running"), queued(1))
    assert not left_queue(chat(queue=(queued(1),)), queued(1))
