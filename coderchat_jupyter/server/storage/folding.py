"""Texts whose case does not matter, alike on every database.

SQLite knows the case of ASCII alone, and Postgres that of the place it was set up for.
So what is searched is kept folded beside what is shown.
"""

from __future__ import annotations

__all__ = ["folded"]


def folded(text: str) -> str:
    """A text in which letters that differ by case are the same.

    As long as the text: a pattern may stand for a number of characters.
    """
    return "".join(map(_folded, text))


def _folded(letter: str) -> str:
    for found in (letter.casefold(), letter.lower()):
        if len(found) == 1:
            return found
    return letter
