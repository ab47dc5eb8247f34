"""Every frame of the record decodes to known values and encodes to the same JSON."""

from __future__ import annotations

import json
import pathlib
import re
from typing import Any

import pytest

from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.framing import decode_frame

FLOWS = pathlib.Path(__file__).parent.parent / "fixtures" / "flows"
FILES = sorted(FLOWS.rglob("*.json"))

# Times of a retry have nanoseconds; ours, like Python's, end at microseconds.
NANOSECONDS = re.compile(r"\.(\d{6})\d+Z")


def microseconds(found: re.Match[str]) -> str:
    """The fraction cut to six digits, trailing zeros dropped as Go does."""
    return f".{found[1]}".rstrip("0").rstrip(".") + "Z"


def frames(path: pathlib.Path) -> list[Any]:
    sockets = json.loads(path.read_text())["sockets"]
    return [frame["data"] for socket in sockets for frame in socket["frames"]]


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_recorded_frame_is_read_whole_and_written_back_the_same(
    path: pathlib.Path,
) -> None:
    """Nothing of a real server is unknown to us, lost or changed."""
    for frame in frames(path):
        text = NANOSECONDS.sub(microseconds, json.dumps(frame))

        batch = decode_frame(text)

        assert [event.type for event in batch if event.type == "unknown"] == []
        assert encode(batch, only_set=True) == json.loads(text)


def test_the_record_is_here() -> None:
    """Without files the test above would pass by silence."""
    assert {path.parent.name for path in FILES} >= {"v2.33.9", "v2.34.0", "v2.36.0"}
