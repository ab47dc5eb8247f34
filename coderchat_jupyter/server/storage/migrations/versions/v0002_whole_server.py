"""What the whole server needs beside the first tables."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add it."""
    _structured_errors()
    _dynamic_tools()
    _families_and_modes()
    _files()
    _limits()
    _readers()
    _settings()
    _user_keys()
    _debug()


def _structured_errors() -> None:
    """Errors were once kept as text; now each has a message and a kind."""
    chats = sa.table(
        "chats",
        sa.column("id", sa.String(36)),
        sa.column("last_error", sa.JSON(none_as_null=True)),
    )
    connection = op.get_bind()
    found = connection.execute(
        sa.select(chats.c.id, sa.cast(chats.c.last_error, sa.Text()).label("kept"))
        .where(chats.c.last_error.is_not(None))
        .order_by(chats.c.id)
    )
    for chat_id, kept in found.all():
        error = _read(kept)
        if isinstance(error, dict) and "message" in error:
            continue
        # A text may itself be JSON: then it is what was said, as it was said.
        said = error if isinstance(error, str) else kept
        new = {"message": said, "kind": "generic"} if error else None
        connection.execute(
            sa.update(chats).where(chats.c.id == chat_id).values(last_error=new)
        )


def _read(kept: str) -> Any:
    try:
        return json.loads(kept)
    except ValueError:
        # SQLite takes any text into a column of JSON.
        return kept


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


def _debug() -> None:
    op.create_table(
        "debug_runs",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("chat_id", sa.String(36), sa.ForeignKey("chats.id"), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("provider", sa.String(32)),
        sa.Column("model", sa.Text()),
        sa.Column("model_config_id", sa.String(36)),
        sa.Column("trigger_message_id", sa.BigInteger()),
        sa.Column("history_tip_message_id", sa.BigInteger()),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime()),
    )
    op.create_index("debug_runs_chat", "debug_runs", ["chat_id", "started_at"])
    op.create_table(
        "debug_steps",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column(
            "run_id", sa.String(36), sa.ForeignKey("debug_runs.id"), nullable=False
        ),
        sa.Column("step_number", sa.Integer(), nullable=False),
        sa.Column("step", sa.JSON(), nullable=False),
    )
    op.create_index("debug_steps_run", "debug_steps", ["run_id", "step_number"])
