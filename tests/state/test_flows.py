"""What real servers sent, reduced: every message arrives, whole and in order."""

from __future__ import annotations

import pytest

from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.state.invariants import broken_rules
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import reconnected, with_page
from coderchat_jupyter.state.select import is_idle, latest_answer, turns
from coderchat_jupyter.wire.framing import Batch
from coderchat_jupyter.wire.messages import Message, MessagesPage
from tests.state.flows import NAMES, RELEASES, Flow, flow

EVERY = pytest.mark.parametrize(
    ("release", "name"), [(r, n) for r in RELEASES for n in NAMES]
)


def page_of(messages: tuple[Message, ...]) -> MessagesPage:
    return MessagesPage(messages=tuple(reversed(messages)))


def play(state: ChatState, batches: tuple[Batch, ...]) -> ChatState:
    for batch in batches:
        state = reduce(state, batch)
        assert broken_rules(state) == ()
    return state


def refetched(state: ChatState, told: Flow) -> ChatState:
    """What a session does when an edit was seen: ask for the messages."""
    if not state.stale_history:
        return state
    return with_page(state, page_of(told.messages))


@EVERY
def test_frames_arrive_at_the_messages_that_the_server_holds(
    release: str, name: str
) -> None:
    """The first promise of all: nothing lost, doubled or out of order."""
    told = flow(release, name)

    for socket in told.sockets:
        state = refetched(play(reconnected(EMPTY), socket.batches), told)

        expected = tuple(m for m in told.messages if m.id > socket.after_id)
        assert state.messages == expected
        assert is_idle(state)
        assert not state.preview or state.status == "error"
        assert state.queue == ()


@EVERY
def test_connections_may_follow_each_other(release: str, name: str) -> None:
    """Each repeats what the one before it said; v2.33 the previews, too."""
    told = flow(release, name)

    state = EMPTY
    for socket in told.sockets:
        state = refetched(play(reconnected(state), socket.batches), told)

    assert state.messages == told.messages
    assert is_idle(state)
    assert state.status == "error" or not state.preview


@EVERY
def test_frame_borders_carry_no_meaning(release: str, name: str) -> None:
    """Frames are cut as chance has it: one event each, or all in one."""
    told = flow(release, name)
    events = tuple(e for batch in told.sockets[0].batches for e in batch)

    single = play(reconnected(EMPTY), tuple((event,) for event in events))
    whole = play(reconnected(EMPTY), (events,))

    for state in (single, whole):
        assert refetched(state, told).messages == told.messages
        assert state.status == whole.status
        assert state.queue == whole.queue


@EVERY
def test_every_two_frames_may_be_one(release: str, name: str) -> None:
    """The server sends whatever is ready; any border may be missing."""
    told = flow(release, name)
    batches = told.sockets[0].batches

    for cut in range(len(batches) - 1):
        joined = (*batches[:cut], batches[cut] + batches[cut + 1], *batches[cut + 2 :])
        state = refetched(play(reconnected(EMPTY), joined), told)

        assert state.messages == told.messages
        assert is_idle(state)


@EVERY
def test_a_connection_may_end_after_every_event(release: str, name: str) -> None:
    """What was missed is fetched, and the next connection goes on from there."""
    told = flow(release, name)
    events = tuple(e for batch in told.sockets[0].batches for e in batch)

    for cut in range(len(events) + 1):
        before = play(reconnected(EMPTY), tuple((event,) for event in events[:cut]))
        held = held_after(events[:cut], told)
        last = held[-1].id if held else 0
        opened = with_page(reconnected(before, after_id=last), page_of(held))
        after = play(opened, (events[cut:],))

        assert refetched(after, told).messages == told.messages
        assert after.status == events_status(events)


