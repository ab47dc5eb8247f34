"""Texts without case."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.server.storage.folding import folded


@given(st.text())
def test_a_folded_text_is_as_long_and_stays_as_it_is(text: str) -> None:
    """So a pattern means the same, and what is folded twice is found by once."""
    assert len(folded(text)) == len(text)
    assert folded(folded(text)) == folded(text)


@given(st.text())
def test_letters_that_differ_by_case_are_the_same(text: str) -> None:
    """As long as the other case is one letter too."""
    for letter in text:
        other = letter.swapcase()
        if len(other) == 1 and other.swapcase() == letter:
            assert folded(letter) == folded(other)
