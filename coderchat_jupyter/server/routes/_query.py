"""Query parameters, all faults of a request told at once."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final

from starlette.datastructures import QueryParams

from coderchat_jupyter.server.failures import bad_parameters

__all__ = ["QueryReader", "int64_of"]

_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_MAX_INT64: Final = 2**63 - 1

# Far more than any number has; Python refuses to read thousands.
_DIGITS: Final = 30

_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE
)


def int64_of(text: str) -> int:
    """A whole number of 64 bits.

    Raises:
        ValueError: It is none; the reason is worded as the reference words it.
    """
    reason = ""
    if _INTEGER.fullmatch(text) is None:
        reason = "invalid syntax"
    elif len(text) > _DIGITS or not -_MAX_INT64 <= int(text) + 1 <= _MAX_INT64 + 1:
        reason = "value out of range"
    if reason:
        msg = f'strconv.ParseInt: parsing "{text}": {reason}'
        raise ValueError(msg)
    return int(text)


class QueryReader:
    """Reads parameters one by one; `done` refuses if any could not be read."""

    def __init__(self, params: QueryParams) -> None:
        self._params = params
        self._faults: list[tuple[str, str]] = []

    def text(self, name: str) -> str:
        """What is given, empty if nothing is; more than one value is a fault."""
        given = self._params.getlist(name)
        # An empty first one hides the others.
        if len(given) > 1 and given[0]:
            self.fault(name, f'Query param "{name}" provided more than once')
            return ""
        return given[0] if given else ""

    def natural(self, name: str, default: int, *, maximum: int = _MAX_INT64) -> int:
        """A number from 0 on; `default` if it is not given or empty."""
        text = self.text(name)
        if not text:
            return default
        try:
            number = int64_of(text)
        except ValueError:
            number = -1
        if not 0 <= number <= maximum:
            self.fault(
                name, f'Query param "{name}" must be a valid number, got "{text}"'
            )
            return default
        return number

    def whole(self, name: str, default: int) -> int:
        """A number of either sign; `default` if it is not given or empty."""
        text = self.text(name)
        if not text:
            return default
        try:
            return int64_of(text)
        except ValueError as error:
            self.fault(name, f'Query param "{name}" must be a valid integer: {error}')
            return default

    def moment(self, name: str, default: datetime) -> datetime:
        """A time as RFC 3339 writes it, in UTC; `default` if it is not given."""
        text = self.text(name)
        if not text:
            return default
        try:
            if _TIME.fullmatch(text):
                found = datetime.fromisoformat(text.upper())
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self.fault(name, f'Query param "{name}" must be a valid date, got "{text}"')
        return default

    def fault(self, name: str, detail: str) -> None:
        """Note that a parameter is wrong."""
        self._faults.append((name, detail))

    def only(self, names: Collection[str]) -> None:
        """Note every parameter beyond these."""
        for name in self._params:
            if name not in names:
                self.fault(name, f'"{name}" is not a valid query param')

    def done(self) -> None:
        """Refuse, if anything is wrong.

        Raises:
            RequestError: 400, one validation a parameter.
        """
        if self._faults:
            raise bad_parameters(self._faults)
