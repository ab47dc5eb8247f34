"""Time cut into columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.bridge.buckets import MAX_COLUMNS, columns, zone_name

NOW = datetime(2026, 11, 21, 13, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "unit"),
    [
        (timedelta(minutes=1), "5 minutes"),
        (timedelta(hours=2), "5 minutes"),
        (timedelta(hours=3), "hour"),
        (timedelta(hours=70), "hour"),
        (timedelta(days=4), "day"),
        (timedelta(days=119), "day"),
        (timedelta(days=200), "week"),
        (timedelta(days=1200), "month"),
    ],
)
def test_the_unit_is_chosen_from_the_span(span: timedelta, unit: str) -> None:
    """An afternoon is told in hours, a month in days."""
    assert columns(NOW - span, NOW, UTC)[0].name == unit


@given(
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9000)),
    st.integers(min_value=-12, max_value=13),
)
def test_columns_cover_the_span_in_order_and_are_not_too_many(
    span: timedelta, hours: int
) -> None:
    """Every request has a column, and every column a width that can be seen."""
    zone = timezone(timedelta(hours=hours, minutes=30))

    unit, cut = columns(NOW - span, NOW, zone)

    assert 12 <= len(cut) <= MAX_COLUMNS
    assert all(a.start < b.start for a, b in pairwise(cut))
    assert cut[-1].start <= NOW < unit.step(cut[-1].start, 1)
    assert cut[0].start <= NOW - span or len(cut) == MAX_COLUMNS


def test_days_begin_at_local_midnight_also_when_clocks_change() -> None:
    """A day of 25 hours is one column."""
    berlin = ZoneInfo("Europe/Berlin")
    last = datetime(2026, 10, 28, 12, tzinfo=berlin)

    _, cut = columns(last - timedelta(days=20), last, berlin)

    assert {(at.start.hour, at.start.minute) for at in cut} == {(0, 0)}
    assert len({at.start.date() for at in cut}) == len(cut) == 21


def test_hours_go_on_while_clocks_change() -> None:
    """The hour that comes twice is two columns."""
    berlin = ZoneInfo("Europe/Berlin")
    last = datetime(2026, 10, 25, 12, tzinfo=berlin)

    _, cut = columns(last - timedelta(hours=18), last, berlin)

    steps = {
        b.start.astimezone(UTC) - a.start.astimezone(UTC) for a, b in pairwise(cut)
    }
    assert steps == {timedelta(hours=1)}


@pytest.mark.parametrize(
    ("minutes", "name"),
    [(0, "UTC"), (120, "UTC+02:00"), (-210, "UTC-03:30"), (345, "UTC+05:45")],
)
def test_a_zone_is_named_by_its_offset(minutes: int, name: str) -> None:
    """A column of hours says nothing without it."""
    zone = timezone(timedelta(minutes=minutes))

    assert zone_name(NOW.astimezone(zone)) == name
