"""Time cut into the columns of a chart: the unit is chosen from the span."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

__all__ = ["Column", "Unit", "columns", "zone_name"]

MAX_COLUMNS: Final = 120
"""More than this and a column is thinner than the eye needs."""

MIN_COLUMNS: Final = 12
"""Fewer than this and one answer would look like a wall."""

# strftime would speak the kernel's locale, and the page the browser's.
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: from `start` until the next one's start."""

    start: datetime
    label: str
    """As it is read out: `Wed 11 Nov, 14:00`."""
    tick: str
    """As it stands under the axis: `14:00`."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A length of time that columns can have."""

    name: str
    floor: Callable[[datetime], datetime]
    step: Callable[[datetime, int], datetime]
    """The start of the column so many further on, or back."""


def columns(first: datetime, last: datetime, zone: tzinfo) -> tuple[Unit, list[Column]]:
    """The columns that cover both moments, in local time of the zone.

    The smallest unit that needs few enough columns is taken: five minutes up to two
    hours, hours up to three days, then days, weeks and months. Short spans are widened
    to the left, so that columns keep a likeable width.
    """
    for unit, limit in _LADDER:
        start, end = (unit.floor(at.astimezone(zone)) for at in (first, last))
        starts = _starts(unit, start, end, limit)
        if starts is not None:
            break
    else:
        # Ten years of months and more: the newest are what is asked about.
        starts = [unit.step(end, -n) for n in range(MAX_COLUMNS - 1, -1, -1)]
    while len(starts) < MIN_COLUMNS:
        starts.insert(0, unit.step(starts[0], -1))
    one_day = starts[0].date() == starts[-1].date()
    return unit, [_column(unit, at, one_day=one_day) for at in starts]


def zone_name(at: datetime) -> str:
    """How far local time is from UTC: `UTC`, `UTC+02:00`."""
    offset = at.utcoffset() or timedelta()
    if not offset:
        return "UTC"
    minutes = int(offset.total_seconds()) // 60
    sign = "+" if minutes > 0 else "-"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _starts(
    unit: Unit, start: datetime, end: datetime, limit: int
) -> list[datetime] | None:
    found: list[datetime] = []
    while start <= end:
        if len(found) == limit:
            return None
        found.append(start)
        start = unit.step(start, 1)
    return found


def _column(unit: Unit, at: datetime, *, one_day: bool) -> Column:
    day = f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]}"
    short = f"{at.day} {_MONTHS[at.month - 1]}"
    clock = f"{at.hour:02}:{at.minute:02}"
    match unit.name:
        case "5 minutes" | "hour":
            tick = clock if one_day else f"{_DAYS[at.weekday()]} {clock}"
            return Column(at, f"{day}, {clock}", tick)
        case "day":
            return Column(at, day, short)
        case "week":
            return Column(at, f"Week of {short} {at.year}", short)
        case _:
            month = _MONTHS[at.month - 1]
            return Column(at, f"{month} {at.year}", f"{month} {at.year % 100:02}")


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def _minutes(size: int) -> Callable[[datetime], datetime]:
    return lambda at: at.replace(
        minute=at.minute // size * size, second=0, microsecond=0
    )


def _elapsed(length: timedelta) -> Callable[[datetime, int], datetime]:
    def step(at: datetime, count: int) -> datetime:
        # Through UTC: an hour is an hour also in the night the clocks change.
        offset = at.utcoffset() or timedelta()
        moved = (at.replace(tzinfo=None) - offset) + length * count
        zone = at.tzinfo
        return zone.fromutc(moved.replace(tzinfo=zone)) if zone else moved

    return step


def _days(length: int) -> Callable[[datetime, int], datetime]:
    return lambda at, count: _midnight(at + timedelta(days=length * count))


def _month_step(at: datetime, count: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + count, 12)
    return at.replace(year=year, month=month + 1)


_LADDER: Final[tuple[tuple[Unit, int], ...]] = (
    (Unit("5 minutes", _minutes(5), _elapsed(timedelta(minutes=5))), 25),
    (Unit("hour", _minutes(60), _elapsed(timedelta(hours=1))), 72),
    (Unit("day", _midnight, _days(1)), MAX_COLUMNS),
    (
        Unit("week", lambda at: _midnight(at - timedelta(at.weekday())), _days(7)),
        MAX_COLUMNS,
    ),
    (Unit("month", lambda at: _midnight(at.replace(day=1)), _month_step), MAX_COLUMNS),
)
