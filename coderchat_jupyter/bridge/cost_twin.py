"""A CostExplorer without a kernel: text, Markdown, and HTML with a picture."""

from __future__ import annotations

from html import escape
from typing import Final

from coderchat_jupyter.bridge.cost_svg import chart_sentence, chart_svg, data_uri
from coderchat_jupyter.bridge.cost_view import ChatRow, CostView
from coderchat_jupyter.bridge.money import tokens_text, usd
from coderchat_jupyter.bridge.tables import (
    html_table,
    markdown_table,
    markdown_text,
    one_line,
    plain_table,
)

__all__ = ["cost_html", "cost_markdown", "cost_plain", "cost_summary"]

ROWS: Final = 10
"""Chats that get a line of their own; the rest is summed in one."""

WORDS: Final = 2
"""Columns of words, before those of figures."""

_HEADS: Final = ("Chat", "Model", "Requests", "In", "Out", "Cached", "Cost")


def cost_plain(view: CostView) -> str:
    """The total and the table, aligned for a terminal."""
    if not view.chats:
        return cost_summary(view)
    return f"{cost_summary(view)}\n{plain_table(_table(view), words=WORDS)}"


def cost_markdown(view: CostView) -> str:
    """The total and the table as Markdown."""
    summary = markdown_text(cost_summary(view))
    if not view.chats:
        return summary
    return f"**{summary}**\n\n{markdown_table(_table(view), words=WORDS)}"


def cost_html(view: CostView) -> str:
    """The total, the chart as a picture and the table; styled in place, no script."""
    parts = [f"<p><b>{escape(cost_summary(view))}</b></p>"]
    if view.chart is not None:
        alt = escape(chart_sentence(view.chart), quote=True)
        uri = data_uri(chart_svg(view.chart))
        parts.append(f'<p><img alt="{alt}" src="{uri}" style="max-width:100%"></p>')
    if view.chats:
        parts.append(html_table(_table(view), words=WORDS))
    return "<div>" + "".join(parts) + "</div>"


def cost_summary(view: CostView) -> str:
    """One line: what was spent, on how much, and what the sum leaves out."""
    totals = view.totals
    if view.phase == "failed":
        why = one_line(view.problem or "unknown reason", 400)
        return f"Costs could not be read: {why}"
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


def _table(view: CostView) -> list[tuple[str, ...]]:
    rows = [_row(row) for row in view.chats[:ROWS]]
    rest = view.chats[ROWS:]
    if rest:
        rows.append(_row(_together(rest, _count(len(rest), "more chat"))))
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


def _row(row: ChatRow) -> tuple[str, ...]:
    models = row.models
    return (
        one_line(row.title or "Untitled chat"),
        one_line(models[0]) if len(models) == 1 else _count(len(models), "model"),
        f"{row.requests:,}",
        tokens_text(row.input_tokens),
        tokens_text(row.output_tokens),
        tokens_text(row.cached_tokens),
        "unpriced" if row.micros is None else usd(row.micros),
    )


def _count(count: int, noun: str) -> str:
    if not count:
        return ""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
