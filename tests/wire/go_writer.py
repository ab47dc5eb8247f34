"""A Go server that writes whatever a contract lets it write, by throwing dice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from coderchat_jupyter.wire._go import ZERO_TIME
from tests.wire.contract import Contract, GoField
from tests.wire.contract_table import REQUESTS

__all__ = ["GoWriter"]

_TEXTS: Final = (
    *("", " ", "a", "null", "0", "\x00", "\u2028<&>", "\U0001f600", "e\u0301"),
    *("\u202ertl", "\ufeff", '"\\', "unknown", "{}", "x" * 200),
)
_INTS: Final = {"int": 63, "int32": 31, "int64": 63}
_DEEPEST: Final = 4


class GoWriter:
    """Documents of one generation; the same seed writes the same ones."""

    def __init__(self, known: Contract, seed: int) -> None:
        self._known = known
        self._dice = Random(seed)  # noqa: S311  nothing secret is drawn
        self._scalars: dict[str, Callable[[], Any]] = {
            "string": self._text,
            "bool": lambda: self._dice.random() < 0.5,
            "float64": lambda: self._dice.choice((0, 1, -0.5, 1e-9, 1e21, 3.0)),
            "uuid.UUID": lambda: str(UUID(int=self._dice.getrandbits(128))),
            "uuid.NullUUID": lambda: self._dice.choice((None, str(UUID(int=7)))),
            "time.Time": self._time,
            "decimal.Decimal": lambda: self._dice.choice(
                ("0", "3.5", "3.50", "1e3", 0, 2, 2.75, "0.000001", "15000000")
            ),
            "json.RawMessage": self._json,
            "any": self._json,
            "[]byte": lambda: self._dice.choice(("", "aGk=", "not base64!")),
            "AIProviderType": self._text,
            "ServerSentEventType": self._text,
        }

    def document(self, name: str, tag: str, depth: int = 0) -> dict[str, Any]:
        """One value of a type, now and then with a field of a newer server."""
        newer = self._dice.choice((0, 0, 0, 2))
        out = {f"zz {number}": self._json() for number in range(newer)}
        for field in self._known.fields(name, tag):
            # Without its payload an event says nothing.
            payload = name == "ChatStreamEvent" and field.go.startswith("*")
            there = payload or not field.vanishes
            if field.name == "type" and tag:
                out["type"] = tag
            elif there or (depth < _DEEPEST and self._dice.random() < 0.6):
                go = field.go.removeprefix("*") if payload else field.go
                value = self._field(name, field, go, depth)
                # Servers were seen to write null for what they could leave out.
                if value is not None or not field.vanishes or name not in REQUESTS:
                    out[field.name] = value
        return out

    def _field(self, name: str, field: GoField, go: str, depth: int) -> Any:
        if name in REQUESTS and go in self._known.enums:
            return self._dice.choice(self._known.enums[go])
        return self._value(go, depth)

    def _value(self, go: str, depth: int) -> Any:
        if go in self._scalars:
            return self._scalars[go]()
        if go in _INTS:
            limit = 2 ** _INTS[go]
            return self._dice.choice((0, 1, -1, 64, limit - 1, -limit))
        if go.startswith("*"):
            inner = self._value(go[1:], depth + 1) if depth < _DEEPEST else None
            return self._dice.choice((None, inner))
        if go.startswith("[]"):
            return self._items(go[2:], depth + 1)
        if go.startswith("map["):
            items = self._items(go.partition("]")[2], depth + 1)
            if items is None:
                return None
            return {f"{n} {self._text()}": item for n, item in enumerate(items)}
        if go in self._known.enums:
            return self._dice.choice((*self._known.enums[go], "newer", self._text()))
        return self.document(go, self._dice.choice(self._known.tags(go)), depth + 1)

    def _items(self, go: str, depth: int) -> list[Any] | None:
        if depth > _DEEPEST or self._dice.random() < 0.2:
            return self._dice.choice((None, []))
        return [self._value(go, depth) for _ in range(self._dice.choice((1, 2)))]

    def _text(self) -> str:
        return self._dice.choice(_TEXTS)

    def _time(self) -> str:
        moment = ZERO_TIME + timedelta(seconds=self._dice.randrange(10**11))
        digits = str(self._dice.randrange(10 ** self._dice.randrange(10)))
        fraction = digits.rstrip("0")
        offset = self._dice.choice(("Z", "Z", "+02:00", "-11:30"))
        seconds = moment.replace(tzinfo=None).isoformat()
        return seconds + (f".{fraction}" if fraction else "") + offset

    def _json(self, depth: int = 0) -> Any:
        """Any JSON: what a tool returned, or a provider said."""
        kind = self._dice.randrange(6 if depth < _DEEPEST else 4)
        if kind == 5:
            return {self._text(): self._json(depth + 1) for _ in range(2)}
        if kind == 4:
            return [self._json(depth + 1) for _ in range(2)]
        return (None, True, self._dice.getrandbits(70), self._text())[kind]
