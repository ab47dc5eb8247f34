"""Text that grows at its end at a cost that does not depend on its length."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from coderchat_jupyter.state.text import NO_TEXT, TextBuffer


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.text()))
def test_a_text_is_its_pieces(pieces: list[str]) -> None:
    """Whatever they are, the empty ones included."""
    text = NO_TEXT
    for piece in pieces:
        text = text.append(piece)

    assert str(text) == "".join(pieces)
    assert len(text) == len("".join(pieces))
    assert text == TextBuffer("".join(pieces))
    assert hash(text) == hash(TextBuffer("".join(pieces)))
    assert text.is_blank == (not "".join(pieces).strip())


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 20), st.text(min_size=1)), max_size=20))
def test_earlier_values_never_change(steps: list[tuple[int, str]]) -> None:
    """Any of them may be appended to, in any order: states share them."""
    values, expected = [NO_TEXT], [""]
    for place, piece in steps:
        index = place % len(values)
        values.append(values[index].append(piece))
        expected.append(expected[index] + piece)

    assert [str(value) for value in values] == expected
    assert str(NO_TEXT) == ""


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.text(min_size=1), min_size=1), st.integers(0, 30))
def test_what_is_new_is_told_without_reading_the_rest(
    pieces: list[str], cut: int
) -> None:
    """That is all that a patch to the page has to carry."""
    text = seen = NO_TEXT
    for number, piece in enumerate(pieces):
        text = text.append(piece)
        if number < cut:
            seen = text

    assert str(seen) + (text.since(seen) or "") == str(text)


def test_another_text_is_not_taken_for_an_earlier_one() -> None:
    """Its end would be glued to the wrong beginning."""
    text = TextBuffer("a").append("b")

    assert text.since(TextBuffer("a")) is None
    assert TextBuffer("a").since(text) is None
    assert text.since(text) == ""


def test_an_append_does_not_copy_what_is_there() -> None:
    """Two thousand pieces must not cost two million."""
    text = TextBuffer("a")
    for _ in range(1000):
        longer = text.append("b")
        assert longer._pieces is text._pieces
        text = longer


def test_a_text_shows_itself_and_is_no_str() -> None:
    """In a failing test, and nowhere else."""
    assert repr(TextBuffer("a").append("b")) == "TextBuffer('ab')"
    assert TextBuffer("a") != "a"
    assert TextBuffer("ab") != TextBuffer("ac")
