"""The chart's geometry and its picture, equal to what the page draws."""

from __future__ import annotations

import base64
import json
import xml.etree.ElementTree as ET
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.bridge.cost_chart import layout, tick_step
from coderchat_jupyter.bridge.cost_svg import chart_svg, data_uri
from coderchat_jupyter.bridge.cost_view import CostChart, CostColumn, CostSeries

SHARED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "page" / "cost-layout.json").read_text()
)


def chart(*columns: tuple[tuple[int | None, ...], int], names: str = "ab") -> CostChart:
    """A chart whose columns are (micros by series, unpriced)."""
    return CostChart(
        unit="day",
        zone="UTC",
        series=tuple(CostSeries(name=n, slot=i) for i, n in enumerate(names, 1)),
        columns=tuple(
            CostColumn(
                label=f"Day {index}",
                tick=str(index),
                micros=micros,
                unpriced=unpriced,
                requests=1,
            )
            for index, (micros, unpriced) in enumerate(columns)
        ),
    )


def rounded(value: Any) -> Any:
    """To a thousandth of a pixel: sums of floats differ between languages."""
    match value:
        case float():
            return round(value, 3)
        case dict():
            return {name: rounded(item) for name, item in value.items()}
        case list() | tuple():
            return [rounded(item) for item in value]
        case _:
            return value


@pytest.mark.parametrize("case", SHARED, ids=lambda case: case["name"])
def test_everything_stands_where_the_page_puts_it(case: dict[str, Any]) -> None:
    """The same file is held against the page's layout in js/tests."""
    box = layout(CostChart.model_validate(case["chart"]), case["width"])

    assert rounded(asdict(box)) == case["layout"]


def test_an_unpriced_request_is_in_a_lane_and_in_no_stack() -> None:
    """Unpriced is not zero, and not part of any height."""
    box = layout(chart(((1000, None), 0), ((None, None), 3)), 600)

    assert [(bar.column, bar.slot) for bar in box.bars] == [(0, 1), (1, 0)]
    assert box.lane is not None
    assert box.bars[1].y > box.base


def test_a_free_request_is_drawn_as_a_stub_on_the_base() -> None:
    """Free shows that something was asked; nothing asked shows nothing."""
    box = layout(chart(((0, None), 0), ((None, None), 0)), 600)

    assert [(bar.column, bar.slot, bar.height) for bar in box.bars] == [(0, 1, 2)]


@given(st.integers(min_value=1, max_value=10**14))
def test_marks_are_few_and_the_last_is_not_below_the_top(top: int) -> None:
    """More than eight lines are a grid, and a bar must not leave the plot."""
    box = layout(chart(((top, None), 0)), 600)

    assert len(box.rows) <= 9
    assert min(bar.y for bar in box.bars) >= min(row.at for row in box.rows) - 1e-6
    assert str(tick_step(top, 4)).rstrip("0") in ("1", "2", "5")


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.integers(0, 10**9)), st.integers(0, 5)),
        min_size=1,
        max_size=120,
    ),
    st.integers(min_value=280, max_value=1600),
)
def test_nothing_stands_outside_the_picture(
    cells: list[tuple[int | None, int]], width: int
) -> None:
    """Whatever the numbers and the width."""
    box = layout(chart(*(((c, None), u) for c, u in cells)), width)

    assert all(box.left <= bar.x for bar in box.bars)
    assert all(bar.x + bar.width <= width + 1e-6 for bar in box.bars)
    assert all(bar.y >= 11.9 and bar.height > 0 for bar in box.bars)
    assert all(b.at - a.at >= 84 - 1e-6 for a, b in pairwise(box.ticks))


def test_the_picture_is_xml_that_holds_names_as_text() -> None:
    """A model's name is whatever a server sends."""
    evil = '</title><script>alert(1)</script>"&'
    drawn = chart(((5, None), 1))
    named = drawn.model_copy(update={"series": (CostSeries(name=evil, slot=1),)})
    whole = named.model_copy(
        update={
            "columns": tuple(
                c.model_copy(update={"micros": (5,)}) for c in named.columns
            )
        }
    )

    root = ET.fromstring(chart_svg(whole))  # noqa: S314  our own text

    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "title", "defs", "pattern", "path", "rect", "text"}
    assert evil in {element.text for element in root.iter()}


def test_the_picture_travels_inside_its_own_address() -> None:
    """No viewer of a saved notebook may have to fetch anything."""
    svg = chart_svg(chart(((5, None), 1)))

    head, _, body = data_uri(svg).partition(",")

    assert head == "data:image/svg+xml;base64"
    assert base64.b64decode(body).decode() == svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_a_long_legend_goes_on_below() -> None:
    """Names of models are long, and cells are narrow."""
    names = [f"a model with quite a long name, number {n} of five" for n in range(5)]
    made = chart(((1, 2, 3, 4, 5), 0), names="abcde")
    series = tuple(CostSeries(name=n, slot=i) for i, n in enumerate(names, 1))

    root = ET.fromstring(chart_svg(made.model_copy(update={"series": series}), 400))  # noqa: S314

    legend = [t for t in root.iter() if (t.text or "").startswith("a model")]
    rows = {float(text.attrib["y"]) for text in legend}
    assert len(legend) == 5
    assert len(rows) == 5
    assert max(rows) < float(root.attrib["height"])
