"""What a server keeps in memory: found by a walk over its parts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from weakref import WeakValueDictionary

__all__ = ["keepers"]

_OURS: Final = "coderchat_jupyter.server"
_TABLES: Final = (Mapping, WeakValueDictionary)
_ROWS: Final = (list, tuple, set, frozenset, deque)


def keepers(part: object, ids: Iterable[str]) -> set[str]:
    """Where a part, or what it is made of, names one of these ids."""
    wanted, seen = set(ids), set[int]()
    found = set[str]()
    rest = [("", part)]
    while rest:
        place, value = rest.pop()
        if isinstance(value, str):
            if value in wanted:
                found.add(place)
        elif id(value) not in seen:
            seen.add(id(value))
            rest += ((f"{place}.{name}", one) for name, one in _inside(value))
    return found


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, _TABLES):
        for key, one in tuple(value.items()):
            yield "keys", key
            yield "values", one
    elif isinstance(value, _ROWS):
        yield from (("items", one) for one in tuple(value))
    elif type(value).__module__.startswith(_OURS):
        names = {*getattr(value, "__dict__", ()), *getattr(value, "__slots__", ())}
        yield from ((name, getattr(value, name, None)) for name in names)
