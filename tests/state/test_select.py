"""What views ask of a state."""

from __future__ import annotations

from typing import Any

import pytest

from coderchat_jupyter.state.chat_state import EMPTY
from coderchat_jupyter.state.select import (
    answer_text,
    is_answered,
    is_busy,
    is_idle,
    latest_answer,
    message_text,
    needs_chat,
    needs_page,
    turn_from,
    turns,
    usage_of,
)
from tests.state.build import error, live, message, message_value, part, queue, queued
from tests.state.build import status as status_event

CALL = {"type": "tool-call", "tool_call_id": "c1", "tool_name": "look", "args": {}}
RESULT = {"type": "tool-result", "tool_call_id": "c1", "result": 1}
CONTEXT = {"type": "context-file", "context_file_path": "AGENTS.md"}


def with_usage(event: dict[str, Any], **usage: int) -> dict[str, Any]:
    return event | {"message": event["message"] | {"usage": usage}}


@pytest.mark.parametrize(
    ("status", "is_at_work"),
    [
        ("waiting", False),
        ("error", False),
        ("pending", True),
        ("running", True),
        ("requires_action", True),
        ("interrupting", True),
        ("of-tomorrow", True),
    ],
)
def test_a_status_of_a_newer_server_is_taken_as_busy(
    status: str, is_at_work: bool
) -> None:
    """Waiting for too long is better than taking half an answer for the whole."""
    state = live(message(1), snapshot=status)

    assert is_busy(state) is is_at_work
    assert is_idle(state) is not is_at_work


def test_a_chat_that_nobody_has_described_is_neither_busy_nor_idle() -> None:
    """It is not known yet."""
    assert not is_busy(EMPTY)
    assert not is_idle(EMPTY)


def test_a_queue_keeps_a_chat_from_being_idle_unless_it_is_stuck() -> None:
    """Behind an error it waits for its owner, and so would we, for ever."""
    assert not is_idle(live(queue(queued(1)), snapshot="waiting"))
    assert is_idle(live(queue(queued(1)), snapshot="error"))


def test_a_turn_reaches_from_one_prompt_to_the_next() -> None:
    """Context that the workspace adds has the role of a user and is none."""
    state = live(
        message(1, "user", CONTEXT),
        message(2, "user", "One"),
        message(3, "assistant", "1"),
        message(4, "user", "Two"),
        message(5, "assistant", CALL),
        message(6, "tool", RESULT),
        part("2"),
    )

    first, second = turns(state)

    assert [m.id for m in (first.prompt, *first.answer)] == [2, 3]
    assert (first.status, first.preview.blocks) == ("done", ())
    assert [m.id for m in (second.prompt, *second.answer)] == [4, 5, 6]
    assert second.status == "running"
    assert answer_text(second) == "2"
    assert turn_from(state, 4) == second
    assert turn_from(state, 2) == first
    assert turn_from(state, 1) is None
    assert turn_from(state, 99) is None


def test_only_the_last_turn_fails() -> None:
    """The ones before it have been answered."""
    state = live(
        message(1, "user", "One"),
        message(2, "assistant", "1"),
        message(3, "user", "Two"),
        part("half"),
        error("It broke."),
        status_event("error"),
    )

    first, second = turns(state)

    assert (first.status, first.error) == ("done", None)
    assert second.status == "failed"
    assert second.error is not None
    assert answer_text(second) == "half"


def test_the_tokens_of_a_turn_are_those_of_all_its_steps() -> None:
    """What the provider did not count stays unknown."""
    state = live(
        message(1, "user", "One"),
        with_usage(
            message(2, "assistant", CALL),
            input_tokens=10,
            output_tokens=1,
            context_limit=100,
        ),
        message(3, "tool", RESULT),
        with_usage(message(4, "assistant", "1"), input_tokens=20, context_limit=200),
    )

    usage = usage_of(turns(state)[0])

    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens) == (30, 1)
    assert usage.reasoning_tokens is None
    assert usage.context_limit == 200
    assert usage_of(turns(live(message(1)))[0]) is None


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (message(2, "assistant", "1"), True),
        (message(2, "assistant", CALL), False),
        (message(2, "tool", RESULT), False),
        (message(2, "user", "Two"), False),
    ],
)
def test_a_turn_is_answered_by_words_not_by_a_call(
    last: dict[str, Any], expected: bool
) -> None:
    """A call wants a result, and then another message."""
    assert is_answered(live(message(1, "user", "One"), last)) is expected


def test_a_message_in_pieces_reads_as_one() -> None:
    """v2.36 stores an interrupted answer delta by delta."""
    assert message_text(message_value(1, "assistant", "a", "b ", "c")) == "ab c"


def test_what_has_to_be_fetched_is_told() -> None:
    """The stream leaves two things open."""
    failed = live(message(1), snapshot="error")
    edited = live(message(1), message(2), message(1))

    assert needs_chat(failed)
    assert not needs_chat(edited)
    assert needs_page(edited)
    assert not needs_page(failed)
    assert latest_answer(EMPTY) == ""
