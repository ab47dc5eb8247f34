"""A secret in pieces is kept out of a recording, and all else stays in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coderchat_jupyter.client import Client
from coderchat_jupyter.session._recorder import Recording
from coderchat_jupyter.session._recording import Header, decode_step
from coderchat_jupyter.session._redact import is_unfinished, redacted_text
from coderchat_jupyter.session._spelled import Spelled
from coderchat_jupyter.state.chat_state import Link
from coderchat_jupyter.state.steps import Told

SECRET: Final = "abcab-secret-abd"
CLIENT: Final = Client("http://127.0.0.1:1", SECRET)


def pieces(*texts: str, kind: str = "text", field: str = "text") -> dict[str, Any]:
    parts = [{"type": kind, field: text} for text in texts]
    streamed = [{"role": "assistant", "part": part} for part in parts]
    events = [{"type": "message_part", "message_part": one} for one in streamed]
    return {"step": "frame", "events": events}


def status() -> dict[str, Any]:
    event = {"type": "status", "status": {"status": "waiting"}}
    return {"step": "frame", "events": [event]}


def stored() -> dict[str, Any]:
    event = {"type": "message", "message": {"role": "assistant"}}
    return {"step": "frame", "events": [event]}


def written(*lines: dict[str, Any]) -> list[dict[str, Any]]:
    spelled = Spelled(CLIENT.without_token, CLIENT.begins_token)
    out = [line for given in lines for line in spelled.take(given)]
    return out + spelled.rest()


def said(lines: list[dict[str, Any]], field: str = "text") -> str:
    parts = (
        event["message_part"]["part"]
        for line in lines
        for event in line["events"]
        if "message_part" in event
    )
    return "".join(part.get(field, "") for part in parts)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    text=st.text("abcx-", max_size=6).map(lambda rest: f"ab{SECRET}{rest}{SECRET}a"),
    cuts=st.lists(st.integers(0, 45), max_size=12),
)
def test_however_it_is_cut_it_is_not_written(text: str, cuts: list[int]) -> None:
    """And what is around it is, in its order and on as many lines as it came."""
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    frames = [pieces(text[a:b]) for a, b in pairwise(places)]

    lines = written(*frames)

    assert said(lines) == text.replace(SECRET, "[redacted]")
    assert len(lines) == len(frames)


DOOR: Final = "S3cr3tS3cr3tS3cr3t"
TOLD: Final = (
    f"see https://me:{DOOR}@host/x and more",
    f"(https://host/?a=1&access_token={DOOR}) ok",
    f"curl -H 'Authorization: Bearer {DOOR}' https://host",
    f"Cookie: theme=dark; session={DOOR}; b=c\nnext",
    f'{{"headers":{{"X-Api-Key":"{DOOR}"}},"u":"https://a:{DOOR}@b/c"}}',
    f'say \\"client_secret\\":\\"{DOOR}\\" there',
    f"value: Bearer {DOOR} end",
    f"export A_B=1 OPENAI_API_KEY={DOOR} && x",
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(text=st.sampled_from(TOLD), cuts=st.lists(st.integers(0, 80), max_size=30))
def test_what_opens_another_door_is_not_written_in_pieces_either(
    text: str, cuts: list[int]
) -> None:
    """A model writes an address in many pieces, and none of them is one."""
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    spelled = Spelled(redacted_text, is_unfinished)

    lines = [
        line for a, b in pairwise(places) for line in spelled.take(pieces(text[a:b]))
    ]
    lines += spelled.rest()

    assert "cr3t" not in said(lines)
    assert said(lines) == redacted_text(text)


@pytest.mark.parametrize(
    ("kind", "field"), [("tool-call", "args_delta"), ("reasoning", "text")]
)
def test_other_pieces_between_do_not_hide_it(kind: str, field: str) -> None:
    """Each text that is streamed is a text of its own."""
    lines = written(
        pieces(SECRET[:5], kind=kind, field=field),
        pieces("between"),
        pieces(SECRET[5:], kind=kind, field=field),
    )

    assert SECRET[5:] not in json.dumps(lines)
    assert "between" in json.dumps(lines)


def test_a_line_is_written_at_once_when_nothing_has_begun() -> None:
    """Whoever reads the file while it grows sees all but the last word or two."""
    spelled = Spelled(CLIENT.without_token, CLIENT.begins_token)

    assert len(spelled.take(pieces("Hello"))) == 1
    assert spelled.take(pieces("a")) == []
    assert len(spelled.take(pieces("nother"))) == 2
    assert spelled.take(pieces("a")) == []
    assert len(spelled.take(stored())) == 2


def test_a_failure_ends_a_text() -> None:
    """A kernel that dies an hour later takes no line with it."""
    failure = {"type": "error", "error": {"message": "no"}}
    spelled = Spelled(CLIENT.without_token, CLIENT.begins_token)

    held = spelled.take(pieces(SECRET[:2]))
    lines = spelled.take({"step": "frame", "events": [failure]})

    assert (len(held), len(lines)) == (0, 2)


def test_what_is_held_back_is_written_at_the_end(tmp_path: Path) -> None:
    """With the time at which it came."""
    times = iter([0.0, 1.0, 2.0, 3.0, 4.0])
    recording = Recording(
        tmp_path / "chat.jsonl",
        Header(),
        scrub=CLIENT.without_token,
        begun=CLIENT.begins_token,
        clock=lambda: next(times),
    )
    for text in (SECRET[:7], SECRET[7:] + "!", "a"):
        step = decode_step(pieces(text))
        assert isinstance(step, Told)
        recording.on_step(step)
    recording.on_link(Link(phase="live"))
    recording.close()

    lines = [json.loads(line) for line in recording.path.read_text().splitlines()]
    assert [line.get("at") for line in lines[1:]][:3] == [1.0, 2.0, 3.0]
    assert said([line for line in lines if "events" in line]) == "[redacted]!a"


def queue_update() -> dict[str, Any]:
    return {"step": "frame", "events": [{"type": "queue_update"}]}


@pytest.mark.parametrize("between", [status, queue_update])
def test_an_event_between_its_pieces_does_not_let_it_go(
    between: Callable[[], dict[str, Any]],
) -> None:
    """Only the message of its step ends a text."""
    lines = written(pieces(SECRET[:7]), between(), pieces(SECRET[7:]))

    assert said(lines) == "[redacted]"
    assert lines[1] == between()


def test_a_server_that_tells_the_token_as_its_release_is_not_written(
    tmp_path: Path,
) -> None:
    """It knows the token, and may say it anywhere."""
    file = tmp_path / "chat.jsonl"

    Recording(file, Header(server=SECRET), scrub=CLIENT.without_token).close()

    assert SECRET not in file.read_text()
