"""How long a session waits before it connects again."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from coderchat_jupyter.session import Backoff


def test_waits_double_up_to_a_limit() -> None:
    """One second is hardly noticed; ten are enough for a server that is away."""
    plain = Backoff(chance=lambda: 0.5)

    assert [plain.delay(n) for n in range(1, 7)] == [1, 2, 4, 8, 10, 10]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_chance_spreads_waits_within_bounds(attempt: int, chance: float) -> None:
    """A restarted server is not to be met by all kernels at once."""
    delay = Backoff(chance=lambda: chance).delay(attempt)

    assert 0.7 <= delay <= 13
