"""Every frame of the record decodes to known values and encodes to the same JSON."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from pydantic import TypeAdapter

from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire.framing import decode_frame
from coderchat_jupyter.wire.watch import WatchEvent

FLOWS = pathlib.Path(__file__).parent.parent / "fixtures" / "flows"
FILES = sorted(FLOWS.rglob("*.json"))
WATCH = TypeAdapter(WatchEvent)


def frames(path: pathlib.Path, *, watched: bool) -> list[Any]:
    """The frames of the sockets that watch all chats, or of those that follow one."""
    sockets = json.loads(path.read_text())["sockets"]
    chosen = [s for s in sockets if ("/watch" in s["path"]) == watched]
    return [frame["data"] for socket in chosen for frame in socket["frames"]]


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_recorded_frame_is_read_whole_and_written_back_the_same(
    path: pathlib.Path,
) -> None:
    """Nothing of a real server is unknown to us, lost or changed."""
    for frame in frames(path, watched=False):
        batch = decode_frame(json.dumps(frame))

        assert [event.type for event in batch if event.type == "unknown"] == []
        assert encode(batch, only_set=True) == frame


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_recorded_change_of_a_chat_is_written_back_the_same(
    path: pathlib.Path,
) -> None:
    """The other socket tells of all chats; not every flow listened to it."""
    for frame in frames(path, watched=True):
        event = decode(WATCH, json.dumps(frame), what="change of a chat")

        assert encode(event, only_set=True) == frame


def test_the_record_is_here() -> None:
    """Without files, or without both kinds of sockets, the others would be silent."""
    assert {path.parent.name for path in FILES} >= {"v2.33.9", "v2.34.0", "v2.36.0"}
    assert any(frames(path, watched=True) for path in FILES)
    assert any(frames(path, watched=False) for path in FILES)
