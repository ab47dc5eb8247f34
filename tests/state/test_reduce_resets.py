"""Edits, resets, episodes and replays: what a new beginning leaves standing."""

from __future__ import annotations

import pytest

from coderchat_jupyter.state.chat_state import EMPTY
from coderchat_jupyter.state.refresh import reconnected
from tests.state.build import (
    after,
    batch,
    ids,
    live,
    message,
    part,
    queue,
    queued,
    retry,
    sign,
    status,
    tool_call,
    tool_result,
    written,
)


def test_a_preview_reset_drops_the_preview_alone() -> None:
    """A new attempt of a newer server."""
    state = live(message(1), part("Half"), sign("preview_reset"))

    assert not state.preview
    assert ids(state) == [1]


def test_a_history_reset_takes_effect_when_it_is_whole() -> None:
    """In between, a reader sees the old messages, not half of the new ones."""
    state = live(message(1), message(2, "assistant", "a"), message(3))

    state = after(state, sign("history_reset"), message(1), message(4, "user", "new"))
    assert ids(state) == [1, 2, 3]

    assert ids(after(state, status("running"))) == [1, 4]


@pytest.mark.parametrize(
    "event", [part("x"), queue(), sign("preview_reset"), sign("of-tomorrow"), retry()]
)
def test_any_other_event_completes_a_history_reset(event: dict[str, object]) -> None:
    """The server sends the messages in one run, over any number of frames."""
    state = live(message(1), message(2), sign("history_reset"), message(1))

    assert ids(after(state, event)) == [1]


def test_a_second_history_reset_starts_over() -> None:
    """The first was overtaken by another edit."""
    state = live(message(1), sign("history_reset"), message(1), message(2))

    state = after(state, sign("history_reset"), message(3), status("running"))

    assert ids(state) == [3]


def test_a_history_reset_that_is_cut_off_is_forgotten() -> None:
    """The next connection sends it again."""
    state = live(message(1), message(2), sign("history_reset"), message(1))

    assert ids(after(reconnected(state), status("running"))) == [1, 2]


def test_an_edit_is_noticed_by_a_message_that_comes_again() -> None:
    """v2.34 does not say which messages are gone."""
    state = live(message(1), message(2, "assistant", "a"), message(3))

    assert not state.stale_history
    assert after(state, message(1)).stale_history


def test_an_edit_is_noticed_by_a_message_known_before_the_connection() -> None:
    """The server sends all that remain, whatever the connection asked for."""
    state = after(reconnected(EMPTY, after_id=3), status("waiting"), message(1))

    assert state.stale_history


def test_an_edit_of_the_first_message_is_noticed_by_its_queue() -> None:
    """Nothing known is sent again; a plain send says nothing about the queue."""
    state = live(message(1), message(2, "assistant", "a"), message(3), queue())

    assert state.stale_history


def test_a_promotion_is_no_edit() -> None:
    """It also is a user message and an empty queue."""
    state = live(queue(queued(7, "a")), message(2, "user", "a"), queue())

    assert not state.stale_history


def test_parts_of_the_run_that_an_edit_ended_are_not_shown() -> None:
    """One may trail it, and would begin the new answer."""
    state = live(message(1), message(2, "assistant", "a"), message(3), part("old"))

    state = after(state, message(1), message(4), part("late"), status("pending"))
    state = after(state, status("running"), part("new"))

    assert written(state) == "new"


def test_a_part_of_an_older_episode_is_not_shown() -> None:
    """Newer servers number them, so that nobody has to guess."""
    state = live(
        part("a", history_version=4, generation_attempt=2, seq=1),
        part("old", history_version=4, generation_attempt=1, seq=9),
        part("b", history_version=4, generation_attempt=2, seq=2),
    )

    assert written(state) == "ab"
    assert not state.lost_parts


def test_a_part_that_comes_again_is_shown_once() -> None:
    """Its number says so."""
    first = part("a", history_version=1, generation_attempt=1, seq=1)

    assert written(live(first, first)) == "a"


def test_a_gap_between_parts_is_noticed() -> None:
    """A new connection replays all of them."""
    state = live(
        part("a", history_version=1, generation_attempt=1, seq=1),
        part("c", history_version=1, generation_attempt=1, seq=3),
    )

    assert state.lost_parts
    assert not reconnected(state).lost_parts


def test_a_replayed_step_that_is_stored_is_not_shown() -> None:
    """v2.33 replays the whole turn; only what follows the stored call is new."""
    call = {"type": "tool-call", "tool_call_id": "c1", "tool_name": "look", "args": {}}
    state = live(message(1), message(2, "assistant", "Let me look", call))

    state = after(
        reconnected(state, after_id=2),
        batch(status("running"), part("Let me look"), tool_call(args={}), part("Sun")),
    )

    assert written(state) == "Sun"


def test_a_snapshot_puts_parts_before_the_messages_they_follow() -> None:
    """A step was stored while we were away; the parts are of the next one."""
    call = {"type": "tool-call", "tool_call_id": "c1", "tool_name": "look", "args": {}}
    state = after(
        reconnected(EMPTY, after_id=1),
        batch(
            status("running"),
            part("It is sunny"),
            message(2, "assistant", "Let me look", call),
            message(3, "tool"),
        ),
    )

    assert written(state) == "It is sunny"


def test_a_stored_result_is_not_shown_again() -> None:
    """v2.33 replays it."""
    call = {"type": "tool-call", "tool_call_id": "c1", "tool_name": "look", "args": {}}
    result = {"type": "tool-result", "tool_call_id": "c1", "result": 3}
    state = live(message(1), message(2, "assistant", call), message(3, "tool", result))

    assert not after(state, tool_result(result=3)).preview


def test_a_step_that_was_stored_whole_leaves_nothing() -> None:
    """Its call is the last thing in the preview of a new connection."""
    call = {"type": "tool-call", "tool_call_id": "c1", "tool_name": "look", "args": {}}
    state = after(
        reconnected(EMPTY, after_id=1),
        batch(
            status("running"),
            part("Look"),
            tool_call(args={}),
            message(2, "assistant", "Look", call),
        ),
    )

    assert not state.preview


@pytest.mark.parametrize("cut", [2, 3, 4])
def test_a_running_answer_may_begin_like_the_one_before_it(cut: int) -> None:
    """A snapshot tells parts before messages; the newest prompt is what runs."""
    snapshot = [
        status("running"),
        part("The "),
        message(2, "assistant", "The end."),
        message(3, "user", "Again"),
    ]
    state = after(reconnected(after(EMPTY, message(1, "user", "Hi")), after_id=1))

    state = after(state, batch(*snapshot[:cut]), batch(*snapshot[cut:]))
    state = after(state, part("start."))

    assert written(state) == "The start."


def test_what_a_finished_turn_previewed_stays_away_after_its_message() -> None:
    """v2.33 tells the parts of a finished turn to whoever joins later."""
    state = after(
        reconnected(EMPTY),
        batch(
            status("waiting"),
            message(1, "user", "Hi"),
            message(2, "assistant", "The end."),
        ),
        part("The "),
    )

    assert written(state) == ""
