"""What servers tell each other by way of the database."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Table, Text

from coderchat_jupyter.server.storage.tables._columns import (
    identity,
    metadata,
    moment,
)

__all__ = ["large_notices"]

# What is too long for a notification of Postgres: that one names the row.
large_notices: Final = Table(
    "large_notices",
    metadata,
    identity(),
    Column("payload", Text(), nullable=False),
    moment("created_at"),
    Index("large_notices_created", "created_at"),
)
