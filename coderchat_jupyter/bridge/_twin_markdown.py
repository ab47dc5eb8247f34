"""A turn as Markdown that no viewer turns into HTML of the model's making."""

from __future__ import annotations

from coderchat_jupyter.bridge._clean import elide, safe_markdown, strip_controls
from coderchat_jupyter.bridge._html import safe_link
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

__all__ = ["markdown_of"]


def markdown_of(seen: Twin, facts: tuple[str, ...]) -> str:
    """Prompt, answer and small print."""
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
