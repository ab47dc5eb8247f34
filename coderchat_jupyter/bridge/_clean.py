"""Makes text of a model or a server safe for plain, Markdown and HTML outputs."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

__all__ = ["elide", "safe_markdown", "strip_controls"]

# Whole escape sequences first, so that their visible rest does not stay behind.
_CONTROLS: Final = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    "|\x1b[\\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?"  # OSC and other strings
    "|\x1b[ -/]*[0-~]?"  # any other escape
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f]"  # C0 without tab and line feed, C1
    "|[\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # text that reads backwards
)

_FENCE: Final = re.compile(r"(`{3,})[^`]*$|(~{3,})")
_BACKTICKS: Final = re.compile(r"`+")
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_SCHEME: Final = re.compile(r"(?:javascript|vbscript|data|file|blob):", re.IGNORECASE)


def strip_controls(text: str) -> str:
    """Remove what a terminal would obey instead of show; line breaks are kept."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n"))


def elide(text: str, limit: int) -> str:
    """The text itself, or its head and tail with a note of how much is left out."""
    if len(text) <= limit:
        return text
    head, tail = limit * 2 // 3, limit - limit * 2 // 3
    return (
        f"{text[:head]}\n… {len(text) - limit:,} characters left out …\n{text[-tail:]}"
    )


def safe_markdown(text: str) -> str:
    """Markdown that no viewer turns into raw HTML, a remote image or a script link.

    Notebooks run the scripts in Markdown outputs that they trust, so nothing is left
    to the viewer. Code stays as it is where every reader of Markdown agrees that it
    is code: in fences at the left margin and in spans within one line.
    """
    done: list[str] = []
    chunk: list[str] = []
    fence = ""
    for line in strip_controls(text).split("\n"):
        if fence:
            done.append(line)
            fence = "" if _closes(line, fence) else fence
            continue
        opened = _FENCE.match(line)
        if opened or not line.strip():
            done.extend(_safe_chunk(chunk))
            chunk = []
            done.append(line)
            fence = (opened[1] or opened[2]) if opened else ""
        else:
            chunk.append(line)
    done.extend(_safe_chunk(chunk))
    # A stopped answer may end inside a fence, which would swallow what comes after.
    return "\n".join([*done, fence] if fence else done)


def _closes(line: str, fence: str) -> bool:
    mark = line.rstrip()
    inner = mark.lstrip(" ")
    return (
        len(mark) - len(inner) <= 3
        and len(inner) >= len(fence)
        and set(inner) == {fence[0]}
    )


def _safe_chunk(lines: list[str]) -> list[str]:
    """Lines up to the next empty one: the furthest that a code span may reach."""
    split = [_spans(line) for line in lines]
    if any(pieces is None for pieces in split):
        split = [[line] for line in lines]
    prose = "".join(p for pieces in split if pieces for p in pieces[::2])
    has_scheme = _SCHEME.search(re.sub(r"[\s\\]", "", unescape(prose))) is not None
    return [
        "".join(_safe_pieces(pieces or [], has_scheme=has_scheme)) for pieces in split
    ]


def _spans(line: str) -> list[str] | None:
    """Prose and code by turns, or None where readers could disagree."""
    if "\\`" in line:
        return None
    pieces: list[str] = []
    start, runs = 0, list(_BACKTICKS.finditer(line))
    while runs:
        opening = runs.pop(0)
        n = next((i for i, run in enumerate(runs) if run[0] == opening[0]), None)
        if n is None:
            return None
        closing = runs[n]
        code = line[opening.start() : closing.end()]
        # Tables are cut at bars and formulas at dollars before code is looked for.
        if "|" in code or "$" in code:
            return None
        pieces += [line[start : opening.start()], code]
        start, runs = closing.end(), runs[n + 1 :]
    return [*pieces, line[start:]]


def _safe_pieces(pieces: list[str], *, has_scheme: bool) -> list[str]:
    return [
        piece if n % 2 else _safe_prose(piece, has_scheme=has_scheme)
        for n, piece in enumerate(pieces)
    ]


def _safe_prose(text: str, *, has_scheme: bool) -> str:
    text = _TAG.sub("&lt;", text).replace("![", "[")
    return text.replace("[", "&#91;") if has_scheme else text
