"""What a workspace tells of its repositories, and what passes for nothing to tell."""

from __future__ import annotations

import json

import pytest

from coderchat_jupyter.errors import ProtocolError
from coderchat_jupyter.wire._go import dumps, encode
from coderchat_jupyter.wire.git import GitRefresh, decode_git_frame


@pytest.mark.parametrize(
    "document",
    [
        {"type": "changes", "repositories": None},
        {"type": "changes", "scanned_at": "2026-06-01T00:00:00.123456789Z"},
        {
            "type": "changes",
            "repositories": [
                {"repo_root": "/r", "branch": "main", "removed": True},
                {"repo_root": "/s", "branch": "", "unified_diff": "+é", "new": [1]},
            ],
        },
        {"type": "error", "message": "no git here"},
        {"type": "of_tomorrow", "more": {"x": None}},
        {},
    ],
)
def test_a_message_of_a_workspace_is_written_back_as_it_was(document: object) -> None:
    """Nulls, nanoseconds and what this release does not know included."""
    message = decode_git_frame(json.dumps(document))

    assert encode(message, only_set=True) == document


@pytest.mark.parametrize("frame", ["", "{", "[]", "7", '{"repositories":7}', b"\xff"])
def test_what_is_no_message_is_refused(frame: str | bytes) -> None:
    """And its text is not quoted."""
    with pytest.raises(ProtocolError):
        decode_git_frame(frame)


def test_a_workspace_is_asked_as_the_official_client_asks() -> None:
    """One word, and nothing else."""
    assert dumps(GitRefresh()) == b'{"type":"refresh"}\n'
