"""What a server says that this release has no name for.

Nothing of it is lost or in the way; but somebody who looks after an installation wants
to know how far the server is ahead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from coderchat_jupyter.wire._base import RawValue
from coderchat_jupyter.wire._words import words_of
from coderchat_jupyter.wire.events import UnknownEvent
from coderchat_jupyter.wire.watch import UnknownWatchEvent

__all__ = ["count_unknown", "unknown_in"]

_LONGEST: Final = 60
"""Characters of a name or word that are told: it is a server's text."""

_MOST: Final = 1_000
"""Different names that are counted apart; a server could make up any number."""

_REST: Final = "others"

_RAW: Final[dict[type[RawValue], str]] = {
    UnknownEvent: "event type",
    UnknownWatchEvent: "watch kind",
}


def unknown_in(value: Any) -> Iterator[str]:
    """Name the unknown tags, words and fields of a decoded value.

    Yields:
        `event type x`, `watch kind x`, `part type x`, `Chat.status = x` or `Chat.x`,
        each as often as it is found. Values of fields are not told.
    """
    if isinstance(value, RawValue):
        yield f"{_RAW.get(type(value), 'part type')} {_told(value.kind)}"
    elif isinstance(value, BaseModel):
        yield from _unknown_in_model(value)
    elif isinstance(value, tuple):
        for item in value:
            yield from unknown_in(item)


def count_unknown(value: Any, counts: Counter[str]) -> None:
    """Add what is unknown in a decoded value to a running count."""
    for name in unknown_in(value):
        counts[name if name in counts or len(counts) < _MOST else _REST] += 1


def _unknown_in_model(value: BaseModel) -> Iterator[str]:
    kind = type(value)
    words, inner = _plan(kind)
    for name, known in words:
        for word in _texts_in(getattr(value, name)):
            if word and word not in known:
                yield f"{kind.__name__}.{name} = {_told(word)}"
    for name in value.model_extra or ():
        yield f"{kind.__name__}.{_told(name)}"
    for name in inner:
        item = getattr(value, name)
        if isinstance(item, BaseModel | tuple):
            yield from unknown_in(item)


@cache
def _plan(
    kind: type[BaseModel],
) -> tuple[tuple[tuple[str, frozenset[str]], ...], tuple[str, ...]]:
    """The fields with words, and those that may hold further values."""
    words = words_of(kind)
    plain = {str, int, bool, float}
    inner = (
        name
        for name, field in kind.model_fields.items()
        if name not in words and field.annotation not in plain
    )
    return tuple(words.items()), tuple(inner)


def _texts_in(value: Any) -> Iterator[str]:
    """The words of a field: itself, or those of a list or a table."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | Mapping):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts_in(item)


def _told(text: str) -> str:
    """A name as one short printable word."""
    shown = "".join(c if c.isprintable() and c != " " else "?" for c in text)
    return shown[:_LONGEST] or '""'
