"""JSON that is still being written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coderchat_jupyter.state.partial_json import partial_json

KEYS = st.text(max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(VALUES)
def test_a_whole_document_is_its_value(value: Any) -> None:
    """Nothing is lost at the end."""
    assert partial_json(json.dumps(value)) == value


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=3))
def test_a_beginning_never_says_what_the_whole_does_not(value: dict[str, Any]) -> None:
    """Keys come in order, whole, but for the last text as far as it got."""
    text = json.dumps(value, ensure_ascii=False)

    for cut in range(1, len(text)):
        seen = partial_json(text[:cut])
        assert isinstance(seen, dict)
        for key, found in seen.items():
            expected = value[key]
            assert found == expected or (
                isinstance(found, str) and str(expected).startswith(found)
            )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": "hel', {"a": "hel"}),
        ('{"a": 12', {}),
        ('{"a": 12,', {"a": 12}),
        ('{"a": [1, 2', {}),
        ('{"a": [[1]', {}),
        ('{"a": [1], "b": "x', {"a": [1], "b": "x"}),
        ('{"a": tru', {}),
        ('{"a": "x", "b', {"a": "x"}),
        ("{", {}),
        ("", ""),
        ("nothing", "nothing"),
    ],
)
def test_unfinished_values_wait(text: str, expected: Any) -> None:
    """A number that is still growing would be a wrong number."""
    assert partial_json(text) == expected
