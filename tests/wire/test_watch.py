"""What becomes of all chats, in every wrapping that servers have used."""

from __future__ import annotations

import json

import pytest

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.watch import (
    UnknownWatchEvent,
    WatchEvent,
    decode_watch_frame,
)

CHAT = {
    "id": "11111111-1111-4111-8111-111111111111",
    "created_at": "2026-06-01T00:00:00Z",
    "updated_at": "2026-06-01T00:00:00Z",
}


@pytest.mark.parametrize(
    ("frame", "kinds"),
    [
        ({"kind": "created", "chat": CHAT}, ["created"]),
        ({"type": "data", "data": {"kind": "deleted", "chat": CHAT}}, ["deleted"]),
        ({"type": "ping"}, []),
        ({"type": "data"}, []),
        ({"type": "data", "data": None}, []),
        ({"type": "of_tomorrow", "data": 1}, [""]),
        ([{"kind": "a", "chat": CHAT}, {"kind": "b", "chat": CHAT}], ["a", "b"]),
        ({"kind": "created", "chat": None}, ["created"]),
        ({"kind": 7, "chat": CHAT}, ["7"]),
        ("text", [""]),
        (None, [""]),
        ([[]], [""]),
    ],
)
def test_an_event_is_read_however_it_is_wrapped(
    frame: object, kinds: list[str]
) -> None:
    """The newest servers send it bare, v2.32 in an envelope; nothing raises."""
    assert [event.kind for event in decode_watch_frame(json.dumps(frame))] == kinds


def test_an_event_that_cannot_be_read_is_kept() -> None:
    """Whoever watches fetches the list of chats then."""
    (event,) = decode_watch_frame('{"kind":"created","chat":{"id":1}}')

    assert isinstance(event, UnknownWatchEvent)
    assert encode(event) == {"kind": "created", "chat": {"id": 1}}


def test_parts_of_tomorrow_inside_a_watched_chat_are_kept() -> None:
    """A chat holds parts; an unknown one must not cost the event."""
    part = {"type": "of_tomorrow", "x": 1}
    document = {"kind": "created", "chat": CHAT | {"last_injected_context": [part]}}

    (event,) = decode_watch_frame(json.dumps(document))

    assert isinstance(event, WatchEvent)
    assert encode(event, only_set=True) == document


@pytest.mark.parametrize("frame", ["", "{", '{"type":"error","data":{"message":"x"}}'])
def test_a_watch_that_cannot_go_on_says_so(frame: str) -> None:
    """In its own words, not in those of the server."""
    with pytest.raises(ProtocolError):
        decode_watch_frame(frame)
