"""Whatever a server says, in whatever order: what holds for every state."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coderchat_jupyter.state.reduce as reduce_module
from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.state.invariants import broken_rules
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import reconnected, with_page
from coderchat_jupyter.state.select import (
    answer_text,
    is_idle,
    latest_answer,
    turn_from,
    turns,
)
from tests.state.build import (
    after,
    batch,
    error,
    live,
    message,
    message_value,
    page,
    part,
    queue,
    queued,
    retry,
    sign,
    status,
    tool_call,
    tool_result,
)

Json = dict[str, Any]

WORDS = st.sampled_from(["", " ", "\n\n", "a", "b ", "Hello", "{", "é🙂"])
IDS = st.sampled_from(["", "c1", "c2"])
NAMES = st.sampled_from(["look", "run"])
STATUSES = st.sampled_from(
    ["waiting", "pending", "running", "requires_action", "error", "interrupting", "new"]
)
NUMBERS = st.fixed_dictionaries(
    {},
    optional={
        "seq": st.integers(1, 4),
        "history_version": st.integers(1, 2),
        "generation_attempt": st.integers(1, 2),
    },
)
JSON = st.sampled_from([{}, {"x": 1}, {"error": "e"}, "text", '{"y": 2}', None, 0])

CALLS = st.builds(
    lambda i, name, more: tool_call(i, name, **more),
    IDS,
    NAMES,
    st.sampled_from(
        [{"args": {"x": 1}}, {"args_delta": '{"x'}, {}, {"provider_executed": True}]
    ),
)
RESULTS = st.builds(
    lambda i, name, more: tool_result(i, name, **more),
    IDS,
    NAMES,
    st.one_of(
        JSON.map(lambda value: {"result": value}),
        st.sampled_from(
            [{"result_delta": "x"}, {"result_reset": True}, {"is_error": True}, {}]
        ),
    ),
)
PARTS = st.one_of(
    st.builds(lambda text, n: part(text, **n), WORDS, NUMBERS),
    st.builds(lambda text: part(text, "reasoning"), WORDS),
    CALLS,
    RESULTS,
    WORDS.map(lambda url: part(kind="source", url=url)),
    WORDS.map(lambda file: part(kind="file", file_id=file)),
    st.just(part("x", "of-tomorrow")),
)
STORED = st.one_of(
    WORDS,
    IDS.map(lambda i: {"type": "tool-call", "tool_call_id": i, "tool_name": "look"}),
    IDS.map(lambda i: {"type": "tool-result", "tool_call_id": i, "result": 1}),
)
MESSAGES = st.builds(
    lambda i, role, parts: message(i, role, *parts),
    st.integers(1, 6),
    st.sampled_from(["user", "assistant", "tool"]),
    st.lists(STORED, max_size=2),
)
EVENTS: st.SearchStrategy[Json] = st.one_of(
    PARTS,
    MESSAGES,
    STATUSES.map(status),
    st.lists(
        st.integers(1, 3).map(queued), max_size=2, unique_by=lambda q: q["id"]
    ).map(lambda entries: queue(*entries)),
    st.builds(error),
    st.builds(retry),
    st.sampled_from(["preview_reset", "history_reset", "of-tomorrow"]).map(sign),
    st.just(sign("message", message={"id": "unreadable"})),
    STATUSES.map(lambda name: status(name) | {"chat_id": "another"}),
)
FRAMES = st.lists(st.lists(EVENTS, min_size=1, max_size=4), max_size=12)
PAGES = st.builds(
    lambda kinds, has_more: page(
        *(message_value(i, role, *parts) for i, (role, parts) in sorted(kinds.items())),
        has_more=has_more,
    ),
    st.dictionaries(
        st.integers(1, 6),
        st.tuples(
            st.sampled_from(["user", "assistant", "tool"]),
            st.lists(STORED, max_size=2),
        ),
    ),
    st.booleans(),
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(FRAMES, PAGES, st.integers(0, 12))
def test_no_order_of_events_breaks_a_rule(
    frames: list[list[Json]], fetched: Any, cut: int
) -> None:
    """With a fetch and a new connection at any moment."""
    state = reconnected(EMPTY)

    for number, events in enumerate(frames):
        if number == cut:
            state = with_page(reconnected(state), fetched)
        state = after(state, batch(*events))

        assert broken_rules(state) == ()
        # None of these may raise, whatever the state.
        known = {turn.prompt.id: turn for turn in turns(state)}
        texts = [answer_text(turn) for turn in known.values()]
        assert latest_answer(state) == (texts[-1] if texts else "")
        assert all(turn_from(state, i) == known.get(i) for i in range(8))
        assert is_idle(state) in (True, False)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(FRAMES)
def test_the_same_frames_lead_to_the_same_state(frames: list[list[Json]]) -> None:
    """Nothing hidden takes part: no clock, no chance, no memory."""
    one = after(reconnected(EMPTY), *(batch(*events) for events in frames))
    two = after(reconnected(EMPTY), *(batch(*events) for events in frames))

    assert one == two


@settings(max_examples=400, deadline=None, derandomize=True)
@given(FRAMES, st.booleans())
def test_a_frame_comes_to_the_same_as_its_events_by_their_own_rules(
    frames: list[list[Json]], is_live: bool
) -> None:
    """What is folded as a run takes a shorter way to the same state."""
    begun = live() if is_live else reconnected(EMPTY)
    batches = [batch(*events) for events in frames]

    short = after(begun, *batches)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reduce_module, "_RUNS", {})
        long = after(begun, *batches)

    assert short == long


@settings(max_examples=100, deadline=None, derandomize=True)
@given(FRAMES)
def test_a_state_is_never_changed(frames: list[list[Json]]) -> None:
    """It may be read on another thread while the next one is made."""
    state = reconnected(EMPTY)
    seen: list[tuple[ChatState, str]] = []
    for events in frames:
        seen.append((state, _picture(state)))
        state = after(state, batch(*events))

    assert all(_picture(old) == picture for old, picture in seen)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(WORDS, max_size=20), st.data())
def test_text_does_not_depend_on_where_frames_are_cut(
    words: list[str], data: st.DataObject
) -> None:
    """A frame border carries no meaning."""
    events = [part(word) for word in words]
    cut = data.draw(st.integers(0, len(events)))
    start = reduce(reconnected(EMPTY), batch(status("running")))

    whole = reduce(start, batch(*events))
    parts = reduce(reduce(start, batch(*events[:cut])), batch(*events[cut:]))

    assert whole.preview == parts.preview


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.permutations([1, 2, 3, 4, 5]), st.lists(st.integers(1, 5), max_size=5))
def test_messages_do_not_depend_on_their_order(
    order: list[int], again: list[int]
) -> None:
    """Nor on how often they come."""
    state = after(reconnected(EMPTY), *(message(i) for i in (*order, *again)))

    assert [m.id for m in state.messages] == [1, 2, 3, 4, 5]


def _picture(state: ChatState) -> str:
    blocks = [
        (b.kind, str(getattr(b, "text", "")), getattr(b, "result", None))
        for b in state.preview.blocks
    ]
    rest = (state.messages, state.queue, state.status, state.error, state.unknown)
    return repr((blocks, rest))
