"""The databases a server may have: what is held against both is marked with `BOTH`."""

from __future__ import annotations

from typing import Final

import pytest

__all__ = ["BOTH"]

BOTH: Final = pytest.mark.parametrize("database_kind", ["sqlite", "postgres"])
"""Run a test, or with `pytestmark` a file, over SQLite and over Postgres."""
