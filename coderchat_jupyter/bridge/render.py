"""Static twins: what a turn or a chat looks like where nothing can run.

One value in, one text out. Everything a model or a server said is taken as hostile:
HTML is escaped, Markdown is defused, control sequences are gone. No scripts, nothing
of another host. Long tool output and long thoughts are cut, answers only when they
are beyond what a notebook should hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

from coderchat_jupyter.bridge._clean import elide, safe_markdown, strip_controls
from coderchat_jupyter.bridge._html import markdown_html, safe_link
from coderchat_jupyter.bridge.money import usd_answer
from coderchat_jupyter.bridge.turn_twin import (
    Attachment,
    Piece,
    Prose,
    Source,
    Thought,
    Tool,
    Twin,
    twin,
)
from coderchat_jupyter.state.chat_state import ChatState
from coderchat_jupyter.state.select import turns

__all__ = [
    "Footer",
    "refusal",
    "transcript_html",
    "transcript_markdown",
    "transcript_plain",
    "turn_html",
    "turn_markdown",
    "turn_plain",
]

MAX_PROSE: Final = 200_000
MAX_PROMPT: Final = 2_000
MAX_ASIDE: Final = 2_000
"""Characters kept of one thought, and of one tool's arguments or result."""

_QUOTE: Final = (
    "margin:0 0 12px;padding:0 12px;border-left:3px solid rgba(128,128,128,.45);"
    "white-space:pre-wrap"
)
_SMALL: Final = "font-size:12px;opacity:.8"
# Notebook viewers set dollars in text as formulas unless a class forbids it.
_ROOT: Final = 'class="cc-frozen mathjax_ignore tex2jax_ignore" style="max-width:680px"'


@dataclass(frozen=True, slots=True)
class Footer:
    """What the state of a chat does not say about a turn.

    Attributes:
        model: Name of the model as people know it.
        cost_micros: Estimate in millionths of a US dollar; 0 is free, None unpriced.
        is_stopped: A user ended the answer.
    """

    model: str = ""
    cost_micros: int | None = None
    is_stopped: bool = False


def turn_plain(state: ChatState, turn: int, footer: Footer | None = None) -> str:
    """One turn as text that a terminal shows and does not obey."""
    return _plain(twin(state, turn), _facts(state, turn, footer))


def turn_markdown(state: ChatState, turn: int, footer: Footer | None = None) -> str:
    """One turn as Markdown that no viewer turns into HTML of the model's making."""
    return _markdown(twin(state, turn), _facts(state, turn, footer))


def turn_html(state: ChatState, turn: int, footer: Footer | None = None) -> str:
    """One turn as HTML with its few styles inline, for light and dark alike."""
    inner = _html(twin(state, turn), _facts(state, turn, footer))
    return f"<div {_ROOT}>\n{inner}\n</div>"


def transcript_plain(state: ChatState, footer: Footer | None = None) -> str:
    """All turns as text; the footer is that of the last one."""
    return "\n\n".join(turn_plain(state, *item) for item in _turns(state, footer))


def transcript_markdown(state: ChatState, footer: Footer | None = None) -> str:
    """All turns as Markdown; the footer is that of the last one."""
    return "\n\n".join(turn_markdown(state, *item) for item in _turns(state, footer))


def transcript_html(state: ChatState, footer: Footer | None = None) -> str:
    """All turns as HTML; the footer is that of the last one."""
    inner = "\n<hr>\n".join(
        _html(twin(state, turn), _facts(state, turn, last))
        for turn, last in _turns(state, footer)
    )
    return f"<div {_ROOT}>\n{inner}\n</div>"


def refusal(prompt: str, text: str) -> dict[str, str]:
    """By MIME type: a prompt that got no answer, and why."""
    nothing = Twin(prompt, (), usage=None, seconds=None, at=None, error=text)
    return {
        "text/plain": f"Error: {strip_controls(text)}",
        "text/markdown": _markdown(nothing, ()),
        "text/html": f"<div {_ROOT}>\n{_html(nothing, ())}\n</div>",
    }


def _turns(
    state: ChatState, footer: Footer | None
) -> Iterable[tuple[int, Footer | None]]:
    ids = [turn.prompt.id for turn in turns(state)]
    return [(n, footer if n == ids[-1] else None) for n in ids]


