"""A turn as HTML with its few styles inline, laid out as the live page lays it out."""

from __future__ import annotations

from html import escape
from typing import Final

from coderchat_jupyter.bridge._clean import elide, strip_controls
from coderchat_jupyter.bridge._html import LINE, SOFT, markdown_html, safe_link
from coderchat_jupyter.bridge.turn_twin import (
    MAX_ASIDE,
    MAX_PROMPT,
    MAX_PROSE,
    Attachment,
    Piece,
    Prose,
    Source,
    Thought,
    Tool,
    Twin,
)

__all__ = ["ROOT", "html_of"]

# The page's own layout: who speaks in a gutter, what is said on one axis beside it.
ROOT: Final = (
    # Notebook viewers set dollars in text as formulas unless a class forbids it.
    'class="cc-frozen mathjax_ignore tex2jax_ignore" style="padding:16px 16px 8px 0;'
    f"border:{LINE};border-radius:4px;"
    'font:13px/20px var(--jp-ui-font-family,system-ui,sans-serif)"'
)
_ROW: Final = "display:flex;gap:12px;margin-bottom:12px"
_WHO: Final = "flex:0 0 76px;text-align:right;opacity:.75"
_SAID: Final = "flex:1 1 0;min-width:0;max-width:680px;overflow-wrap:break-word"
_ASKED: Final = (
    f"margin:0;padding:6px 12px;border:{LINE};background:{SOFT};{_SAID};"
    "max-width:none;white-space:pre-wrap;color:inherit"
)
_SMALL: Final = (
    f"margin:0 0 0 88px;padding-top:6px;border-top:{LINE};font-size:11px;"
    "line-height:16px;opacity:.75"
)


def html_of(seen: Twin, facts: tuple[str, ...]) -> str:
    """Prompt, answer and small print, to stand in one element with `ROOT`."""
    asked = escape(elide(strip_controls(seen.prompt), MAX_PROMPT))
    rows = [_row("You", f'<blockquote style="{_ASKED}">{asked}</blockquote>')]
    said = [text for piece in seen.pieces if (text := _html_piece(piece))]
    if seen.error:
        why = escape(strip_controls(seen.error))
        said.append(f'<p style="margin:0 0 8px"><b>Error:</b> {why}</p>')
    if said:
        inner = "\n".join(said)
        rows.append(_row("Agent", f'<div style="{_SAID}">{inner}</div>'))
    if facts:
        small = ", ".join(_html_fact(fact) for fact in facts)
        rows.append(f'<p style="{_SMALL}"><sub style="all:unset">{small}</sub></p>')
    return "\n".join(rows)


def _row(who: str, said: str) -> str:
    return f'<div style="{_ROW}"><b style="{_WHO}">{who}</b>{said}</div>'


def _html_fact(fact: str) -> str:
    kind, _, value = fact.partition(" ")
    if kind != "chat":
        return escape(fact)
    return f'<span title="{escape(value)}">chat {escape(value[:8])}</span>'


def _html_piece(piece: Piece) -> str:
    match piece:
        case Prose(text=text):
            return markdown_html(elide(text, MAX_PROSE))
        case Thought(text=text):
            return _folded("Thought", text)
        case Tool(name=name, args=args, result=result, is_error=failed):
            title = f"Tool {name}{' failed' if failed else ''}"
            return _folded(title, "\n\n".join(t for t in (args, result) if t))
        case Source(title=title, url=url):
            text = escape(strip_controls(title))
            if not safe_link(url):
                return f"<p>Source: {text}</p>"
            return f'<p>Source: <a href="{escape(url)}" rel="noopener">{text}</a></p>'
        case Attachment(name=name):
            return f"<p>File: {escape(strip_controls(name))}</p>"


def _folded(title: str, text: str) -> str:
    cut = escape(elide(strip_controls(text), MAX_ASIDE))
    return (
        f'<details style="margin:0 0 8px"><summary>{escape(strip_controls(title))}'
        f'</summary><pre style="white-space:pre-wrap">{cut}</pre></details>'
    )
