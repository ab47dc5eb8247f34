"""Model configurations, and which of them is the default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.rows import ModelConfigRow
from coderchat_jupyter.server.storage.tables import model_configs, providers
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire._lenient import read_leniently
from coderchat_jupyter.wire.ids import ModelConfigId, ProviderId
from coderchat_jupyter.wire.models import CallConfig

__all__ = [
    "add_model_config",
    "change_model_config",
    "default_model_config",
    "elect_default",
    "get_model_config",
    "list_model_configs",
    "make_default",
]


async def add_model_config(
    connection: AsyncConnection,
    now: datetime,
    *,
    ai_provider_id: ProviderId,
    model: str,
    context_limit: int,
    display_name: str = "",
    enabled: bool = True,
    compression_threshold: int = 70,
    call_config: CallConfig | None = None,
) -> ModelConfigId:
    """Store a configuration that is not the default; see `make_default`."""
    config_id = ModelConfigId(str(uuid4()))
    await connection.execute(
        insert(model_configs).values(
            id=config_id,
            ai_provider_id=ai_provider_id,
            model=model,
            display_name=display_name,
            enabled=enabled,
            context_limit=context_limit,
            compression_threshold=compression_threshold,
            call_config=encode(call_config or CallConfig()),
            created_at=now,
            updated_at=now,
        )
    )
    return config_id


async def change_model_config(
    connection: AsyncConnection,
    config_id: ModelConfigId,
    changes: Mapping[str, Any],
    now: datetime,
) -> None:
    """Set columns and the time of the change, also if nothing else changes."""
    await connection.execute(
        update(model_configs)
        .where(model_configs.c.id == config_id)
        .values(**changes, updated_at=now)
    )


async def make_default(
    connection: AsyncConnection, config_id: ModelConfigId, now: datetime
) -> None:
    """Make one configuration the default, and the former one not."""
    for row in await list_model_configs(connection):
        wanted = row.id == config_id
        if row.is_default != wanted:
            await change_model_config(connection, row.id, {"is_default": wanted}, now)


async def elect_default(
    connection: AsyncConnection, now: datetime, *, other_than: ModelConfigId
) -> None:
    """Choose a default where there is none: the first, rather not `other_than`."""
    rows = await list_model_configs(connection)
    if not rows or any(row.is_default for row in rows):
        return
    chosen = next((row for row in rows if row.id != other_than), rows[0])
    await change_model_config(connection, chosen.id, {"is_default": True}, now)


async def list_model_configs(connection: AsyncConnection) -> list[ModelConfigRow]:
    """All live configurations, in the order the API lists them."""
    return await _select(connection, model_configs.c.deleted.is_(False))


async def get_model_config(
    connection: AsyncConnection, config_id: str
) -> ModelConfigRow | None:
    """The live configuration with this id."""
    found = await _select(
        connection,
        model_configs.c.deleted.is_(False) & (model_configs.c.id == config_id),
    )
    return found[0] if found else None


async def default_model_config(connection: AsyncConnection) -> ModelConfigRow | None:
    """The deployment's default."""
    found = await _select(
        connection,
        model_configs.c.deleted.is_(False) & model_configs.c.is_default.is_(True),
    )
    return found[0] if found else None


async def _select(
    connection: AsyncConnection, where: ColumnElement[bool]
) -> list[ModelConfigRow]:
    table = model_configs.c
    rows = await connection.execute(
        select(
            table.id,
            table.ai_provider_id,
            providers.c.type.label("provider"),
            (providers.c.enabled & ~providers.c.deleted).label("provider_enabled"),
            table.model,
            table.display_name,
            table.enabled,
            table.is_default,
            table.context_limit,
            table.compression_threshold,
            table.call_config,
            table.created_at,
            table.updated_at,
        )
        .join(providers, providers.c.id == table.ai_provider_id)
        .where(where)
        .order_by(
            providers.c.type, table.model, table.updated_at.desc(), table.id.desc()
        )
    )
    return [
        ModelConfigRow(
            **{
                **row._mapping,
                "provider_enabled": bool(row.provider_enabled),
                "call_config": read_leniently(CallConfig, row.call_config),
            }
        )
        for row in rows
    ]
