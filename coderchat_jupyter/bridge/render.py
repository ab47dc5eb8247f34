"""Static twins: what a turn or a chat looks like where nothing can run.

One value in, one text out. Everything a model or a server said is taken as hostile:
HTML is escaped, Markdown is defused, control sequences are gone. No scripts, nothing
of another host. Long tool output and long thoughts are cut, answers only when they
are beyond what a notebook should hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coderchat_jupyter.bridge._clean import elide, strip_controls
from coderchat_jupyter.bridge._twin_html import ROOT, html_of
from coderchat_jupyter.bridge._twin_markdown import markdown_of
from coderchat_jupyter.bridge.money import usd_answer
from coderchat_jupyter.bridge.turn_twin import (
    MAX_PROMPT,
    MAX_PROSE,
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
    "turn_bundle",
    "turn_html",
    "turn_markdown",
    "turn_plain",
]


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
    return markdown_of(twin(state, turn), _facts(state, turn, footer))


def turn_html(state: ChatState, turn: int, footer: Footer | None = None) -> str:
    """One turn as HTML with its few styles inline, for light and dark alike."""
    inner = html_of(twin(state, turn), _facts(state, turn, footer))
    return f"<div {ROOT}>\n{inner}\n</div>"


def transcript_plain(state: ChatState, footer: Footer | None = None) -> str:
    """All turns as text; the footer is that of the last one."""
    return "\n\n".join(turn_plain(state, *item) for item in _turns(state, footer))


def transcript_markdown(state: ChatState, footer: Footer | None = None) -> str:
    """All turns as Markdown; the footer is that of the last one."""
    return "\n\n".join(turn_markdown(state, *item) for item in _turns(state, footer))


def transcript_html(state: ChatState, footer: Footer | None = None) -> str:
    """All turns as HTML; the footer is that of the last one."""
    inner = "\n<hr>\n".join(
        html_of(twin(state, turn), _facts(state, turn, last))
        for turn, last in _turns(state, footer)
    )
    return f"<div {ROOT}>\n{inner}\n</div>"


def turn_bundle(state: ChatState, turn: int, footer: Footer) -> dict[str, str]:
    """One turn by MIME type: all that an output needs."""
    return {
        "text/plain": turn_plain(state, turn, footer),
        "text/markdown": turn_markdown(state, turn, footer),
        "text/html": turn_html(state, turn, footer),
    }


def refusal(prompt: str, text: str) -> dict[str, str]:
    """By MIME type: a prompt that got no answer, and why."""
    nothing = Twin(prompt, (), usage=None, seconds=None, at=None, error=text)
    return {
        "text/plain": f"Error: {strip_controls(text)}",
        "text/markdown": markdown_of(nothing, ()),
        "text/html": f"<div {ROOT}>\n{html_of(nothing, ())}\n</div>",
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
