"""What a docstring says: what a function does, and what its arguments mean."""

from __future__ import annotations

from typing import Final

__all__ = ["read_docstring"]

_LONGEST_DESCRIPTION: Final = 1024
"""OpenAI's limit; a longer one makes every call of the model fail."""


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """Read one in the style of Google, NumPy or Sphinx.

    Returns:
        What the function does and gives, and the meaning of arguments by name.
    """
    import docstring_parser

    try:
        parsed = docstring_parser.parse(text)
    except docstring_parser.ParseError:
        return _shortened(text), {}
    pieces = [parsed.short_description, parsed.long_description]
    if parsed.returns is not None and parsed.returns.description:
        pieces.append(f"Returns: {parsed.returns.description}")
    prose = "\n\n".join(piece.strip() for piece in pieces if piece)
    told = {
        p.arg_name.lstrip("*"): " ".join((p.description or "").split())
        for p in parsed.params
    }
    return _shortened(prose), told


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_DESCRIPTION:
        return text
    return text[: _LONGEST_DESCRIPTION - 1].rstrip() + "…"
