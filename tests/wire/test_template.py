"""Frames that are read by what surrounds their text: exactly as decoding reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire import framing
from coderchat_jupyter.wire._base import WireModel
from coderchat_jupyter.wire.framing import FrameDecoder, decode_frame
from tests.state.flows import FLOWS, flows

CHAT = "7d3f2a10-5b1c-4e2f-9a77-0c5a1b2c3d4e"

CALL = {"type": "tool-call", "tool_call_id": "call_1", "tool_name": "ls"}
PARTS: list[dict[str, Any]] = [
    {"type": "text", "text": "word "},
    {"type": "reasoning", "text": "so ", "created_at": "2026-06-01T12:00:00Z"},
    {"type": "text", "text": "", "url": "", "file_id": None, "start_line": 0},
    {**CALL, "args_delta": '{"a', "mcp_server_config_id": None},
    {"type": "text", "text": "x", "provider_metadata": {"text": "y"}},
    {"type": "text", "text": "x", "later": {"a": 1}},
    {"type": "source", "text": "x", "url": "https://example.org"},
    {**CALL, "args_delta": "", "args": {"text": "z"}},
    {"type": "later", "text": "x"},
]


def event_of(part: dict[str, Any], **more: Any) -> dict[str, Any]:
    told = {"role": "assistant", "part": part, **more}
    return {"type": "message_part", "chat_id": CHAT, "message_part": told}


def frame_of(part: dict[str, Any], **more: Any) -> bytes:
    return f"{json.dumps([event_of(part, **more)], separators=(',', ':'))}\n".encode()


def with_piece(part: dict[str, Any], piece: str) -> dict[str, Any]:
    return part | {"args_delta" if "args_delta" in part else "text": piece}


def whole(value: Any) -> Any:
    """A value with all that tells it from others, also what `==` does not look at."""
    if isinstance(value, WireModel):
        fields = {name: whole(field) for name, field in value.__dict__.items()}
        told = sorted(value.model_fields_set)
        return type(value), fields, told, value.model_extra
    return [whole(item) for item in value] if isinstance(value, tuple) else value


def outcome(decode: Any, frame: bytes) -> Any:
    try:
        return whole(decode(frame))
    except ProtocolError as error:
        return str(error)


def assert_reads_as_decoding(frames: Iterable[bytes]) -> None:
    decoder = FrameDecoder()
    for frame in frames:
        assert outcome(decoder, frame) == outcome(decode_frame, frame), frame


@st.composite
def runs(draw: st.DrawFn) -> list[bytes]:
    """Pieces that are alike or not, in two spellings of JSON and three framings."""
    frames = []
    spelling: dict[str, Any] = draw(
        st.sampled_from(
            [{}, {"separators": (",", ":")}, {"ensure_ascii": False, "indent": 1}]
        )
    )
    is_numbered, is_wrapped = draw(st.booleans()), draw(st.booleans())
    kinds = st.sampled_from(draw(st.lists(st.sampled_from(PARTS), min_size=1)))
    pieces = draw(st.lists(st.tuples(kinds, st.text() | st.none()), max_size=12))
    for number, (part, piece) in enumerate(pieces, draw(st.integers(-2, 10**17))):
        more = {"seq": number, "history_version": 3} if is_numbered else {}
        said = part if piece is None else with_piece(part, piece)
        event = event_of(said, **more)
        document: Any = {"type": "data", "data": [event]} if is_wrapped else [event]
        text = json.dumps(document, **spelling)
        frames.append(text.encode("utf-8", "surrogatepass"))
    return frames


@given(runs())
def test_every_run_of_pieces_is_read_as_decoding_reads_it(frames: list[bytes]) -> None:
    assert_reads_as_decoding(frames)


@given(
    part=st.sampled_from(PARTS[:4]),
    seq=st.none() | st.integers(1, 99),
    place=st.integers(0, 400),
    cut=st.integers(0, 3),
    put=st.binary(max_size=4) | st.text('"\\,{}[]:0123456789eu ').map(str.encode),
)
def test_no_changed_byte_is_overlooked(
    part: dict[str, Any], seq: int | None, place: int, cut: int, put: bytes
) -> None:
    """A frame that is nearly like the ones before it is what its bytes say."""
    numbers = [] if seq is None else [seq, seq + 1, seq + 2]
    more = [{"seq": number} for number in numbers] or [{}] * 3
    frames = [frame_of(with_piece(part, "abc"), **seq) for seq in more]
    changed = frames[2][:place] + put + frames[2][place + cut :]

    assert_reads_as_decoding([*frames, changed])


@pytest.mark.parametrize(
    ("like", "other"),
    [
        pytest.param(
            b'{"text":"a","text":"b"}', b'{"text":"c","text":"b"}', id="twice"
        ),
        pytest.param(
            b'{"text":"a","t\\u0065xt":"ax"}',
            b'{"text":"b","t\\u0065xt":"ax"}',
            id="spelt",
        ),
        pytest.param(b'{"text":"a"},"seq":1', b'{"text":"2', id="no-middle"),
        pytest.param(b'{"text":"a"},"seq":1e2', b'{"text":"a"},"seq":7e2', id="power"),
        pytest.param(b'{"text":"a"},"seq":1.0', b'{"text":"a"},"seq":2.0', id="float"),
        pytest.param(b'{"text":"a"},"seq":1', b'{"text":"a"},"seq":01', id="zero"),
        pytest.param(b'{"text":"a"},"seq":1', b'{"text":"a"},"seq":-1', id="negative"),
        pytest.param(b'{"text":"a"}', b'{"text":"}', id="overlap"),
        pytest.param(b'{"text":"a"}', b'{"text":"a","text":"b"}', id="late-twin"),
        pytest.param(b'{"text":"a"}', b'{"text":"\xff"}', id="bytes"),
        pytest.param(b'{"text":"a"}', b'{"text":"\\ud83d"}', id="half"),
        pytest.param(b'{"text":"a"}', b'{"text":"a\nb"}', id="control"),
    ],
)
def test_what_only_looks_alike_is_decoded(like: bytes, other: bytes) -> None:
    """The part is completed here, so that only its odd end differs."""
    head = b'[{"type":"message_part","chat_id":"c","message_part":{"part":'
    frames = [
        head + told.replace(b'{"text"', b'{"type":"text","text"', 1) + b"}}]"
        for told in (like, like, other)
    ]

    assert_reads_as_decoding(frames)


@pytest.mark.parametrize(("release", "name"), FLOWS)
def test_every_recorded_frame_is_read_as_decoding_reads_it(
    release: str, name: str
) -> None:
    for flow in flows(release, name):
        for socket in flow.sockets:
            assert_reads_as_decoding(text.encode() for text in socket.texts)


class Counted:
    """How many frames were decoded in full."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.frames = 0
        patch.setattr(framing, "decode_frame", self)

    def __call__(self, frame: bytes) -> Any:
        self.frames += 1
        return decode_frame(frame)


