"""Statuses that come together say as much as the same ones apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.state.chat_state import ChatState
from tests.state.build import after, batch, live, message, queue, queued, status
from tests.state.build import part as streamed

STATES = {
    "at rest": live(status("waiting"), status("waiting")),
    "with a call that has no result": live(
        message(
            3,
            "assistant",
            {"type": "tool-call", "tool_call_id": "c1", "tool_name": "look"},
        )
    ),
    "with text in view": live(streamed("Hello")),
    "after the queue was emptied": live(queue(queued(1, "more")), queue()),
}


def apart(state: ChatState, words: list[str]) -> ChatState:
    for word in words:
        state = after(state, batch(status(word)))
    return state


@given(
    st.sampled_from(sorted(STATES)),
    st.lists(st.sampled_from(["waiting", "running", "error", "pending"]), max_size=6),
)
def test_a_run_of_statuses_is_all_of_them_one_by_one(
    name: str, words: list[str]
) -> None:
    state = STATES[name]

    together = after(state, batch(*map(status, words)))

    assert together == apart(state, words)


def test_an_end_amid_a_run_is_not_passed_over() -> None:
    """v2.33 never tells the results that this side posted: they are fetched."""
    state = STATES["with a call that has no result"]

    told = after(state, batch(*map(status, ("running", "waiting", "running"))))

    assert told.stale_history
    assert told.status == "running"