def held_after(events: Batch, told: Flow) -> tuple[Message, ...]:
    """What the server held when these events had been sent."""
    sent = [event.message for event in events if event.type == "message"]
    known = {message.id: message for message in sent}
    was_reset = any(event.type == "history_reset" for event in events)
    if not was_reset and len(known) == len(sent):
        return tuple(sorted(known.values(), key=lambda message: message.id))
    # An edit removes some and adds one before anything is sent again.
    newest = max(known)
    added = next(m.id for m in told.messages if m.id >= newest)
    return tuple(m for m in told.messages if m.id <= added)


def events_status(events: Batch) -> str:
    return [e.status.status for e in events if e.type == "status"][-1]


@EVERY
def test_no_state_shows_an_answer_and_its_preview(release: str, name: str) -> None:
    """A reader must never see the same sentence twice."""
    told = flow(release, name)
    state = reconnected(EMPTY)

    for batch in told.sockets[0].batches:
        state = reduce(state, batch)

        known = turns(state)
        if known and state.preview:
            written = latest_answer(state)
            stored = next(
                (t for t in told.messages if t.id > known[-1].prompt.id), None
            )
            assert stored is None or written.count("Hello") <= 1


@pytest.mark.parametrize("release", RELEASES)
def test_text_grows_while_it_is_written(release: str) -> None:
    """The preview is what was streamed so far, not only at the end."""
    state = reconnected(EMPTY)
    seen = []

    for batch in flow(release, "interrupt").sockets[0].batches:
        state = reduce(state, batch)
        seen.append(latest_answer(state))

    assert seen == sorted(seen, key=len)
    assert len(set(seen)) > 10


def test_what_a_dropped_provider_wrote_is_void() -> None:
    """The model is asked again; its second try must not follow the first's text."""
    state = reconnected(EMPTY)
    texts = []

    for batch in flow("v2.34.0", "provider_drop").sockets[0].batches:
        state = reduce(state, batch)
        texts.append((latest_answer(state), state.retry is not None))

    assert ("partial answer ", False) in texts
    assert ("", True) in texts
    assert texts[-1] == ("Recovered.", False)


def test_v2_33_does_not_show_a_finished_turn_twice() -> None:
    """It replays the previews of the last turn to whoever joins later."""
    state = reconnected(EMPTY)

    for batch in flow("v2.33.9", "second_turn").sockets[0].batches[:1]:
        state = reduce(state, batch)

    assert not state.preview
    assert latest_answer(state) == "Hello, world!\n\nThis is **bold**."


@pytest.mark.parametrize("release", ["v2.33.9", "v2.34.0"])
def test_an_edit_made_elsewhere_is_noticed(release: str) -> None:
    """These releases never say which messages are gone."""
    state = play(reconnected(EMPTY), flow(release, "edit_idle").sockets[0].batches)

    assert state.stale_history


def test_a_newer_server_says_which_messages_are_gone() -> None:
    """Then nothing has to be fetched."""
    told = flow("v2.36.0", "edit_idle")

    state = play(reconnected(EMPTY), told.sockets[0].batches)

    assert not state.stale_history
    assert state.messages == told.messages


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", ["second_turn", "queue", "interrupt", "hello"])
def test_a_turn_without_edit_fetches_nothing(release: str, name: str) -> None:
    """A needless fetch per message would double the load of a server."""
    state = reconnected(EMPTY)

    for batch in flow(release, name).sockets[0].batches:
        state = reduce(state, batch)

        assert not state.stale_history


@pytest.mark.parametrize("release", RELEASES)
def test_a_queued_message_can_be_followed(release: str) -> None:
    """Its id changes when its turn comes, and nobody says so."""
    state = reconnected(EMPTY)
    for batch in flow(release, "queue").sockets[0].batches:
        state = reduce(state, batch)

    queued = [queued_id for queued_id, _ in state.promoted]
    prompts = [turn.prompt.id for turn in turns(state)]

    assert len(queued) == 2
    assert [message_id for _, message_id in state.promoted] == prompts[1:]
