"""A set of numbers that only ever grows, at a cost that does not grow with it.

Each message of a connection is noted. A `frozenset` would be copied for each, which
makes the messages of a long chat quadratic.
"""

from __future__ import annotations

from typing import Final

__all__ = ["NO_IDS", "Ids"]


class Ids:
    """An immutable set; `plus` returns a larger one, mostly in O(1).

    A value is a view on a shared table: the table, and how many of its numbers
    belong to the value. Values that were taken earlier never change.
    """

    __slots__ = ("_count", "_places")

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._count = 0

    def plus(self, number: int) -> Ids:
        """The set with one more number; the very same value if it is in there."""
        if number in self:
            return self
        larger = Ids()
        larger._count = self._count + 1
        # Someone may have added to this value before: then the table is theirs. An
        # empty one is shared by all and must never start to grow.
        if 0 < self._count == len(self._places):
            larger._places = self._places
        else:
            mine = (n for n, place in self._places.items() if place < self._count)
            larger._places = {n: place for place, n in enumerate(mine)}
        larger._places[number] = self._count
        return larger

    def __contains__(self, number: int) -> bool:
        return self._places.get(number, self._count) < self._count

    def __len__(self) -> int:
        return self._count

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ids):
            return NotImplemented
        if self._places is other._places:
            return self._count == other._count
        return self._numbers() == other._numbers()

    def __hash__(self) -> int:
        return hash(self._numbers())

    def __repr__(self) -> str:
        return f"Ids({sorted(self._numbers())})"

    def _numbers(self) -> frozenset[int]:
        return frozenset(n for n in self._places if n in self)


NO_IDS: Final = Ids()
