"""The cost chart as a picture without a kernel: plain SVG, no script, no styles."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Final

from coderchat_jupyter.bridge.cost_chart import Layout, layout
from coderchat_jupyter.bridge.cost_view import CostChart

__all__ = ["chart_sentence", "chart_svg", "data_uri"]

COLOURS: Final = ("#1a6ab9", "#c3823a", "#08a29d", "#5c0878", "#926000", "#4d545c")
"""The light palette of the page. The picture brings its own white ground with it: an
image does not know whether the page around it is light or dark."""

INK: Final = "#1f2328"
FAINT: Final = "#4b525d"
LINE: Final = "#dcdfe4"
LEGEND: Final = 20.0
LETTER: Final = 6.6


def chart_sentence(chart: CostChart) -> str:
    """What the picture shows, for who cannot see it."""
    names = ", ".join(series.name for series in chart.series) or "no priced model"
    count = len(chart.columns)
    return f"Cost per {chart.unit} by model ({names}), {count} columns, {chart.zone}"


def chart_svg(chart: CostChart, width: float = 800) -> str:
    """The chart as SVG text. The same chart gives the same text, always."""
    box = layout(chart, width)
    legend, legend_height = _legend(chart, box)
    height = box.height + legend_height
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" '
        f'height="{height:g}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'font-family="system-ui,sans-serif" font-size="11" fill="{FAINT}">'
        f"<title>{escape(chart_sentence(chart))}</title>"
    )
    ground = (
        '<defs><pattern id="n" width="4" height="4" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><path d="M0 0v4" stroke="{INK}" '
        'stroke-width="1.5"/></pattern></defs>'
        f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>'
    )
    return "".join((opening, ground, *_axes(box), *_bars(box), *legend, "</svg>"))


def data_uri(svg: str) -> str:
    """The picture inside its own address, as every viewer of notebooks accepts it."""
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def _axes(box: Layout) -> list[str]:
    right = f"{box.width:g}"
    parts = []
    for index, row in enumerate(box.rows):
        colour = LINE if index else "#7a828e"
        parts.append(
            f'<path d="M{box.left:g} {row.at:.1f}H{right}" stroke="{colour}"/>'
            f'<text x="{box.left - 8:g}" y="{row.at + 4:.1f}" text-anchor="end">'
            f"{escape(row.text)}</text>"
        )
    if box.lane is not None:
        parts.append(
            f'<path d="M{box.left:g} {box.lane:g}H{right}" stroke="{LINE}"/>'
            f'<text x="{box.left - 8:g}" y="{box.lane - 3:g}" text-anchor="end">'
            "no price</text>"
        )
    foot = (box.lane or box.base) + 18
    parts += [
        f'<text x="{tick.at:.1f}" y="{foot:g}" text-anchor="middle">'
        f"{escape(tick.text)}</text>"
        for tick in box.ticks
    ]
    return parts


def _bars(box: Layout) -> list[str]:
    parts = []
    for bar in box.bars:
        place = (
            f'x="{bar.x:.1f}" y="{bar.y:.1f}" '
            f'width="{bar.width:.1f}" height="{bar.height:.1f}"'
        )
        if bar.slot:
            parts.append(f'<rect {place} fill="{COLOURS[bar.slot - 1]}"/>')
        else:
            parts.append(f'<rect {place} fill="url(#n)" stroke="{INK}"/>')
    return parts


def _legend(chart: CostChart, box: Layout) -> tuple[list[str], float]:
    entries = [(COLOURS[s.slot - 1], s.name) for s in chart.series]
    if box.lane is not None:
        entries.append(("url(#n)", "unpriced"))
    parts, x, row = [], box.left, 0
    for fill, name in entries:
        text = name if len(name) <= 40 else name[:39] + "…"
        length = 18 + LETTER * len(text) + 16
        if x > box.left and x + length > box.width:
            x, row = box.left, row + 1
        y = box.height + LEGEND * row
        parts.append(
            f'<rect x="{x:.1f}" y="{y + 1:g}" width="10" height="10" fill="{fill}"/>'
            f'<text x="{x + 16:.1f}" y="{y + 10:g}">{escape(text)}</text>'
        )
        x += length
    return parts, LEGEND * (row + 1) if entries else 0.0
