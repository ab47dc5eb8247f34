"""When a failed call is made again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.server.engine.retry import MAX_ATTEMPTS, delay_ms


def test_the_wait_doubles_from_a_second_to_a_minute() -> None:
    waits = [delay_ms(attempt) // 1000 for attempt in range(1, MAX_ATTEMPTS)]

    assert waits == [1, 2, 4, 8, 16, 32] + [60] * 18


@pytest.mark.parametrize(
    ("attempt", "wish", "expected"),
    [(1, 2500, 2500), (3, 2500, 4000), (1, None, 1000), (7, 3_600_000, 3_600_000)],
)
def test_a_vendors_wish_counts_when_it_is_longer(
    attempt: int, wish: int | None, expected: int
) -> None:
    """And has no upper limit."""
    assert delay_ms(attempt, wish) == expected


@given(st.integers(1, 10**9))
def test_any_attempt_has_a_wait(attempt: int) -> None:
    assert 1_000 <= delay_ms(attempt) <= 60_000


def test_attempts_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        delay_ms(0)
