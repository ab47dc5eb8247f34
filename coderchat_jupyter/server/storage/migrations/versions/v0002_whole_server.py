"""What the whole server needs beside the first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add it."""
    _dynamic_tools()


def _dynamic_tools() -> None:
    op.add_column("chats", sa.Column("dynamic_tools", sa.JSON()))
    op.add_column("chats", sa.Column("action_deadline", sa.DateTime()))
