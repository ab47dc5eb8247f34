"""The databases a server may have: what is held against both is marked with `BOTH`."""

from __future__ import annotations

from typing import Final

import pytest

from coderchat_jupyter.server.storage.addresses import DatabaseAddress, PostgresUrl

__all__ = ["BOTH", "told"]

BOTH: Final = pytest.mark.parametrize("database_kind", ["sqlite", "postgres"])
"""Run a test, or with `pytestmark` a file, over SQLite and over Postgres."""


def told(address: DatabaseAddress) -> str:
    """What `--database` is given for it."""
    if isinstance(address, PostgresUrl):
        return address.url.get_secret_value()
    return str(address)
