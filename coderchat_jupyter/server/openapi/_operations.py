"""What an operation takes and gives, in the words of the tables beside this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

__all__ = [
    "GONE",
    "NOTHING",
    "SOCKET",
    "Bytes",
    "Operation",
    "Query",
    "Table",
    "Text",
    "answers",
    "moment",
    "number",
    "word",
]


class Bytes:
    """A body that is no JSON."""


class Text:
    """A body of plain text."""


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of the query.

    Attributes:
        name: Its name.
        schema: Its values.
        required: Whether it must be there.
    """

    name: str
    schema: dict[str, Any]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    Attributes:
        answers: The bodies by status; None for none.
        body: What is sent; `Bytes` for a file.
        query: Parameters beside the path.
        refusals: Statuses with an error body, beside 401 and 403.
        is_open: Nobody need be signed in.
    """

    answers: dict[int, Any]
    body: Any = None
    query: tuple[Query, ...] = ()
    refusals: tuple[int, ...] = (400, 404)
    is_open: bool = False


Table: TypeAlias = dict[str, Operation]
"""By `METHOD path`, the path with the names of the route table."""


def answers(kind: Any, status: int = 200, **more: Any) -> Operation:
    """An operation with one answer that is a success."""
    return Operation({status: kind}, **more)


def number(name: str, *, minimum: int | None = 0, maximum: int = 2**31 - 1) -> Query:
    """A whole number."""
    limits = {"maximum": maximum} | ({} if minimum is None else {"minimum": minimum})
    return Query(name, {"type": "integer", **limits})


def moment(name: str) -> Query:
    """A time with an offset from UTC."""
    return Query(name, {"type": "string", "format": "date-time"})


def word(name: str, **schema: Any) -> Query:
    """A text."""
    return Query(name, {"type": "string", **schema})


NOTHING: Final = None
"""No body."""

GONE: Final = Operation({}, refusals=(410,))
"""What v2.34 has removed."""

SOCKET: Final = Operation({101: None}, refusals=(400, 404, 426))
"""What is served over a WebSocket alone."""
