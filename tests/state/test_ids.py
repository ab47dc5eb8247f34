"""A growing set behaves as a frozenset does, whoever added to which value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.state._ids import NO_IDS, Ids


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 12)), max_size=25))
def test_every_value_stays_what_it_was(steps: list[tuple[int, int]]) -> None:
    """Each step adds to any value that was made before."""
    values: list[tuple[Ids, frozenset[int]]] = [(NO_IDS, frozenset())]
    for which, number in steps:
        grown, model = values[which % len(values)]
        values.append((grown.plus(number), model | {number}))

    for grown, model in values:
        assert {n for n in range(13) if n in grown} == model
        assert len(grown) == len(model)
        assert [grown == other for other, _ in values] == [
            model == other for _, other in values
        ]


def test_a_number_that_is_in_there_makes_no_new_value() -> None:
    """Views compare with `is`."""
    one = NO_IDS.plus(1)

    assert one.plus(1) is one


def test_equal_sets_have_one_hash() -> None:
    """In whichever order they grew."""
    assert hash(NO_IDS.plus(1).plus(2)) == hash(NO_IDS.plus(2).plus(1))
