"""A ModelConfigEditor without a kernel: what was set up, and no form."""

from __future__ import annotations

from html import escape

from coderchat_jupyter.bridge.editor_view import EditorView, ModelRow
from coderchat_jupyter.bridge.model_form import COST
from coderchat_jupyter.bridge.tables import (
    html_table,
    markdown_table,
    markdown_text,
    one_line,
    plain_table,
)

__all__ = ["editor_html", "editor_markdown", "editor_plain", "editor_summary"]

_HEADS = ("Model", "Provider", "State", "Context", "$ / 1M in", "$ / 1M out")
_WORDS = 3


def editor_plain(view: EditorView) -> str:
    """The models as a table, aligned for a terminal."""
    if not view.models:
        return editor_summary(view)
    return f"{editor_summary(view)}\n{plain_table(_table(view), words=_WORDS)}"


def editor_markdown(view: EditorView) -> str:
    """The models as a Markdown table."""
    summary = markdown_text(editor_summary(view))
    if not view.models:
        return summary
    return f"**{summary}**\n\n{markdown_table(_table(view), words=_WORDS)}"


def editor_html(view: EditorView) -> str:
    """The models as an HTML table."""
    summary = f"<p><b>{escape(editor_summary(view))}</b></p>"
    table = html_table(_table(view), words=_WORDS) if view.models else ""
    return f"<div>{summary}{table}</div>"


def editor_summary(view: EditorView) -> str:
    """One line: how much there is, or why that is not known."""
    if view.phase == "failed":
        why = one_line(view.problem or "unknown reason", 400)
        return f"Models could not be read: {why}"
    if view.phase == "loading":
        return "Models are being read."
    models, providers = len(view.models), len(view.providers)
    parts = [f"{models} model{'' if models == 1 else 's'}"]
    if view.providers_problem is None:
        parts.append(f"{providers} provider{'' if providers == 1 else 's'}")
    return " and ".join(parts) + (f" of {one_line(view.server)}" if view.server else "")


def _table(view: EditorView) -> list[tuple[str, ...]]:
    names = {row.id: row.title for row in view.providers}
    return [_HEADS, *(_row(row, names) for row in view.models)]


def _row(row: ModelRow, names: dict[str, str]) -> tuple[str, ...]:
    values = row.values
    return (
        one_line(row.title),
        one_line(names.get(values["ai_provider_id"], row.provider)),
        row.state,
        values["context_limit"],
        values[f"{COST}input_price_per_million_tokens"] or "unpriced",
        values[f"{COST}output_price_per_million_tokens"] or "unpriced",
    )
