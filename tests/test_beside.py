"""Checks that run beside others: none of them may be lost."""

from __future__ import annotations

import pytest

from tests._beside import beside


def test_a_part_beside_others_is_counted_and_told(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with beside(["layers"]) as rows:
        pass

    ((name, counts, seconds),) = rows
    assert (name, sum(counts)) == ("layers", 1)
    assert seconds > 0
    assert "=== layers" in capfd.readouterr().out


def test_a_part_that_ends_without_a_word_has_failed() -> None:
    with beside(["no such part"]) as rows:
        pass

    assert rows == [("no such part", (0, 1, 0), 0.0)]
