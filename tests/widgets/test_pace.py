"""How often widgets speak, on a clock that the test moves."""

from __future__ import annotations

from itertools import pairwise

import pytest

from coderchat_jupyter.widgets._pace import KERNEL_RATE, LONGEST, KernelPace, Pace


def sends(seconds: float, pace: Pace, *, start: float = 0.0) -> list[float]:
    """When messages go if something changes all the time."""
    sent: list[float] = []
    now = start
    while now < start + seconds:
        wait = pace.wait(now)
        if wait == 0:
            pace.take(now)
            sent.append(now)
            continue
        now += wait
    return sent


def test_the_first_change_goes_at_once() -> None:
    """A reader who waits for the first word waits for nothing else."""
    assert Pace(KernelPace()).wait(100.0) == 0


def test_no_more_than_thirty_a_second() -> None:
    """Faster than that nobody reads, and servers start to drop."""
    assert len(sends(1.0, Pace(KernelPace()))) <= 31


@pytest.mark.parametrize(("seconds", "limit"), [(10, 150), (40, 300), (80, 450)])
def test_a_long_answer_takes_few_messages(seconds: int, limit: int) -> None:
    """2,000 tokens have to fit into 450 messages, quick model or slow."""
    assert len(sends(seconds, Pace(KernelPace()))) <= limit


def test_steps_do_not_grow_for_ever() -> None:
    """The page smooths over a quarter of a second, not over more."""
    sent = sends(120, Pace(KernelPace()))

    assert max(b - a for a, b in pairwise(sent)) < LONGEST + 0.01


def test_after_a_rest_it_is_fast_again() -> None:
    """The next answer is a new one."""
    pace = Pace(KernelPace())
    sends(60, pace)

    assert pace.wait(62.0) == 0
    assert len(sends(1.0, pace, start=62.0)) >= 25


def test_all_widgets_together_keep_to_the_kernels_rate() -> None:
    """A hundred cells that stream at once must not flood the server."""
    kernel = KernelPace()
    paces = [Pace(kernel) for _ in range(100)]
    sent, now = 0, 0.0
    while now < 5.0:
        for pace in paces:
            if pace.wait(now) == 0:
                pace.take(now)
                sent += 1
        now += 0.005

    assert sent <= 5.0 * KERNEL_RATE + 60


def test_what_is_urgent_minds_only_the_kernel() -> None:
    """The end of an answer is shown when it ends."""
    pace = Pace(KernelPace())
    sends(60, pace)
    pace.take(60.0)

    assert pace.wait(60.01) > 0
    assert pace.wait(60.01, is_urgent=True) == 0
