"""What the whole server needs beside the first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add it."""
    _dynamic_tools()
    _families_and_modes()


def _dynamic_tools() -> None:
    op.add_column("chats", sa.Column("dynamic_tools", sa.JSON()))
    op.add_column("chats", sa.Column("action_deadline", sa.DateTime()))


def _families_and_modes() -> None:
    with op.batch_alter_table("chats") as chats:
        for name in ("parent_chat_id", "root_chat_id"):
            chats.add_column(sa.Column(name, sa.String(36)))
        for name, size in (("plan_mode", 8), ("subagent_type", 16)):
            chats.add_column(
                sa.Column(name, sa.String(size), nullable=False, server_default="")
            )
    op.create_index("chats_family", "chats", ["root_chat_id"])
