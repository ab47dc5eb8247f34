"""Recorded connections, cut anywhere, and taken up again as each release does it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from coderchat_jupyter.state.chat_state import EMPTY, ChatState
from coderchat_jupyter.state.invariants import broken_rules
from coderchat_jupyter.state.reduce import reduce
from coderchat_jupyter.state.refresh import reconnected, with_page
from coderchat_jupyter.wire.events import Event
from coderchat_jupyter.wire.framing import Batch, decode_frame
from tests.state.flows import FLOWS, Flow, Socket, flows
from tests.state.resuming import Heard, page_of, vanished

CHATS = pytest.mark.parametrize(
    ("release", "told"),
    [
        pytest.param(release, told, id=f"{release}-{name}-{number}")
        for release, name in FLOWS
        for number, told in enumerate(flows(release, name))
    ],
)

# After these a view may show less than before.
BREAKS = ("history_reset", "retry")


class Viewer:
    """A state, event by event, and whether a view of it was ever a lie."""

    def __init__(self, state: ChatState) -> None:
        self.state = state

    def take(self, state: ChatState, *, may_lose: bool = False) -> None:
        assert broken_rules(state) == ()
        is_edited = state.stale_history or self.state.stale_history
        if not (may_lose or is_edited or state.replacement is not None):
            assert not vanished(self.state, state)
        self.state = state

    def read(self, events: Batch, *, may_lose: bool = False) -> None:
        is_reset = self.state.replacement is not None
        for event in events:
            is_break = event.type in BREAKS or is_reset or may_lose
            self.take(reduce(self.state, (event,)), may_lose=is_break)
            is_reset = self.state.replacement is not None

    def resume(self, server: Heard, *, page: Heard, may_lose: bool) -> None:
        """Fetch, connect after the newest message, and read the snapshot."""
        fetched = page_of(page.held)
        self.take(with_page(self.state, fetched))
        after_id = self.state.messages[-1].id if self.state.messages else 0
        opened = with_page(reconnected(self.state, after_id=after_id), fetched)
        self.take(opened)
        self.read(server.snapshot(after_id), may_lose=may_lose)


def at_end(state: ChatState, server: Heard) -> ChatState:
    """What a session does when it cannot be sure of the messages: it asks."""
    return with_page(state, page_of(server.held)) if state.stale_history else state


def expected(socket: Socket, told: Flow) -> list[int]:
    """Some sockets were closed before their conversation ended."""
    sent = [e.message.id for e in socket.events if e.type == "message"]
    last = max(sent, default=socket.after_id)
    return [m.id for m in told.messages if m.id <= last]


def cuts(events: Batch) -> Iterator[int]:
    """Every place, but of a long run of parts only its ends and some between."""
    for place in range(len(events) + 1):
        near = events[max(0, place - 2) : place + 2]
        if place % 25 == 0 or any(e.type != "message_part" for e in near):
            yield place


@CHATS
@pytest.mark.parametrize("missed", [0, 3])
def test_a_connection_may_be_cut_anywhere(
    release: str, told: Flow, missed: int
) -> None:
    """Nothing is lost, doubled, or shown and taken back."""
    for socket in told.sockets:
        known = tuple(m for m in told.messages if m.id <= socket.after_id)
        events = socket.events
        start = with_page(reconnected(EMPTY, after_id=socket.after_id), page_of(known))
        reader, server = Viewer(start), Heard(release, told.messages)
        server.messages = {m.id: m for m in known}
        done = 0
        for cut in cuts(events):
            reader.read(events[done:cut])
            for event in events[done:cut]:
                server.hear((event,))
                done += 1
                server.is_live = done >= len(socket.batches[0])
            done = cut
            if server.status and not reader.state.stale_history:
                _take_up(reader, server, events, cut, missed)
        ids = [m.id for m in at_end(reader.state, server).messages]
        assert ids == expected(socket, told)


def _take_up(
    reader: Viewer, server: Heard, events: Batch, cut: int, missed: int
) -> None:
    """Cut here, miss some events, connect again and read to the end."""
    other = Viewer(reader.state)
    page, now = _copy(server), _copy(server)
    now.hear(events[cut : cut + missed])
    is_lossy = any(_is_lossy(e, server) for e in events[cut : cut + missed])
    if is_lossy:
        page = _copy(now)
        other.state = with_page(other.state, page_of(page.held))
    other.resume(now, page=page, may_lose=is_lossy)
    other.read(events[cut + missed :])
    final = _copy(server)
    final.hear(events[cut:])
    end = at_end(other.state, final)
    assert [m.id for m in end.messages] == [m.id for m in final.held]
    assert end.status == final.status
    assert end.queue == final.queue
    if end.status == "waiting":
        assert not end.preview


def _is_lossy(event: Event, server: Heard) -> bool:
    is_known = event.type == "message" and event.message.id in server.messages
    return is_known or event.type in BREAKS


def _copy(server: Heard) -> Heard:
    copy = Heard(server.release, server.history)
    vars(copy).update(vars(server))
    copy.messages, copy.parts = dict(server.messages), list(server.parts)
    return copy


@CHATS
def test_the_envelope_of_v2_32_carries_the_same(release: str, told: Flow) -> None:
    """It wraps each batch and sends pings as text between them."""
    for socket in told.sockets:
        for text, batch in zip(socket.texts, socket.batches, strict=True):
            wrapped = json.dumps({"type": "data", "data": json.loads(text)})

            assert decode_frame(wrapped) == batch
    assert decode_frame('{"type":"ping"}') == ()
