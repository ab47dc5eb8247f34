"""A CostExplorer without a kernel: text, Markdown, and HTML with a picture."""

from __future__ import annotations

from html import escape
from typing import Final

from coderchat_jupyter.bridge._clean import strip_controls
from coderchat_jupyter.bridge.cost_svg import chart_sentence, chart_svg, data_uri
from coderchat_jupyter.bridge.cost_view import ChatRow, CostView
from coderchat_jupyter.bridge.money import tokens_text, usd

__all__ = ["cost_html", "cost_markdown", "cost_plain", "cost_summary"]

ROWS: Final = 10
"""Chats that get a line of their own; the rest is summed in one."""

_HEADS: Final = ("Chat", "Model", "Requests", "In", "Out", "Cached", "Cost")
_Cells = tuple[str, ...]


def cost_plain(view: CostView) -> str:
    """The total and the table, aligned for a terminal."""
    table = _table(view)
    widths = [max(len(row[i]) for row in table) for i in range(len(_HEADS))]
    lines = [
        "  ".join(
            cell.ljust(width) if index < 2 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    return "\n".join([cost_summary(view), *(lines if view.chats else [])])


def cost_markdown(view: CostView) -> str:
    """The total and the table as Markdown."""
    heads, *rows = [tuple(_md(cell) for cell in row) for row in _table(view)]
    if not view.chats:
        return _md(cost_summary(view))
    rule = ("---", "---", *("--:" for _ in heads[2:]))
    lines = ["| " + " | ".join(row) + " |" for row in (heads, rule, *rows)]
    return f"**{_md(cost_summary(view))}**\n\n" + "\n".join(lines)


def cost_html(view: CostView) -> str:
    """The total, the chart as a picture and the table; styled in place, no script."""
    parts = [f"<p><b>{escape(cost_summary(view))}</b></p>"]
    if view.chart is not None:
        alt = escape(chart_sentence(view.chart), quote=True)
        uri = data_uri(chart_svg(view.chart))
        parts.append(f'<p><img alt="{alt}" src="{uri}" style="max-width:100%"></p>')
    if view.chats:
        heads, *rows = _table(view)
        parts.append("<table><thead>" + _tr(heads, "th") + "</thead><tbody>")
        parts += [_tr(row, "td") for row in rows]
        parts.append("</tbody></table>")
    return "<div>" + "".join(parts) + "</div>"


def cost_summary(view: CostView) -> str:
    """One line: what was spent, on how much, and what the sum leaves out."""
    totals = view.totals
    if view.phase == "failed":
        return f"Costs could not be read: {_line(view.problem or 'unknown reason')}"
    if totals is None:
        return "Costs are being read."
    if not totals.requests:
        return "No cost yet: no chat of this notebook has an answer with usage."
    tokens = f"{tokens_text(totals.input_tokens)} tokens in"
    parts = [
        "Unpriced" if totals.micros is None else f"About {usd(totals.micros)}",
        _count(totals.requests, "request"),
        f"{tokens}, {tokens_text(totals.output_tokens)} out",
    ]
    if totals.unpriced and totals.micros is not None:
        parts.append(f"{totals.unpriced} unpriced and not part of the sum")
    return "; ".join(parts) + " (estimate from messages and prices)"


def _table(view: CostView) -> list[_Cells]:
    rows = [_row(row) for row in view.chats[:ROWS]]
    rest = view.chats[ROWS:]
    if rest:
        rows.append(_row(_together(rest, f"{_count(len(rest), 'more chat')}")))
    rows.append(_row(_together(view.chats, "Total")))
    return [_HEADS, *rows]


def _together(rows: tuple[ChatRow, ...], title: str) -> ChatRow:
    priced = [row.micros for row in rows if row.micros is not None]
    return ChatRow(
        chat_id="",
        title=title,
        models=(),
        requests=sum(row.requests for row in rows),
        unpriced=sum(row.unpriced for row in rows),
        input_tokens=sum(row.input_tokens for row in rows),
        output_tokens=sum(row.output_tokens for row in rows),
        cached_tokens=sum(row.cached_tokens for row in rows),
        micros=sum(priced) if priced else None,
    )


def _row(row: ChatRow) -> _Cells:
    models = row.models
    return (
        _short(row.title or "Untitled chat"),
        _short(models[0]) if len(models) == 1 else _count(len(models), "model"),
        f"{row.requests:,}",
        tokens_text(row.input_tokens),
        tokens_text(row.output_tokens),
        tokens_text(row.cached_tokens),
        _cost(row.micros),
    )


def _cost(micros: int | None) -> str:
    return "unpriced" if micros is None else usd(micros)


def _count(count: int, noun: str) -> str:
    if not count:
        return ""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _line(text: str) -> str:
    """One line of plain characters: titles are written by models."""
    return " ".join(strip_controls(text).split())


def _short(text: str, limit: int = 60) -> str:
    text = _line(text).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _md(text: str) -> str:
    return "".join("\\" + c if c in "\\`*_{}[]<>|#~$!" else c for c in text)


def _tr(cells: _Cells, tag: str) -> str:
    aligned = (
        f'<{tag} style="text-align:{"left" if index < 2 else "right"}">'
        f"{escape(cell)}</{tag}>"
        for index, cell in enumerate(cells)
    )
    return "<tr>" + "".join(aligned) + "</tr>"
