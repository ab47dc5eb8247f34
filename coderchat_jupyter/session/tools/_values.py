"""What Python functions give, as JSON that a model can read."""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import islice
from typing import Any, Final

from pydantic import BaseModel, SecretBytes, SecretStr

__all__ = ["MOST_ITEMS", "jsonable"]

_DEEPEST: Final = 32
MOST_ITEMS: Final = 10_000
_MOST_VALUES: Final = 100_000
_MOST_ROWS: Final = 200
_MOST_COLUMNS: Final = 100
_MOST_BYTES: Final = 4096


def jsonable(value: Any) -> Any:
    """Turn a value into plain JSON values: never fails, never endless.

    Text, numbers, mappings, sequences, data classes and pydantic models become what
    they look like; data frames a table of their first rows; anything else its `str`.
    """
    return _Reader().read(value, 0)


class _Reader:
    def __init__(self) -> None:
        self._left = _MOST_VALUES

    def read(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Enum):
            return self.read(value.value, depth)
        if isinstance(value, str):
            return _text(value)
        if isinstance(value, int):
            return int(value) if abs(value) < 10**300 else "(a huge number)"
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else str(float(value))
        if depth >= _DEEPEST or self._left <= 0:
            return "…"
        try:
            return self._compound(value, depth)
        except Exception as error:  # noqa: BLE001  foreign code; one value, not all
            return f"({type(value).__name__}, not shown: {type(error).__name__})"

    def _compound(self, value: Any, depth: int) -> Any:
        if isinstance(value, (bytes, bytearray, memoryview)):
            return _binary(bytes(value))
        if isinstance(value, (SecretStr, SecretBytes)):
            return str(value)
        if isinstance(value, (datetime, date, time)):
            return value.isoformat() if value == value else None
        if isinstance(value, (Decimal, Fraction)):
            return str(value)
        if isinstance(value, BaseModel):
            fields = {name: getattr(value, name) for name in type(value).model_fields}
            return self._mapping(fields | (value.model_extra or {}), depth)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            names = (each.name for each in dataclasses.fields(value) if each.repr)
            return self._mapping({name: getattr(value, name) for name in names}, depth)
        if (found := self._foreign(value, depth)) is not None:
            return found
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, tuple) and hasattr(value, "_asdict"):
            return self._mapping(value._asdict(), depth)
        if isinstance(value, (list, tuple, set, frozenset, range, Iterator)):
            return self._items(value, depth)
        if isinstance(value, Iterable) and hasattr(value, "__len__"):
            return self._items(value, depth)
        return _text(str(value))

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        found = {
            _key(key): self.read(item, depth + 1)
            for key, item in islice(value.items(), MOST_ITEMS)
        }
        if (more := len(value) - MOST_ITEMS) > 0:
            found["…"] = f"{more:,} more"
        return found

    def _items(self, value: Iterable[Any], depth: int) -> list[Any]:
        source = iter(value)
        found = [self.read(item, depth + 1) for item in islice(source, MOST_ITEMS)]
        if next(source, source) is not source:
            found.append("… more")
        return found

    def _foreign(self, value: Any, depth: int) -> Any:
        """Values of numpy, pandas and polars, none of which is imported here."""
        home = type(value).__module__.partition(".")[0]
        name = type(value).__name__
        if home == "pandas" and name in ("NAType", "NaTType"):
            return "null"
        if home == "pandas" and name == "Series":
            return self._table(value.to_frame(), depth)
        if home == "pandas" and name == "DataFrame":
            return self._table(value, depth)
        if home == "polars" and name == "Series":
            return self._polars(value.to_frame(), depth)
        if home == "polars" and name == "DataFrame":
            return self._polars(value, depth)
        if home == "numpy" and hasattr(value, "tolist"):
            if getattr(value, "ndim", 0) == 0:
                return self.read(value.tolist(), depth + 1)
            flat = value.reshape(-1)[:MOST_ITEMS].tolist()
            rows = value.tolist() if value.size <= MOST_ITEMS else [*flat, "… more"]
            shape = [int(side) for side in value.shape]
            return {"shape": shape, "values": self._items(rows, depth)}
        return None

    def _table(self, frame: Any, depth: int) -> dict[str, Any]:
        total, width = frame.shape
        shown = frame.iloc[:_MOST_ROWS, :_MOST_COLUMNS]
        if type(frame.index).__name__ != "RangeIndex":
            shown = shown.reset_index(allow_duplicates=True)
        rows = (tuple(row) for row in shown.itertuples(index=False, name=None))
        return self._rows((total, width), shown.columns, rows, depth)

    def _polars(self, frame: Any, depth: int) -> dict[str, Any]:
        shown = frame[:_MOST_ROWS, :_MOST_COLUMNS]
        return self._rows(frame.shape, shown.columns, shown.iter_rows(), depth)

    def _rows(
        self,
        shape: tuple[int, int],
        columns: Iterable[Any],
        rows: Iterable[tuple[Any, ...]],
        depth: int,
    ) -> dict[str, Any]:
        read = [[self._cell(cell, depth + 2) for cell in row] for row in rows]
        table: dict[str, Any] = {
            "shape": list(shape),
            "columns": [_key(name) for name in columns],
            "rows": read,
        }
        if len(read) < shape[0]:
            table["shown"] = f"the first {len(read):,} of {shape[0]:,} rows"
        return table

    def _cell(self, cell: Any, depth: int) -> Any:
        # Frames write what is missing as something that is not equal to itself.
        missing = type(cell).__name__ in ("NAType", "NaTType") or (
            isinstance(cell, float) and math.isnan(cell)
        )
        return None if missing else self.read(cell, depth)


def _key(key: Any) -> str:
    if isinstance(key, tuple):
        return _text(" / ".join(str(part) for part in key))
    return _text(str(key.value if isinstance(key, Enum) else key))


def _text(text: str) -> str:
    # Half a surrogate is no Unicode, and databases keep no NUL.
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return str(clean.replace("\0", "\ufffd"))


def _binary(value: bytes) -> Any:
    try:
        return _text(value.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    if len(value) > _MOST_BYTES:
        return f"({len(value):,} bytes of binary data, not shown)"
    return {"base64": base64.b64encode(value).decode()}
