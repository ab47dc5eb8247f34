"""`coderchat replay` and what `coderchat doctor` says of a recording."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from coderchat_jupyter.cli import main
from coderchat_jupyter.session._recorder import Recording
from coderchat_jupyter.session._recording import Header
from coderchat_jupyter.state.chat_state import Link
from coderchat_jupyter.state.select import message_text
from coderchat_jupyter.state.steps import Opened, Told
from coderchat_jupyter.wire.framing import decode_frame
from tests.state.build import batch, error, message, part, retry, status, tool_call
from tests.state.flows import FLOWS, flows

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31mred\r\x08\u202egnihtemos"


def record(path: Path, *frames: object) -> Path:
    """A recording of one connection, a second between frames."""
    ticks = itertools.count()
    header = Header(recorded_at="2026-06-01T12:00:00Z", server="v2.34.0", chat_id="c")
    with Recording(path, header, clock=lambda: float(next(ticks))) as recording:
        recording.on_link(Link(phase="live"))
        recording.on_step(Opened(0))
        for frame in frames:
            told = frame if isinstance(frame, tuple) else decode_frame(str(frame))
            recording.on_step(Told(told))
    return path


def test_a_recorded_chat_can_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prompts, answers as they grew, tools, and how it went."""
    path = record(
        tmp_path / "chat.jsonl",
        batch(status("running"), message(1, "user", "Hi\nthere")),
        batch(part("Hel"), part("lo")),
        batch(retry()),
        batch(part("Good "), tool_call(args={"x": 1}), part("day")),
        batch(message(2, "assistant", "Good day!"), status("waiting")),
        batch(error("Out of luck."), status("error")),
    )

    assert main(["replay", str(path), "--at-once"]) == 0

    told = capsys.readouterr().out
    assert [line for line in told.split("\n") if line.strip()] == [
        "Chat c, recorded 2026-06-01T12:00:00Z, server v2.34.0",
        "> Hi",
        "> there",
        "Hello",
        "[asked again after: busy]",
        "Good day",
        "  look({'x': 1})",
        "!",
        "[failed: Out of luck.]",
        "[ended as error]",
    ]


def test_hostile_text_does_not_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not by a piece of an answer, a tool, an error, nor cut in two."""
    path = record(
        tmp_path / "chat.jsonl",
        batch(status("running"), message(1, "user", HOSTILE)),
        batch(part("\x1b"), part("[31mred"), part(HOSTILE)),
        batch(tool_call(name=HOSTILE, args={HOSTILE: HOSTILE})),
        batch(message(2, "assistant", HOSTILE)),
        batch(error(HOSTILE), status("error")),
        batch({"type": HOSTILE}),
    )

    assert main(["replay", str(path), "--at-once"]) == 0
    assert main(["doctor", "--recording", str(path)]) == 0

    told = capsys.readouterr().out
    assert "red" in told
    assert all(c.isprintable() or c == "\n" for c in told)


def test_the_file_itself_is_safe_to_print(tmp_path: Path) -> None:
    """Somebody will say `cat`."""
    path = record(tmp_path / "chat.jsonl", batch(message(1, "user", HOSTILE)))

    assert all(32 <= byte < 127 or byte == 10 for byte in path.read_bytes())


@pytest.mark.parametrize("text", ["", "a,b\n", '{"recording": "coderchat"}\n'])
def test_a_foreign_file_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """By both commands."""
    path = tmp_path / "other.txt"
    path.write_text(text)

    assert main(["replay", str(path)]) == 1
    assert main(["doctor", "--recording", str(path)]) == 1

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 2
    assert "other.txt" in told.err


def test_a_recording_that_breaks_off_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What there is of it is shown."""
    path = record(tmp_path / "c.jsonl", batch(message(1)), batch(message(2)))
    path.write_bytes(path.read_bytes()[:-20])

    assert main(["replay", str(path), "--at-once"]) == 0

    assert "breaks off here" in capsys.readouterr().out


def test_whoever_has_read_enough_may_leave(tmp_path: Path) -> None:
    """As `head` does: that is no failure to be traced."""
    path = record(tmp_path / "c.jsonl", batch(message(1)), batch(message(2)))
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-m", "coderchat_jupyter", "replay", str(path)]

    done = subprocess.run(
        [*command, "--at-once"], stdout=writes, stderr=subprocess.PIPE, check=False
    )
    os.close(writes)

    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf", "x"])
def test_a_speed_is_above_zero(tmp_path: Path, speed: str) -> None:
    """Anything else would never end, or is no number."""
    with pytest.raises(SystemExit):
        main(["replay", str(tmp_path / "c.jsonl"), "--speed", speed])


def test_the_doctor_counts_what_this_release_does_not_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Event types, part types, words and fields, each with how often it came."""
    path = record(
        tmp_path / "chat.jsonl",
        batch(status("of-tomorrow"), {"type": "glow"}, {"type": "glow"}),
        batch(part("x", "hologram"), part("y", newfield=1)),
    )

    assert main(["doctor", "--recording", str(path)]) == 0

    told = capsys.readouterr().out
    assert "2 x event type glow" in told
    assert "1 x part type hologram" in told
    assert "of-tomorrow" in told
    assert "newfield" in told


@pytest.mark.parametrize(("release", "name"), FLOWS)
def test_every_recorded_conversation_can_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], release: str, name: str
) -> None:
    """And each prompt of it stands there."""
    for number, told in enumerate(flows(release, name)):
        frames = told.sockets[0].texts
        path = record(tmp_path / f"{number}.jsonl", *frames)

        assert main(["replay", str(path), "--at-once"]) == 0

        shown = capsys.readouterr().out
        sent = {e.message.id for e in told.sockets[0].events if e.type == "message"}
        prompts = [
            message_text(m) for m in told.messages if m.role == "user" and m.id in sent
        ]
        assert prompts
        assert all(prompt in shown for prompt in prompts)
