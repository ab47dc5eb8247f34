"""What several servers on one database need, and what came with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add it."""
    _workers()
    _replicas()
    _large_notices()


def _workers() -> None:
    with op.batch_alter_table("chats") as chats:
        chats.add_column(sa.Column("worker_id", sa.String(36)))
        chats.add_column(sa.Column("started_at", sa.DateTime()))
        chats.add_column(sa.Column("heartbeat_at", sa.DateTime()))


def _replicas() -> None:
    op.create_table(
        "replicas",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
    )


def _large_notices() -> None:
    op.create_table(
        "large_notices",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_index("large_notices_created", "large_notices", ["created_at"])
