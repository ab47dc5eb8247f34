"""Text that only ever grows at its end, at a cost that does not grow with it.

A model writes an answer in thousands of small pieces. Joining them each time would
make the whole answer quadratic, so a value here is a view on a shared list: the
list and how many of its pieces belong to the value.
"""

from __future__ import annotations

from typing import Final

__all__ = ["NO_TEXT", "TextBuffer"]

_new: Final = object.__new__


class TextBuffer:
    """An immutable text made of pieces; `append` returns a longer one in O(1).

    Values that were taken earlier never change, also when a longer one is made
    from them. Appending to a value that is not the longest of its line copies it.
    Values may be read from any thread while one thread appends.
    """

    __slots__ = ("_count", "_length", "_pieces")

    def __init__(self, text: str = "") -> None:
        self._pieces = [text] if text else []
        self._count = len(self._pieces)
        self._length = len(text)

    def append(self, piece: str) -> TextBuffer:
        """The text with `piece` at its end; the very same value for an empty one."""
        if not piece:
            return self
        pieces, count = self._pieces, self._count
        # Someone may have appended to this value before: then its tail is theirs.
        # An empty one is shared by all texts and must never start to grow.
        if not 0 < count == len(pieces):
            pieces = pieces[:count]
        pieces.append(piece)
        longer = _new(TextBuffer)
        longer._pieces = pieces
        longer._count = count + 1
        longer._length = self._length + len(piece)
        return longer

    def since(self, earlier: TextBuffer) -> str | None:
        """What was appended after `earlier`, or None if this is not its sequel.

        The cost is that of the new pieces. None means that the text has to be
        shown anew; it can be returned for equal texts that were built apart.
        """
        if earlier._count == 0:
            return str(self)
        if self._pieces is not earlier._pieces or self._count < earlier._count:
            return None
        return "".join(self._pieces[earlier._count : self._count])

    @property
    def is_blank(self) -> bool:
        """Nothing in it but white space."""
        return all(self._pieces[i].isspace() for i in range(self._count))

    def __str__(self) -> str:
        return "".join(self._pieces[: self._count])

    def __len__(self) -> int:
        return self._length

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TextBuffer):
            return NotImplemented
        if self._length != other._length:
            return False
        if self._pieces is other._pieces and self._count == other._count:
            return True
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __repr__(self) -> str:
        return f"TextBuffer({str(self)!r})"


NO_TEXT: Final = TextBuffer()
