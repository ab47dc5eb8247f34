"""What models were really asked."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, Text

from coderchat_jupyter.server.storage.tables._columns import (
    identity,
    metadata,
    moment,
    reference,
)

__all__ = ["debug_runs", "debug_steps"]

debug_runs: Final = Table(
    "debug_runs",
    metadata,
    identity(),
    reference("chat_id", "chats.id"),
    Column("kind", String(24), nullable=False),
    Column("status", String(16), nullable=False),
    Column("provider", String(32)),
    Column("model", Text()),
    Column("model_config_id", String(36)),
    Column("trigger_message_id", BigInteger()),
    Column("history_tip_message_id", BigInteger()),
    Column("summary", JSON(), nullable=False),
    moment("started_at"),
    moment("updated_at"),
    moment("finished_at", nullable=True),
    Index("debug_runs_chat", "chat_id", "started_at"),
)

# JSON: nothing but a whole step is ever read.
debug_steps: Final = Table(
    "debug_steps",
    metadata,
    identity(),
    reference("run_id", "debug_runs.id"),
    Column("step_number", Integer(), nullable=False),
    Column("step", JSON(), nullable=False),
    Index("debug_steps_run", "run_id", "step_number"),
)
