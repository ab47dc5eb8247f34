"""Small tables as text, Markdown and HTML, whatever is in their cells."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TypeAlias

from coderchat_jupyter.bridge._clean import strip_controls

__all__ = [
    "Rows",
    "html_table",
    "markdown_table",
    "markdown_text",
    "one_line",
    "plain_table",
]

Rows: TypeAlias = Sequence[tuple[str, ...]]
"""The first row has the heads; all have the same length."""


def plain_table(rows: Rows, *, words: int) -> str:
    """Aligned for a terminal: the first `words` columns to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.ljust(width) if index < words else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def markdown_table(rows: Rows, *, words: int) -> str:
    """A Markdown table whose cells are text and nothing else."""
    heads, *body = [tuple(markdown_text(cell) for cell in row) for row in rows]
    rule = tuple("---" if index < words else "--:" for index in range(len(heads)))
    return "\n".join("| " + " | ".join(row) + " |" for row in (heads, rule, *body))


def html_table(rows: Rows, *, words: int) -> str:
    """An HTML table, styled in place: viewers drop style sheets."""
    heads, *body = rows
    head = "<thead>" + _tr(heads, "th", words) + "</thead>"
    cells = "".join(_tr(row, "td", words) for row in body)
    return f"<table>{head}<tbody>{cells}</tbody></table>"


def markdown_text(text: str) -> str:
    """The text, with everything escaped that Markdown would read as more."""
    return "".join("\\" + c if c in "\\`*_{}[]<>|#~$!" else c for c in text)


def one_line(text: str, limit: int = 60) -> str:
    """One short line of plain characters: titles are written by models."""
    line = " ".join(strip_controls(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _tr(cells: tuple[str, ...], tag: str, words: int) -> str:
    aligned = (
        f'<{tag} style="text-align:{"left" if index < words else "right"}">'
        f"{escape(cell)}</{tag}>"
        for index, cell in enumerate(cells)
    )
    return "<tr>" + "".join(aligned) + "</tr>"
