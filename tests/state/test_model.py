"""Random valid conversations of every release, cut, repeated and taken up again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.state.invariants import broken_rules
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import reconnected, with_page
from coderchat_jupyter.state.select import message_text
from coderchat_jupyter.wire.events import Event
from tests.state.model import OPERATIONS, Held, Release, Server, Told
from tests.state.resuming import shown, vanished

RELEASES = pytest.mark.parametrize("release", ["v2.33", "v2.34", "v2.36"])
QUICK = settings(max_examples=60, deadline=None, derandomize=True)

# More of what a turn is made of than of what ends it.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("send", "write", "write", "write", "call", "commit", *OPERATIONS)
        ),
        st.integers(0, 9),
    ),
    min_size=4,
    max_size=22,
)
CHANCE = st.lists(st.integers(0, 1), max_size=8)


def conversation(
    release: Release, steps: list[tuple[str, int]], chance: list[int]
) -> list[Told]:
    server = Server(release, list(chance))
    told = [server.do(*step) for step in [("send", 0), *steps]]
    return [each for each in told if each is not None]


def view(state: ChatState) -> tuple[object, ...]:
    """What a reader sees of a state; a failed run's rest is told to no latecomer."""
    stored = tuple((m.id, m.role, message_text(m)) for m in state.messages)
    queued = tuple(q.id for q in state.queue)
    writing = shown(state) if state.status != "error" else ""
    return (stored, queued, state.status, writing)


def truth(held: Held) -> tuple[object, ...]:
    messages = tuple(
        (i, role, "".join(p["text"] for p in map(_plain, parts) if p["type"] == "text"))
        for i, role, parts in held.messages
    )
    return (messages, held.queue, held.status)


def is_as_far(late: ChatState, state: ChatState) -> bool:
    """Who came late sees the same, but for what may only repeat what is stored.

    Where parts are not numbered, that is told from what runs by how it goes on.
    """
    *rest, writing = view(late)
    *known, written = view(state)
    echo = late.connection.echo
    if echo.is_held:
        is_near = str(writing).startswith(str(written))
    elif echo.told:
        is_near = str(written).startswith(str(writing))
    else:
        is_near = writing == written
    return rest == known and is_near


def _plain(item: object) -> dict[str, str]:
    return item if isinstance(item, dict) else {"type": "text", "text": str(item)}


def read(
    state: ChatState, events: tuple[Event, ...], held: Held, *, may_lose: bool
) -> ChatState:
    """Event by event, as a session does: when in doubt, it asks."""
    for event in events:
        before, state = state, reduce(state, (event,))
        assert broken_rules(state) == ()
        if not (may_lose or before.replacement is not None):
            assert not vanished(before, state)
    if state.stale_history:
        state = with_page(state, held.page)
    return state


def join(state: ChatState, held: Held, *, may_lose: bool) -> ChatState:
    """Fetch, connect, and read the snapshot."""
    before, state = state, with_page(state, held.page)
    after_id = state.messages[-1].id if state.messages else 0
    state = with_page(reconnected(state, after_id=after_id), held.page)
    assert may_lose or not vanished(before, state)
    return read(state, held.snapshot(after_id), held, may_lose=may_lose)


@RELEASES
@QUICK
@given(steps=STEPS, chance=CHANCE)
def test_a_reader_arrives_at_what_the_server_holds(
    release: Release, steps: list[tuple[str, int]], chance: list[int]
) -> None:
    """After each operation, and without taking back what was shown."""
    state = reconnected(EMPTY)

    for told in conversation(release, steps, chance):
        state = read(state, told.events, told.held, may_lose=told.may_lose)

        assert view(state)[:3] == truth(told.held)
        if state.status == "waiting":
            assert not state.preview


@RELEASES
@QUICK
@given(steps=STEPS, chance=CHANCE, data=st.data())
def test_frames_may_be_cut_anywhere(
    release: Release,
    steps: list[tuple[str, int]],
    chance: list[int],
    data: st.DataObject,
) -> None:
    """Borders carry no meaning; what is said twice counts once."""
    talk = conversation(release, steps, chance)
    events = tuple(event for told in talk for event in told.events)
    one = reduce(reconnected(EMPTY), events)

    state, rest = reconnected(EMPTY), events
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        frame, rest = rest[:size], rest[size:]
        state = reduce(state, frame)
        if data.draw(st.booleans()):
            state = reduce(state, tuple(e for e in frame[-1:] if repeats(e, release)))

    assert view(state) == view(one)
    assert state.stale_history == one.stale_history


def repeats(event: Event, release: Release) -> bool:
    """A status and a queue may always come twice, numbered parts, too."""
    is_numbered = event.type == "message_part" and release == "v2.36"
    return is_numbered or event.type in ("status", "queue_update", "action_required")


@RELEASES
@settings(QUICK, max_examples=25)
@given(steps=STEPS, chance=CHANCE, missed=st.integers(0, 2))
def test_a_connection_may_break_at_every_place(
    release: Release, steps: list[tuple[str, int]], chance: list[int], missed: int
) -> None:
    """Whatever was missed meanwhile: the end is that of who never was away."""
    talk = conversation(release, steps, chance)
    states, state = [], reconnected(EMPTY)
    for told in talk:
        state = read(state, told.events, told.held, may_lose=True)
        states.append(state)

    before = reconnected(EMPTY)
    for place, told in enumerate(talk):
        for cut in {0, len(told.events) // 2, len(told.events)}:
            partly = before
            for event in told.events[:cut]:
                partly = reduce(partly, (event,))
            back = min(place + missed, len(talk) - 1)
            lost = any(each.may_lose for each in talk[place : back + 1])
            after = join(partly, talk[back].held, may_lose=lost)
            assert view(after)[:3] == truth(talk[back].held)
            assert is_as_far(after, states[back])
            for later in talk[back + 1 :]:
                # Of unnumbered parts nobody can tell that an attempt was missed.
                is_void = later.may_lose or (lost and after.connection.echo.is_held)
                after = read(after, later.events, later.held, may_lose=is_void)
            assert is_as_far(after, states[-1])
        before = states[place]


@RELEASES
@settings(QUICK, max_examples=25)
@given(steps=STEPS, chance=CHANCE)
def test_who_joins_late_sees_what_the_others_see(
    release: Release, steps: list[tuple[str, int]], chance: list[int]
) -> None:
    """With nothing but what the server tells, or the messages fetched before."""
    state = reconnected(EMPTY)

    for told in conversation(release, steps, chance):
        state = read(state, told.events, told.held, may_lose=True)
        fetched = join(EMPTY, told.held, may_lose=True)
        streamed = read(
            reconnected(EMPTY), told.held.snapshot(0), told.held, may_lose=True
        )

        assert is_as_far(fetched, state)
        assert is_as_far(streamed, state)
