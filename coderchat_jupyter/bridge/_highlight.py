"""Code in colour, without a style sheet: the notebook's own editor colours, inline."""

from __future__ import annotations

from html import escape
from typing import Any, Final

__all__ = ["highlighted"]

MAX_CODE: Final = 20_000
"""Characters; every coloured word costs some sixty more in the saved notebook."""


def highlighted(code: str, language: str) -> str:
    """Escaped code; in colour if the language is known.

    Where nobody defines the colours, as on GitHub, all of it has the text's.
    """
    if not language or len(code) > MAX_CODE:
        return escape(code)
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return escape(code)
    return "".join(_word(kind, text) for kind, text in lexer.get_tokens(code))


def _word(kind: Any, text: str) -> str:
    name = _colour(kind) if text.strip() else ""
    if not name:
        return escape(text)
    style = f"color:var(--jp-mirror-editor-{name}-color,inherit)"
    return f'<span style="{style}">{escape(text)}</span>'


def _colour(kind: Any) -> str:
    from pygments.token import (  # type: ignore[import-untyped]
        Comment,
        Keyword,
        Name,
        Number,
        String,
    )

    for family, name in (
        (Comment, "comment"),
        (Keyword, "keyword"),
        (String, "string"),
        (Number, "number"),
        (Name.Function, "def"),
        (Name.Class, "def"),
        (Name.Builtin, "builtin"),
    ):
        if kind in family:
            return name
    return ""
