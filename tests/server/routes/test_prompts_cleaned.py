"""Prompts as they are stored: without what nobody sees, everything else kept."""

from __future__ import annotations

import pytest

from coderchat_jupyter.server.routes.config_prompts import clean_prompt


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a  \nb\t\n\n \n\nc  d ", "a\nb\n\nc  d"),
        ("a\r\n\r\n\rb", "a\n\nb"),
        ("a\u200b\u200d\u2060\ufeff\u00ad\u034f\u202eb", "ab"),
        ("\u200c\ue0a0\u2065", "\u200c\ue0a0\u2065"),
        ("a\x00\x1b\U000e0041b\tc", "ab\tc"),
        ("a\n\u200b\n\u200b\n\u200bb", "a\n\nb"),
    ],
)
def test_a_prompt_is_cleaned_as_the_reference_does(given: str, kept: str) -> None:
    """Controls and tags go besides, which the reference keeps."""
    assert clean_prompt(given) == kept
