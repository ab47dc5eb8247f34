"""Amounts and counts, as the page says them too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.bridge.money import axis_usd, tokens_text, usd, usd_answer

SHARED: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "page" / "money.json").read_text()
)


@pytest.mark.parametrize(("micros", "text"), SHARED["usd"])
def test_a_total_reads_as_on_the_page(micros: int, text: str) -> None:
    """The static picture and the live widget must not contradict each other."""
    assert usd(micros) == text


@pytest.mark.parametrize(("micros", "step", "text"), SHARED["axis"])
def test_a_mark_of_the_axis_reads_as_on_the_page(
    micros: int, step: int, text: str
) -> None:
    """One chart, two languages."""
    assert axis_usd(micros, step) == text


@pytest.mark.parametrize(("count", "text"), SHARED["tokens"])
def test_a_token_count_reads_as_on_the_page(count: int, text: str) -> None:
    """One table, two languages."""
    assert tokens_text(count) == text


@given(st.integers(min_value=1, max_value=10**15))
def test_what_is_not_zero_never_reads_as_zero(micros: int) -> None:
    """Free and nearly free are different things."""
    assert usd(micros) != usd(0)
    assert usd_answer(micros) != usd_answer(0)


@pytest.mark.parametrize(
    ("micros", "text"),
    [(0, "$0.00"), (49, "<$0.0001"), (56_500, "$0.0565"), (1_250_000, "$1.25")],
)
def test_one_answer_has_four_decimals_under_a_dollar(micros: int, text: str) -> None:
    """Answers are small, and two decimals would make most of them a cent."""
    assert usd_answer(micros) == text
