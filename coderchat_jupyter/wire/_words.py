"""Words of the server: text fields whose values are a list that may grow.

The field stays plain text, which costs nothing to read and lets a newer word
through; the marker tells which words this release knows.
"""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

__all__ = ["Words", "words_in", "words_of"]


class Words:
    """Marks a text field with the words that are known for it.

    The empty word always is: Go writes it for a field that is not set.
    """

    def __init__(self, *known: str) -> None:
        self.known = frozenset(known)

    def __repr__(self) -> str:
        return f"Words({', '.join(map(repr, sorted(self.known)))})"


@cache
def words_of(kind: type[BaseModel]) -> dict[str, frozenset[str]]:
    """The fields of a class that hold words, each with those that are known."""
    found: dict[str, frozenset[str]] = {}
    for name, field in kind.model_fields.items():
        words = words_in((*field.metadata, field.annotation))
        if words is not None:
            found[name] = words.known
    return found


def words_in(marks: Any) -> Words | None:
    """Find the marker in an annotation, however deep it is nested there."""
    if isinstance(marks, Words):
        return marks
    inner = marks if isinstance(marks, tuple) else get_args(marks)
    for mark in (*inner, *getattr(marks, "__metadata__", ())):
        if (words := words_in(mark)) is not None:
            return words
    return None
