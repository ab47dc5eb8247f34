"""Where everything in the cost chart stands: numbers in, numbers out.

The page draws the live chart with d3's scales (`js/src/charts/cost-layout.ts`), this
module the static one. `tests/fixtures/page/cost-layout.json` keeps the two equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from coderchat_jupyter.bridge.cost_view import CostChart, CostColumn
from coderchat_jupyter.bridge.money import axis_usd

__all__ = ["Bar", "Layout", "Mark", "layout", "tick_step"]

TOP: Final = 12.0
"""Above the highest mark: half a line of text."""

PLOT: Final = 140.0
FLAT: Final = 28.0
"""As high as that when nothing cost anything: an empty plot says no more."""

LANE: Final = 20.0
FOOT: Final = 26.0
PADDING: Final = 0.28
"""The part of a column's width that is left free between two."""

STUB: Final = 2.0
"""How high a free request is drawn: to be seen, and seen to be nothing."""

LABEL_WIDTH: Final = 6.4
"""A figure of the axis at 11 px, rounded up."""

TICK_ROOM: Final = 84.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A text beside or under the plot, and where its line is."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle. `slot` is its colour, 0 for the hatch of what has no price."""

    column: int
    slot: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The chart at one width: `bars` from the base upwards, column by column."""

    width: float
    height: float
    left: float
    base: float
    lane: float | None
    step: float
    bars: tuple[Bar, ...]
    rows: tuple[Mark, ...]
    ticks: tuple[Mark, ...]


def layout(chart: CostChart, width: float) -> Layout:
    """Place the chart in so many pixels."""
    top = max((sum(v or 0 for v in c.micros) for c in chart.columns), default=0)
    mark = tick_step(top, 4)
    ceiling = math.ceil(top / mark) * mark
    names = [(at, axis_usd(at, mark)) for at in range(0, ceiling + 1, mark)]
    has_lane = any(column.unpriced for column in chart.columns)

    left = 12 + LABEL_WIDTH * max(len(name) for _, name in names)
    left = math.ceil(max(left, 56.0 if has_lane else 40.0))
    plot = PLOT if ceiling else FLAT
    base = TOP + plot
    step = (width - left) / max(1, len(chart.columns))
    scale = plot / ceiling if ceiling else 0.0
    most = max((column.unpriced for column in chart.columns), default=0)

    bars: list[Bar] = []
    for index, column in enumerate(chart.columns):
        x, band = left + step * (index + PADDING / 2), step * (1 - PADDING)
        bars += _stack(chart, index, column, x=x, band=band, base=base, scale=scale)
        if column.unpriced:
            height = 4 + 8 * column.unpriced / most
            bars.append(Bar(index, 0, x, base + LANE - 2 - height, band, height))

    every = max(1, math.ceil(TICK_ROOM / step))
    return Layout(
        width=width,
        height=base + (LANE if has_lane else 0) + FOOT,
        left=left,
        base=base,
        lane=base + LANE if has_lane else None,
        step=step,
        bars=tuple(bars),
        rows=tuple(Mark(base - at * scale, name) for at, name in names),
        ticks=tuple(
            Mark(left + step * (index + 0.5), chart.columns[index].tick)
            for index in range(every // 2, len(chart.columns), every)
        ),
    )


def tick_step(top: int, count: int) -> int:
    """The distance between marks: 1, 2 or 5 of a power of ten, as d3-array chooses."""
    if top <= 0:
        return 1
    rough = top / count
    power = 10.0 ** math.floor(math.log10(rough))
    error = rough / power
    factor = 1
    for limit, candidate in ((50, 10), (10, 5), (2, 2)):
        if error >= math.sqrt(limit):
            factor = candidate
            break
    return max(1, round(power * factor))


def _stack(
    chart: CostChart,
    index: int,
    column: CostColumn,
    *,
    x: float,
    band: float,
    base: float,
    scale: float,
) -> list[Bar]:
    bars: list[Bar] = []
    below = 0
    for series, micros in zip(chart.series, column.micros, strict=True):
        if not micros:
            continue
        low, high = below * scale, (below + micros) * scale
        # A gap of one pixel under every segment but the lowest.
        height = max(0.5, high - low - (1 if below else 0))
        bars.append(Bar(index, series.slot, x, base - high, band, height))
        below += micros
    free = [s for s, v in zip(chart.series, column.micros, strict=True) if v == 0]
    if not bars and free:
        y = base - STUB
        bars.append(Bar(index, free[0].slot, x, y, band, STUB))
    return bars
