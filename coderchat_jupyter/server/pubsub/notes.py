"""What is told, and how it is written down."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, Final

__all__ = ["MAX_PAYLOAD_BYTES", "Note", "decode", "encode"]

MAX_PAYLOAD_BYTES: Final = 7_999
"""The most a notification of Postgres holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing that a server tells all others.

    Attributes:
        by: Who tells it.
        number: The how-manieth it is of theirs. Postgres would fold equal ones.
        chat_id: The chat it is about.
        told: What the chat's listeners hear, in order. Each is a stored message's id
            (`{"message": 7}`), that the history was rewritten (`{"refresh": true}`),
            or an event (`{"kind": …, "text": its JSON}`).
        owner_id: Whose watchers hear `watched`: frames, in order.
        handed_over: The chat waits for a worker; whoever is first takes it.
        asks: Whoever runs the chat is to look whether it still does.
        parts: Pieces of the step being written, as events.
        wanted: Chats whose `parts` the teller wants to hear for a while.
        anew: It has heard none of them yet.
        to: The only server that the note is for, if it is not for all.
    """

    by: str
    number: int = 0
    chat_id: str = ""
    told: tuple[dict[str, Any], ...] = ()
    owner_id: str = ""
    watched: tuple[str, ...] = ()
    handed_over: bool = False
    asks: bool = False
    parts: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    anew: bool = False
    to: str = ""


_FIELDS: Final = tuple(field.name for field in fields(Note))
_LISTS: Final = frozenset({"told", "watched", "parts", "wanted"})


def encode(note: Note) -> str:
    """A note as JSON, without what it does not say."""
    said = {name: getattr(note, name) for name in _FIELDS}
    said = {name: value for name, value in said.items() if value}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Note:
    """The note that was written down; what a newer server adds is ignored.

    Raises:
        ValueError: It is not a note.
    """
    said = json.loads(text)
    if not isinstance(said, dict) or not isinstance(said.get("by"), str):
        msg = "not a note"
        raise ValueError(msg)
    known = {name: said[name] for name in _FIELDS if name in said}
    for name in _LISTS & known.keys():
        known[name] = tuple(known[name])
    return Note(**known)
