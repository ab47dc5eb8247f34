"""What several servers on one database need, and what came with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from coderchat_jupyter.server.storage.folding import folded

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add it."""
    _workers()
    _large_notices()
    _mcp_servers()
    _groups()
    _folded_titles()


def _workers() -> None:
    with op.batch_alter_table("chats") as chats:
        chats.add_column(sa.Column("worker_id", sa.String(36)))
        chats.add_column(sa.Column("started_at", sa.DateTime()))
        chats.add_column(sa.Column("heartbeat_at", sa.DateTime()))


def _large_notices() -> None:
    op.create_table(
        "large_notices",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_index("large_notices_created", "large_notices", ["created_at"])


def _mcp_servers() -> None:
    """Servers that lend their tools to chats, and which of them a chat uses."""
    op.create_table(
        "mcp_servers",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("slug", sa.String(64), nullable=False, unique=True),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("icon_url", sa.Text(), nullable=False),
        sa.Column("transport", sa.String(16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("auth_type", sa.String(16), nullable=False),
        sa.Column("api_key_header", sa.Text(), nullable=False),
        sa.Column("sealed_api_key", sa.Text()),
        sa.Column("sealed_headers", sa.Text()),
        sa.Column("tool_allow_list", sa.JSON(), nullable=False),
        sa.Column("tool_deny_list", sa.JSON(), nullable=False),
        sa.Column("availability", sa.String(16), nullable=False),
        *(
            sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            for name in (
                "enabled",
                "model_intent",
                "allow_in_plan_mode",
                "forward_coder_headers",
            )
        ),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
    )
    with op.batch_alter_table("chats") as chats:
        chats.add_column(sa.Column("mcp_server_ids", sa.JSON()))


def _groups() -> None:
    """Groups of users; so far an organization was the only one."""
    op.create_table(
        "groups",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column(
            "organization_id",
            sa.String(36),
            sa.ForeignKey("organizations.id"),
            nullable=False,
        ),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("organization_id", "name"),
    )
    op.create_table(
        "group_members",
        *(
            sa.Column(name, sa.String(36), sa.ForeignKey(target), primary_key=True)
            for name, target in (("group_id", "groups.id"), ("user_id", "users.id"))
        ),
    )
    op.create_index("group_members_user", "group_members", ["user_id"])


def _folded_titles() -> None:
    """Titles without case, for the search; no database does it like another."""
    op.add_column(
        "chats",
        sa.Column("folded_title", sa.Text(), nullable=False, server_default=""),
    )
    chats = sa.table(
        "chats",
        sa.column("id", sa.String(36)),
        sa.column("title", sa.Text()),
        sa.column("folded_title", sa.Text()),
    )
    connection = op.get_bind()
    for chat_id, title in connection.execute(
        sa.select(chats.c.id, chats.c.title)
    ).all():
        connection.execute(
            sa.update(chats)
            .where(chats.c.id == chat_id)
            .values(folded_title=folded(title))
        )
