"""A person at a terminal sees how far a long command is; a file or a pipe does not."""

from __future__ import annotations

from io import StringIO

import pytest

from coderchat_jupyter._progress import Progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def run(target: StringIO, told: StringIO) -> str:
    """Three steps, of which the second comes after a second."""
    times = iter([0.0, 0.5, 1.5, 1.5, 1.6])
    with Progress(target, told, lambda: next(times)) as progress:
        for _ in range(3):
            progress.step()
    return told.getvalue()


def test_the_count_is_told_once_a_second_and_taken_away_at_the_end() -> None:
    assert run(StringIO(), Terminal()) == "\r2 chats\r       \r"


@pytest.mark.parametrize(
    ("target", "told"),
    [(StringIO(), StringIO()), (Terminal(), Terminal()), (Terminal(), StringIO())],
)
def test_nothing_is_told_where_nobody_waits_for_it(
    target: StringIO, told: StringIO
) -> None:
    assert run(target, told) == ""