def _facts(state: ChatState, turn: int, footer: Footer | None) -> tuple[str, ...]:
    """The small print, in the order of the page: model, tokens, cost, time, chat."""
    seen = twin(state, turn)
    facts: list[str] = []
    if footer is not None:
        facts += [
            word for word in (footer.is_stopped and "stopped", footer.model) if word
        ]
    if seen.usage is not None:
        usage = seen.usage
        facts.append(f"{usage.input_tokens or 0:,} tokens in")
        facts.append(f"{usage.output_tokens or 0:,} out")
        if usage.cache_read_tokens:
            facts.append(f"{usage.cache_read_tokens:,} cached")
    if footer is not None and seen.usage is not None:
        facts.append(_cost(footer.cost_micros))
    if seen.seconds is not None:
        facts.append(f"{seen.seconds:.1f} s")
    if seen.at is not None:
        facts.append(f"{seen.at:%d %b %Y %H:%M %Z}".strip())
    if state.chat_id:
        facts.append(f"chat {state.chat_id}")
    return tuple(strip_controls(fact) for fact in facts)


def _cost(micros: int | None) -> str:
    if micros is None:
        return "unpriced"
    return f"about {usd_answer(micros)}" if micros else usd_answer(0)


def _plain(seen: Twin, facts: tuple[str, ...]) -> str:
    lines = [f"You: {elide(strip_controls(seen.prompt), MAX_PROMPT)}"]
    lines += [text for piece in seen.pieces if (text := _plain_piece(piece))]
    if seen.error:
        lines.append(f"Error: {strip_controls(seen.error)}")
    return "\n\n".join([*lines, f"[{', '.join(facts)}]"] if facts else lines)


def _plain_piece(piece: Piece) -> str:
    match piece:
        case Prose(text=text):
            return elide(strip_controls(text), MAX_PROSE).strip()
        case Thought():
            return ""
        case Tool(name=name, is_error=failed):
            return f"[tool {strip_controls(name)}{' failed' if failed else ''}]"
        case Source(title=title, url=url):
            return strip_controls(f"Source: {title} <{url}>")
        case Attachment(name=name):
            return f"[file {strip_controls(name)}]"


def _markdown(seen: Twin, facts: tuple[str, ...]) -> str:
    asked = safe_markdown(elide(seen.prompt, MAX_PROMPT))
    blocks = [
        "\n".join(f"> {line}".rstrip() for line in f"**You:** {asked}".split("\n"))
    ]
    blocks += [text for piece in seen.pieces if (text := _markdown_piece(piece))]
    if seen.error:
        blocks.append(f"**Error:** {_literal(seen.error)}")
    small = ["---", f"*{_literal(', '.join(facts))}*"] if facts else []
    return "\n\n".join([*blocks, *small])


def _markdown_piece(piece: Piece) -> str:
    match piece:
        case Prose(text=text):
            return safe_markdown(elide(text, MAX_PROSE).strip())
        case Thought():
            return ""
        case Tool(name=name, result=result, is_error=failed):
            title = f"**Tool** {_literal(name)}{' failed' if failed else ''}"
            return f"{title}\n\n{_fenced(result)}" if result else title
        case Source(title=title, url=url):
            # In brackets only where it is one address without an end of its own.
            good = safe_link(url) and not set(url) & set("<>() \n\\")
            return f"Source: [{_literal(title)}]({url})" if good else _literal(title)
        case Attachment(name=name):
            return f"File: {_literal(name)}"


def _fenced(text: str) -> str:
    cut = elide(strip_controls(text), MAX_ASIDE)
    fence = "```"
    while fence in cut:
        fence += "`"
    return f"{fence}\n{cut}\n{fence}"


def _literal(text: str) -> str:
    """One line that Markdown takes as it is."""
    flat = " ".join(strip_controls(text).split())
    return "".join(f"&#{ord(c)};" if c in "\\`*_[]<>&#$|~!" else c for c in flat)


def _html(seen: Twin, facts: tuple[str, ...]) -> str:
    asked = escape(elide(strip_controls(seen.prompt), MAX_PROMPT))
    blocks = [f'<blockquote style="{_QUOTE}"><b>You</b>&ensp;{asked}</blockquote>']
    blocks += [text for piece in seen.pieces if (text := _html_piece(piece))]
    if seen.error:
        blocks.append(f"<p><b>Error:</b> {escape(strip_controls(seen.error))}</p>")
    if facts:
        small = escape(", ".join(facts))
        blocks.append(f'<hr>\n<p style="{_SMALL}"><sub>{small}</sub></p>')
    return "\n".join(blocks)


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
        f"<details><summary>{escape(strip_controls(title))}</summary>"
        f'<pre style="white-space:pre-wrap">{cut}</pre></details>'
    )
