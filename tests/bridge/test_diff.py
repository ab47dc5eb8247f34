"""Snapshot and patches together are the projection, whatever happened between."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coderchat_jupyter.bridge.diff import TextAppended, diff
from coderchat_jupyter.bridge.project import Projector, Scene
from coderchat_jupyter.bridge.view import ChatView
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import reconnected
from coderchat_jupyter.wire.parts import (
    ReasoningPart,
    SourcePart,
    ToolCallPart,
    ToolResultPart,
)
from tests.bridge.made import CHAT, delta, message, state, status
from tests.bridge.pages import applied
from tests.bridge.patch_fixture import TARGET, steps
from tests.state.flows import NAMES, RELEASES, flow

WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
CALLS = st.sampled_from(["a", "b"])
PARTS = st.one_of(
    WORDS,
    WORDS.map(lambda text: ReasoningPart(text=text)),
    CALLS.map(lambda c: ToolCallPart(tool_call_id=c, tool_name="t", args_delta='{"')),
    CALLS.map(lambda c: ToolCallPart(tool_call_id=c, tool_name="t", args={"x": 1})),
    st.builds(
        lambda c, text, bad: ToolResultPart(tool_call_id=c, result=text, is_error=bad),
        CALLS,
        WORDS,
        st.booleans(),
    ),
    WORDS.map(lambda text: SourcePart(url=f"https://{text}", title=text)),
)
EVENTS = st.one_of(
    PARTS.map(delta),
    st.sampled_from(["pending", "running", "waiting", "error"]).map(status),
    st.builds(
        message,
        st.integers(1, 9),
        st.sampled_from(["user", "assistant", "tool", "system"]),
        PARTS,
        PARTS,
    ),
)


def views(states: list[ChatState], **scene: Any) -> list[ChatView]:
    """One view after another, as one widget makes them."""
    project = Projector()
    return [project(Scene(state=known, **scene)) for known in states]


def check(shown: list[ChatView]) -> None:
    """A page that saw the first view and every patch sees each view."""
    page = shown[0].dump()
    for before, after in itertools.pairwise(shown):
        page = applied(page, [patch.dump() for patch in diff(before, after)])
        assert page == after.dump()


@given(events=st.lists(EVENTS, max_size=20), turn=st.sampled_from([None, 1, 4]))
@settings(deadline=None)
def test_patches_lead_from_each_view_to_the_next(
    events: list[Any], turn: int | None
) -> None:
    """Whatever a server says in whatever order."""
    states = [ChatState(chat_id=CHAT)]
    for event in events:
        states.append(state(event, start=states[-1]))

    check(views(states, mode="chat" if turn is None else "turn", turn=turn))


@given(
    events=st.lists(EVENTS, max_size=20),
    cuts=st.sets(st.integers(0, 20), max_size=6),
)
@settings(deadline=None)
def test_a_widget_may_skip_any_states(events: list[Any], cuts: set[int]) -> None:
    """Views are made when the pace allows, not after each frame."""
    states = [ChatState(chat_id=CHAT)]
    for event in events:
        states.append(state(event, start=states[-1]))
    kept = [known for at, known in enumerate(states) if at in cuts or at == 0]

    check(views([*kept, states[-1]]))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("release", RELEASES)
def test_recorded_conversations_arrive_whole(release: str, name: str) -> None:
    """What real servers sent, frame by frame, and over each break."""
    states = [ChatState(chat_id=flow(release, name).messages[0].chat_id)]
    for socket in flow(release, name).sockets:
        states.append(reconnected(states[-1]))
        for batch in socket.batches:
            states.append(reduce(states[-1], batch))

    check(views(states))


@pytest.mark.parametrize("length", [10, 10_000])
def test_an_append_costs_what_was_appended(length: int) -> None:
    """The rest of the answer is neither sent nor read."""
    pieces = [delta("word ") for _ in range(length)]
    before = state(message(1, "user", "Go"), status("running"), *pieces)
    after = state(delta("more"), start=before)
    shown = views([before, after])

    patches = diff(*shown)

    assert patches == (TextAppended(row=1, block=0, text="more"),)


def test_a_stored_answer_takes_the_previews_place_without_its_text() -> None:
    """A page keeps what it drew; only what is new of it travels."""
    written = state(
        message(1, "user", "Go"),
        status("running"),
        delta(ReasoningPart(text="Hmm. ")),
        delta("A long answer."),
    )
    parts = (ReasoningPart(text="Hmm. "), "A long answer.")
    stored = state(message(2, "assistant", *parts), start=written)

    patches = diff(*views([written, stored]))

    assert "answer" not in str([patch.dump() for patch in patches])


def test_equal_views_need_no_patch() -> None:
    """A status that is told twice is no news."""
    known = state(message(1, "user", "Go"), status("running"))

    assert diff(*views([known, state(status("running"), start=known)])) == ()


def test_the_pages_own_tests_apply_the_patches_of_today() -> None:
    """Run `python -m tests.bridge.patch_fixture` after a change of views or patches."""
    assert json.loads(TARGET.read_text("utf-8")) == steps()
