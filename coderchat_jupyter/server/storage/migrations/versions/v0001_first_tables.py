"""The first tables: users, organisations, providers, models, chats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ZERO = sa.text("0")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.String(36), primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(36), sa.ForeignKey(target), nullable=nullable)


def _member(name: str, target: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(36), sa.ForeignKey(target), primary_key=True)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _created() -> sa.Column[object]:
    return sa.Column("created_at", sa.DateTime(), nullable=False)


def _updated() -> sa.Column[object]:
    return sa.Column("updated_at", sa.DateTime(), nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    """Make them."""
    _people()
    _models()
    _chats()


def _people() -> None:
    op.create_table(
        "users",
        _id(),
        sa.Column("username", sa.String(64), nullable=False, unique=True),
        _text("name"),
        _text("email"),
        _flag("is_admin"),
        _created(),
        _updated(),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(10), primary_key=True),
        _ref("user_id", "users.id"),
        sa.Column("hashed_secret", sa.String(64), nullable=False),
        _created(),
    )
    op.create_table(
        "organizations",
        _id(),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        _text("display_name"),
        _created(),
        _updated(),
    )
    op.create_table(
        "organization_members",
        _member("organization_id", "organizations.id"),
        _member("user_id", "users.id"),
    )


def _models() -> None:
    op.create_table(
        "ai_providers",
        _id(),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        _text("display_name"),
        _flag("enabled"),
        _text("base_url"),
        sa.Column("settings", sa.JSON()),
        _flag("deleted"),
        _created(),
        _updated(),
    )
    op.create_index(
        "ai_providers_live_name",
        "ai_providers",
        ["name"],
        unique=True,
        sqlite_where=sa.text("deleted = 0"),
        postgresql_where=sa.text("NOT deleted"),
    )
    op.create_table(
        "ai_provider_keys",
        _id(),
        _ref("provider_id", "ai_providers.id"),
        _text("sealed"),
        _text("masked"),
        _created(),
    )
    op.create_table(
        "model_configs",
        _id(),
        _ref("ai_provider_id", "ai_providers.id"),
        _text("model"),
        _text("display_name"),
        _flag("enabled"),
        _flag("is_default"),
        sa.Column("context_limit", sa.BigInteger(), nullable=False),
        sa.Column("compression_threshold", sa.Integer(), nullable=False),
        sa.Column("call_config", sa.JSON(), nullable=False),
        _flag("deleted"),
        _created(),
        _updated(),
    )


def _chats() -> None:
    op.create_table(
        "chats",
        _id(),
        _ref("organization_id", "organizations.id"),
        _ref("owner_id", "users.id"),
        _ref("last_model_config_id", "model_configs.id"),
        _text("title"),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("last_error", sa.JSON()),
        _text("last_turn_summary", nullable=True),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("client_type", sa.String(8), nullable=False),
        _flag("archived"),
        sa.Column("pin_order", sa.Integer(), nullable=False, server_default=_ZERO),
        sa.Column(
            "last_read_id", sa.BigInteger(), nullable=False, server_default=_ZERO
        ),
        _created(),
        _updated(),
    )
    op.create_index("chats_owner", "chats", ["owner_id", "archived", "updated_at"])
    op.create_index("chats_status", "chats", ["status"])
    op.create_table(
        "messages",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        _ref("chat_id", "chats.id"),
        _ref("created_by", "users.id", nullable=True),
        _ref("model_config_id", "model_configs.id", nullable=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("visibility", sa.String(8), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("usage", sa.JSON()),
        sa.Column("cost_micros", sa.BigInteger()),
        sa.Column("runtime_ms", sa.BigInteger()),
        _flag("deleted"),
        _created(),
        sqlite_autoincrement=True,
    )
    op.create_index("messages_chat", "messages", ["chat_id", "id"])
    # A message with id 1 could never be announced by a reader that asks for
    # "after id - 1" and takes 0 for "not given": ids start at 2.
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('messages', 1)")
    else:
        op.execute("ALTER SEQUENCE messages_id_seq START WITH 2 RESTART WITH 2")
    op.create_table(
        "queued_messages",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        _ref("chat_id", "chats.id"),
        _ref("model_config_id", "model_configs.id", nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        _created(),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "queued_messages_chat", "queued_messages", ["chat_id", "created_at", "id"]
    )
