"""Frames as they come off the wire, from three generations of servers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire.events import (
    ErrorEvent,
    MessagePartEvent,
    QueueUpdateEvent,
    StatusEvent,
    UnknownEvent,
)
from coderchat_jupyter.wire.framing import decode_frame, encode_frame
from coderchat_jupyter.wire.parts import TextPart, UnknownPart

CHAT = "7d3f2a10-5b1c-4e2f-9a77-0c5a1b2c3d4e"
STATUS = {"type": "status", "chat_id": CHAT, "status": {"status": "running"}}


def text(piece: str) -> dict[str, Any]:
    part = {"type": "text", "text": piece}
    return {"type": "message_part", "chat_id": CHAT, "message_part": {"part": part}}


@pytest.mark.parametrize(
    "frame",
    [
        [STATUS, text("a")],
        {"type": "data", "data": [STATUS, text("a")]},
    ],
    ids=["array", "envelope"],
)
def test_both_framings_give_the_same_events(frame: Any) -> None:
    """v2.32 wraps what v2.33 sends bare."""
    status, part = decode_frame(json.dumps(frame))

    assert isinstance(status, StatusEvent)
    assert status.status.status == "running"
    assert isinstance(part, MessagePartEvent)
    assert part.message_part.part == TextPart(text="a")


def test_a_bare_event_is_a_batch_of_one() -> None:
    """Some servers skip the array when there is one event."""
    (event,) = decode_frame(json.dumps(STATUS))

    assert isinstance(event, StatusEvent)


@pytest.mark.parametrize("frame", [{"type": "ping"}, {"type": "data"}, []])
def test_a_frame_that_says_nothing_is_an_empty_batch(frame: Any) -> None:
    """Pings of the envelope era are not events."""
    assert decode_frame(json.dumps(frame)) == ()


def test_an_envelope_of_unknown_type_is_an_unknown_event() -> None:
    """What it wraps is not guessed at, but it is counted."""
    frame = {"type": "novelty", "data": [STATUS]}

    (event,) = decode_frame(json.dumps(frame))

    assert isinstance(event, UnknownEvent)
    assert event.kind == "novelty"
    assert event.raw == frame


def test_an_error_of_the_envelope_keeps_message_and_detail() -> None:
    """Its body is that of a failed call, not a chat error."""
    body = {"message": "No access", "detail": "row is gone"}

    (event,) = decode_frame(json.dumps({"type": "error", "data": body}))

    assert isinstance(event, ErrorEvent)
    assert event.error.message == "No access: row is gone"


def test_one_unknown_event_does_not_take_its_neighbours_along() -> None:
    """An old notebook must outlive a server upgrade."""
    strange = {"type": "weather", "chat_id": CHAT, "wind": 3}

    before, event, after = decode_frame(json.dumps([text("a"), strange, text("b")]))

    assert isinstance(before, MessagePartEvent)
    assert isinstance(event, UnknownEvent)
    assert (event.kind, event.raw) == ("weather", strange)
    assert isinstance(after, MessagePartEvent)


def test_an_unknown_part_keeps_its_event() -> None:
    """A new part type is shown as unknown, not dropped."""
    part = {"type": "hook-notice", "text": "hi", "weight": 2}
    frame = {**text(""), "message_part": {"part": part}}

    (event,) = decode_frame(json.dumps([frame]))

    assert isinstance(event, MessagePartEvent)
    assert event.message_part.part == UnknownPart(raw=part)


def test_a_known_event_that_cannot_be_read_is_kept_as_unknown() -> None:
    """Whoever sends a status without a status must not end the stream."""
    (event,) = decode_frame('[{"type":"status","chat_id":"x","status":7}]')

    assert isinstance(event, UnknownEvent)
    assert event.kind == "status"


def test_tool_results_that_look_like_parts_stay_as_they_are() -> None:
    """A tool may answer with anything, also with something shaped like a message."""
    result = {"content": [{"type": "poem", "text": "x"}]}
    part = {"type": "tool-result", "tool_call_id": "c", "result": result}
    strange = {"type": "hook-notice"}
    frame = [
        {**text(""), "message_part": {"part": part}},
        {**text(""), "message_part": {"part": strange}},
    ]

    event, _ = decode_frame(json.dumps(frame))

    assert isinstance(event, MessagePartEvent)
    assert event.message_part.part.result == result  # type: ignore[union-attr]


def test_a_missing_queue_key_is_an_empty_queue() -> None:
    """Go leaves an empty slice out."""
    (event,) = decode_frame('[{"type":"queue_update","chat_id":"x"}]')

    assert isinstance(event, QueueUpdateEvent)
    assert event.queued_messages == ()


@pytest.mark.parametrize("frame", ["", "nope", "[", "17", '"text"', b"\xff\xfe"])
def test_what_is_no_frame_is_refused_without_quoting_it(frame: str | bytes) -> None:
    """Error texts end up in notebooks; frames may hold anything."""
    with pytest.raises(ProtocolError) as caught:
        decode_frame(frame)

    assert "nope" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
TAGS = st.sampled_from(["status", "message", "message_part", "error", "weather"])


@given(st.lists(st.dictionaries(st.text(max_size=8), JSON) | JSON), TAGS)
def test_no_json_array_breaks_the_decoder(items: list[Any], tag: str) -> None:
    """Whatever a server sends, each item becomes exactly one event."""
    tagged = [{**i, "type": tag} if isinstance(i, dict) else i for i in items]

    assert len(decode_frame(json.dumps(tagged))) == len(tagged)


@given(st.lists(st.text(), max_size=20))
def test_text_survives_the_way_to_the_wire_and_back(pieces: list[str]) -> None:
    """Deltas are passed on to the letter, blanks and markup included."""
    sent = decode_frame(json.dumps([text(p) for p in pieces]))

    assert decode_frame(encode_frame(sent)) == sent
