"""Query parameters, all faults of a request told at once."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from starlette.datastructures import QueryParams

from coderchat_jupyter.server.failures import bad_parameters

__all__ = ["QueryReader"]

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,30}")
_MAX_INT64: Final = 2**63 - 1


class QueryReader:
    """Reads parameters one by one; `done` refuses if any could not be read."""

    def __init__(self, params: QueryParams) -> None:
        self._params = params
        self._faults: list[tuple[str, str]] = []

    def natural(self, name: str, default: int, *, maximum: int = _MAX_INT64) -> int:
        """A number from 0 on; `default` if it is not given or empty."""
        text = self._params.get(name, "")
        if not text:
            return default
        if _INTEGER.fullmatch(text) is None or not 0 <= int(text) <= maximum:
            self.fault(
                name, f'Query param "{name}" must be a valid number, got "{text}"'
            )
            return default
        return int(text)

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