@pytest.mark.parametrize("is_numbered", [True, False])
def test_a_long_answer_is_decoded_in_full_but_for_its_beginning(
    monkeypatch: pytest.MonkeyPatch, is_numbered: bool
) -> None:
    counted, decoder = Counted(monkeypatch), FrameDecoder()

    for number in range(1, 500):
        more = {"seq": number} if is_numbered else {}
        decoder(frame_of(with_piece(PARTS[0], f'word\n "{number}" <é '), **more))

    assert counted.frames == 3, "two as they came, and one to learn from"


def test_who_never_sends_two_frames_alike_costs_little_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted, decoder = Counted(monkeypatch), FrameDecoder()

    for number in range(500):
        decoder(frame_of(PARTS[0] | {"url": str(number)}))

    assert counted.frames <= 500 + 10


def test_copies_share_nothing_that_can_be_changed() -> None:
    decoder = FrameDecoder()
    events: list[Any] = [decoder(frame_of(PARTS[0]))[0] for _ in range(4)]
    before = whole(events[3])

    for value in (events[2], events[2].message_part, events[2].message_part.part):
        value.__dict__["text"] = "other"
        value.model_extra["new"] = 1

    assert whole(events[3]) == before == whole(decoder(frame_of(PARTS[0]))[0])
