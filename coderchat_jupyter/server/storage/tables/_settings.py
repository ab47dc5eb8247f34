"""What is set for the deployment and for its users, and what they may spend."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, String, Table

from coderchat_jupyter.server.storage.tables._columns import (
    metadata,
    moment,
)

__all__ = ["settings", "usage_limits"]

# Of the deployment where `user_id` is empty. What `value` holds depends on the name.
settings: Final = Table(
    "settings",
    metadata,
    Column("user_id", String(36), primary_key=True),
    Column("name", String(96), primary_key=True),
    Column("value", JSON(), nullable=False),
)

# One row for everybody (`target` is empty), one for each user and group with a limit
# of their own. Without an amount the limit for everybody is off.
usage_limits: Final = Table(
    "usage_limits",
    metadata,
    Column("scope", String(16), primary_key=True),
    Column("target", String(36), primary_key=True),
    Column("spend_limit_micros", BigInteger()),
    Column("period", String(8), nullable=False),
    moment("updated_at"),
)
