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
    _files()
    _limits()
    _readers()
    _settings()
    _user_keys()


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


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("owner_id", sa.String(36), sa.ForeignKey("users.id"), nullable=False),
        sa.Column(
            "organization_id",
            sa.String(36),
            sa.ForeignKey("organizations.id"),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_index("files_created", "files", ["created_at"])
    op.create_table(
        "chat_files",
        sa.Column(
            "chat_id", sa.String(36), sa.ForeignKey("chats.id"), primary_key=True
        ),
        sa.Column(
            "file_id", sa.String(36), sa.ForeignKey("files.id"), primary_key=True
        ),
    )
    op.create_index("chat_files_file", "chat_files", ["file_id"])


def _settings() -> None:
    op.create_table(
        "settings",
        sa.Column("user_id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(96), primary_key=True),
        sa.Column("value", sa.JSON(), nullable=False),
    )


def _limits() -> None:
    op.create_table(
        "usage_limits",
        sa.Column("scope", sa.String(16), primary_key=True),
        sa.Column("target", sa.String(36), primary_key=True),
        sa.Column("spend_limit_micros", sa.BigInteger()),
        sa.Column("period", sa.String(8), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
    )


def _readers() -> None:
    op.create_table(
        "chat_readers",
        sa.Column(
            "chat_id", sa.String(36), sa.ForeignKey("chats.id"), primary_key=True
        ),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("target", sa.String(36), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
    )
    op.create_index("chat_readers_target", "chat_readers", ["target"])


def _user_keys() -> None:
    op.create_table(
        "user_provider_keys",
        sa.Column(
            "user_id", sa.String(36), sa.ForeignKey("users.id"), primary_key=True
        ),
        sa.Column(
            "provider_id",
            sa.String(36),
            sa.ForeignKey("ai_providers.id"),
            primary_key=True,
        ),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
