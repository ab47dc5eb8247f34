"""A secret that comes in pieces: no piece holds it, all of them together do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

__all__ = ["Spelled"]

Json = dict[str, Any]

_PIECES: Final = ("text", "args_delta", "result_delta")

_MOST: Final = 256
"""Lines that are held back at most; pieces of a secret are close to each other."""


class Spelled:
    """Holds lines of a recording back while a secret may be on its way in them.

    That is as long as a text that is being streamed ends like a secret begins, until
    its message is stored. If one comes, what takes its place is in the line of its
    first piece, and the others are empty.
    """

    def __init__(
        self, scrub: Callable[[str], str], begun: Callable[[str], bool]
    ) -> None:
        """Prepare.

        Args:
            scrub: Takes secrets out of a text.
            begun: Whether one may begin or go on at the end of a text.
        """
        self._scrub = scrub
        self._begun = begun
        self._lines: list[Json] = []
        # Of each text that is streamed: the last pieces of it, by where they stand.
        self._open: dict[tuple[str, ...], list[tuple[Json, str]]] = {}

    def take(self, line: Json) -> list[Json]:
        """One line more; the lines that may be written now, in order."""
        self._lines.append(line)
        events = line["events"] if line.get("step") == "frame" else [None]
        for event in events:
            for name, part, field in _pieces(event):
                self._add(name, part, field)
            if (chat_id := _ended(event)) is not None:
                # The message says whole what the pieces said.
                for name in [name for name in self._open if name[0] == chat_id]:
                    self._settle(self._open.pop(name))
        if not self._open or len(self._lines) >= _MOST:
            return self.rest()
        return []

    def rest(self) -> list[Json]:
        """The lines that were held back: nothing more is to come."""
        for pieces in self._open.values():
            self._settle(pieces)
        self._open.clear()
        lines, self._lines = self._lines, []
        return lines

    def _add(self, name: tuple[str, ...], part: Json, field: str) -> None:
        pieces = self._open.pop(name, [])
        pieces.append((part, field))
        if self._begun("".join(held[key] for held, key in pieces)):
            self._open[name] = pieces
        else:
            self._settle(pieces)

    def _settle(self, pieces: list[tuple[Json, str]]) -> None:
        """What these pieces say together is whole: take the secrets out of it."""
        said = "".join(held[key] for held, key in pieces)
        left = self._scrub(said)
        if left != said:
            for held, key in pieces:
                held[key] = ""
            first, key = pieces[0]
            first[key] = left


def _ended(event: Any) -> str | None:
    """The chat whose step is stored, or has failed, by an event: its texts end."""
    if not isinstance(event, dict):
        return None
    message = event.get("message")
    is_stored = isinstance(message, dict) and message.get("role") == "assistant"
    if is_stored or event.get("type") == "error":
        return str(event.get("chat_id"))
    return None


def _pieces(event: Any) -> Iterator[tuple[tuple[str, ...], Json, str]]:
    """The texts of a streamed part: of which text they are a piece, and where."""
    streamed = event.get("message_part") if isinstance(event, dict) else None
    part = streamed.get("part") if isinstance(streamed, dict) else None
    if not isinstance(part, dict):
        return
    told = (str(event.get("chat_id")), str(part.get("type")))
    call = str(part.get("tool_call_id") or "")
    for field in _PIECES:
        if isinstance(part.get(field), str):
            yield (*told, call, field), part, field
