"""What no server should send, and some day one does."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire._go import ZERO_TIME, dumps, encode
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire._values import Table
from coderchat_jupyter.wire.chats import Chat, ChatWithMessages
from coderchat_jupyter.wire.debug import DebugRun
from coderchat_jupyter.wire.events import MessagePartEvent, UnknownEvent
from coderchat_jupyter.wire.framing import decode_frame
from coderchat_jupyter.wire.messages import MessagesPage
from coderchat_jupyter.wire.parts import Part, TextPart, UnknownPart
from tests.wire.contract import contract
from tests.wire.go_writer import GoWriter

G1 = contract("g1")
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    "",
    "x",
    [],
    {},
    [[]],
    {"type": []},
    {"raw": 1},
    [None],
)


def part_event(part: Any) -> str:
    return json.dumps([{"type": "message_part", "message_part": {"part": part}}])


def only_part(frame: str | bytes) -> Any:
    (event,) = decode_frame(frame)
    assert isinstance(event, MessagePartEvent)
    return event.message_part.part


@pytest.mark.parametrize(
    "frame",
    [
        part_event({"type": "text", "text": "@"}).replace("@", "\\ud83d"),
        part_event({"type": "text", "text": "@"}).encode().replace(b"@", b"\xff"),
    ],
    ids=["half a pair", "not UTF-8"],
)
def test_text_that_is_no_text_is_replaced_as_go_does_it(frame: str | bytes) -> None:
    """One broken character is no reason to lose the frame."""
    assert only_part(frame) == TextPart(text="\ufffd")


def test_null_reads_as_the_zero_of_a_field() -> None:
    """Go's decoder passes over it, whatever the type."""
    frame = part_event({"type": "text", "text": None, "start_line": None})

    assert only_part(frame) == TextPart()


@pytest.mark.parametrize("tag", [None, 5, [], {}, ["text"], True])
def test_a_part_whose_tag_is_no_word_is_kept(tag: Any) -> None:
    """It has a place in the message, and no face."""
    part = only_part(part_event({"type": tag, "text": "a"}))

    assert part == UnknownPart(raw={"type": tag, "text": "a"})


@pytest.mark.parametrize("event", [{"type": []}, {"chat_id": 5}, {"type": {"a": 1}}, 7])
def test_an_event_whose_tag_is_no_word_is_kept(event: Any) -> None:
    """And the next one of its frame is read."""
    status = {"type": "status", "status": {"status": "running"}}

    odd, known = decode_frame(json.dumps([event, status]))

    assert isinstance(odd, UnknownEvent)
    assert known.type == "status"


def test_a_server_that_uses_our_word_for_the_unknown_loses_nothing() -> None:
    """The tag is taken inside, and may be taken outside too."""
    event = {"type": "unknown", "raw": {"a": 1}, "chat_id": "c"}
    part = {"type": "unknown", "raw": {"a": 1}, "text": "b"}

    assert encode(decode_frame(json.dumps([event])), only_set=True) == [event]
    assert encode(only_part(part_event(part)), only_set=True) == part


@pytest.mark.parametrize("depth", [150, 199, 1_000, 100_000])
def test_deep_nesting_is_read_or_refused(depth: int) -> None:
    """Either way nothing runs out of stack."""
    frame = '[{"type":"x","deep":' + "[" * depth + "]" * depth + "}]"
    odd = frame.replace('"x"', '"\\ud800"')

    for text in (frame, odd):
        try:
            batch = decode_frame(text)
        except ProtocolError:
            assert depth >= 199
        else:
            assert dumps(batch)


def test_what_a_provider_said_is_no_part_of_ours() -> None:
    """Debug runs hold requests as providers know them, with contents of their own."""
    run = G1.sample("ChatDebugRun", "full")
    asked = {"content": [{"type": "image_url"}], "part": {"type": "odd"}}
    run["steps"][0]["normalized_request"] = asked
    run["steps"][0]["attempts"] = [asked]
    run["steps"][0]["step_number"] = None  # takes the patient way

    decoded = decode(TypeAdapter(DebugRun), json.dumps(run), what="debug run")

    assert decoded.steps[0].normalized_request == asked
    assert decoded.steps[0].attempts == (asked,)


