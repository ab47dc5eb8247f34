"""The providers of models, their keys, and the models that chats may use."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from coderchat_jupyter.server.storage.tables._columns import (
    flag,
    identity,
    member,
    metadata,
    moment,
    reference,
)

__all__ = ["model_configs", "provider_keys", "providers", "user_keys"]

providers: Final = Table(
    "ai_providers",
    metadata,
    identity(),
    Column("type", String(32), nullable=False),
    Column("name", String(64), nullable=False),
    Column("display_name", Text(), nullable=False),
    flag("enabled"),
    Column("base_url", Text(), nullable=False),
    Column("settings", JSON(none_as_null=True)),
    flag("deleted"),
    moment("created_at"),
    moment("updated_at"),
    # The name of a deleted provider is free again.
    Index(
        "ai_providers_live_name",
        "name",
        unique=True,
        sqlite_where=text("deleted = 0"),
        postgresql_where=text("NOT deleted"),
    ),
)

# `sealed` is the key, encrypted; `masked` is what may be shown of it.
provider_keys: Final = Table(
    "ai_provider_keys",
    metadata,
    identity(),
    reference("provider_id", "ai_providers.id"),
    Column("sealed", Text(), nullable=False),
    Column("masked", Text(), nullable=False),
    moment("created_at"),
)

# A key that a user brought for a provider, encrypted.
user_keys: Final = Table(
    "user_provider_keys",
    metadata,
    member("user_id", "users.id"),
    member("provider_id", "ai_providers.id"),
    Column("sealed", Text(), nullable=False),
    moment("created_at"),
)

model_configs: Final = Table(
    "model_configs",
    metadata,
    identity(),
    reference("ai_provider_id", "ai_providers.id"),
    Column("model", Text(), nullable=False),
    Column("display_name", Text(), nullable=False),
    flag("enabled"),
    flag("is_default"),
    Column("context_limit", BigInteger(), nullable=False),
    Column("compression_threshold", Integer(), nullable=False),
    Column("call_config", JSON(), nullable=False),
    flag("deleted"),
    moment("created_at"),
    moment("updated_at"),
)
