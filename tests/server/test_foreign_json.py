"""JSON that others wrote: whatever is read can be kept and told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.server.foreign_json import read_first, read_whole, whole_text

_TEXTS = st.text(
    st.characters(codec=None) | st.sampled_from('\ud83d\ude00\ud800\udfff\0\\"u')
)
_NUMBERS = st.one_of(
    st.integers(),
    st.floats(),
    st.integers(min_value=10**300, max_value=10**320),
)
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner),
    max_leaves=8,
)


@given(value=_VALUES, is_escaped=st.booleans())
def test_what_is_read_can_be_written_and_read_back(
    value: Any, *, is_escaped: bool
) -> None:
    try:
        found = read_whole(json.dumps(value, ensure_ascii=is_escaped))
    except ValueError:
        return
    told = json.dumps(found, ensure_ascii=False, allow_nan=False).encode()

    assert json.loads(told) == found
    assert read_whole(told.decode()) == found


@given(text=st.text(st.sampled_from('[]{}",:\\udD8f0 19eE+-.nulNaInfity\ud800')))
def test_no_text_breaks_the_reader(text: str) -> None:
    for read in (read_whole, read_first):
        try:
            found = read(text)
        except ValueError:
            continue
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()


@given(value=_VALUES)
def test_what_is_sound_is_read_as_it_is(value: Any) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
        found = read_whole(text)
    except ValueError:
        return

    assert found == value


@pytest.mark.parametrize("read", [read_whole, read_first])
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "NaN",
        "[Infinity]",
        '{"a": -Infinity}',
        "1e999",
        "-1e999",
        '{"a": [1.5e400]}',
        "1" + "0" * 309,
        "9" * 5_000,
        "[" * 100_000 + "]" * 100_000,
    ],
    ids=lambda text: text[:12] if isinstance(text, str) else None,
)
def test_what_is_no_json_value_is_refused(
    read: Callable[[str], Any], text: str
) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read(text)

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\ud800b"', "a\ufffdb"),
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (r'"\ude00\ud83d"', "\ufffd\ufffd"),
        (r'"\\ud800"', r"\ud800"),
        (r'{"\uDC00": [null]}', {"\ufffd": [None]}),
        ('"\ud83d\ude00 \ud83d"', "\U0001f600 \ufffd"),
        (r'"\u0000"', "\0"),
        ("1e-999", 0.0),
        ("1e308", 1e308),
        (" [1] ", [1]),
    ],
)
def test_half_a_character_is_replaced_and_all_else_is_kept(
    text: str, value: object
) -> None:
    assert read_whole(text) == value


def test_what_follows_the_value_counts_only_for_whole_texts() -> None:
    assert read_first('\n{"a": 1} and more') == {"a": 1}
    with pytest.raises(ValueError, match="after top-level value"):
        read_whole('{"a": 1} and more')


@given(text=_TEXTS)
def test_a_whole_text_can_be_encoded_and_stays_as_it_is(text: str) -> None:
    whole = whole_text(text)

    whole.encode()
    assert whole_text(whole) == whole
