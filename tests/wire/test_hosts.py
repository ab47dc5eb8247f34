"""Loopback is where tokens travel in the clear and pages of other sites may not go."""

from __future__ import annotations

import pytest

from coderchat_jupyter.wire.hosts import is_loopback


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:80", True),
        ("http://LOCALHOST:1", True),
        ("//127.0.0.1:5000", True),
        ("//localhost", True),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost.example.com", False),
        ("http://10.0.0.1", False),
        ("//evil.example:80", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(url: str, is_ours: bool) -> None:
    """A name that merely begins like one is somebody else's."""
    assert is_loopback(url) is is_ours