def test_a_refusal_keeps_nothing_of_the_text() -> None:
    """Not even where only a debugger looks."""
    with pytest.raises(ProtocolError) as caught:
        decode(TypeAdapter(Chat), '{"id": "s3cret" ', what="chat")

    seen = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert seen[1:] == [None, None]
    assert "s3cret" not in repr(seen)


def spoil(document: Any, dice: Random) -> Any:
    """Replace one value somewhere in a document by something odd."""
    if isinstance(document, dict) and document and dice.random() < 0.85:
        name = dice.choice(sorted(document))
        return {**document, name: spoil(document[name], dice)}
    if isinstance(document, list) and document and dice.random() < 0.85:
        place = dice.randrange(len(document))
        return [
            *document[:place],
            spoil(document[place], dice),
            *document[place + 1 :],
        ]
    return dice.choice(ODD)


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(seed=st.integers(0, 2**32))
def test_a_spoiled_frame_is_read_or_refused_and_never_breaks(seed: int) -> None:
    """As many events come out as went in, and all can be written again."""
    dice = Random(seed)  # noqa: S311  nothing secret is drawn
    server = GoWriter(G1, seed)
    tags = G1.tags("ChatStreamEvent")
    frame = [server.document("ChatStreamEvent", dice.choice(tags)) for _ in range(3)]
    spoiled = [spoil(event, dice) for event in frame]

    batch = decode_frame(json.dumps(spoiled))

    assert len(batch) == 3
    assert json.loads(dumps(batch)) is not None


@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(seed=st.integers(0, 2**32))
def test_a_spoiled_page_is_read_or_refused(seed: int) -> None:
    """A refusal is ours, with a place and without the value."""
    dice = Random(seed)  # noqa: S311  nothing secret is drawn
    page = spoil(GoWriter(G1, seed).document("ChatMessagesResponse", ""), dice)

    try:
        value = decode(TypeAdapter(MessagesPage), json.dumps(page), what="page")
    except ProtocolError as error:
        assert "no readable page" in str(error)
    else:
        assert json.loads(dumps(value)) is not None


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        (Chat, {"id": "c", "labels": {"my-word": 1}}),
        (Part, {"type": "my-word"}),
        (Part, {"type": {"my-word": 1}}),
        (Chat, {"id": "c", "created_at": "my-word"}),
        (Table[int], {"my-word": "my-word"}),
    ],
)
def test_a_refusal_holds_no_word_of_the_server(kind: Any, document: Any) -> None:
    """Labels and tags are what people and models wrote; errors are pasted around."""
    with pytest.raises(ProtocolError) as caught:
        decode(TypeAdapter(kind), json.dumps(document), what="answer")

    assert "my-word" not in str(caught.value)


def test_a_refusal_names_the_place_that_was_understood_furthest() -> None:
    """Of two shapes that an answer may have, the other one says nothing."""
    either: TypeAdapter[Any] = TypeAdapter(ChatWithMessages | Chat)
    document = {"id": "c", "created_at": "2026-06-01T00:00:00Z", "updated_at": []}

    with pytest.raises(ProtocolError, match=r"Chat\.updated_at"):
        decode(either, json.dumps(document), what="answer")


def test_a_null_among_items_is_none_of_them() -> None:
    """One hole in a list is no reason to lose the list, or to mix up its items."""
    text = {"type": "text", "text": "a", "url": None}
    message = {
        "id": 1,
        "chat_id": "c",
        "created_at": None,
        "role": "user",
        "content": [None, text, None, text],
    }

    page = decode(
        TypeAdapter(MessagesPage),
        json.dumps({"messages": [None, message]}),
        what="page",
    )

    (read,) = page.messages
    assert read.created_at == ZERO_TIME
    assert [part.text for part in read.content if isinstance(part, TextPart)] == [
        "a",
        "a",
    ]
    assert encode(page, only_set=True) == {
        "messages": [{**message, "content": [text, text]}]
    }
