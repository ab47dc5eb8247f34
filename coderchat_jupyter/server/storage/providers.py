"""AI providers and their sealed keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from pydantic import SecretStr
from sqlalchemy import ColumnElement, delete, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.rows import KeyRow, ProviderRecord
from coderchat_jupyter.server.storage.sealing import Sealer
from coderchat_jupyter.server.storage.tables import provider_keys, providers
from coderchat_jupyter.wire.ids import ProviderId

__all__ = [
    "add_keys",
    "add_provider",
    "all_providers",
    "change_provider",
    "drop_keys",
    "find_provider",
    "get_provider",
    "list_providers",
    "masked",
]


def masked(key: str) -> str:
    """As much of a key as may be shown: the longer it is, the more."""
    size = len(key)
    shown = 4 if size >= 20 else 2 if size >= 10 else 1 if size >= 5 else 0
    return f"{key[:shown]}...{key[size - shown :] if shown else ''}"


async def add_provider(
    connection: AsyncConnection,
    now: datetime,
    *,
    type: str,  # noqa: A002  the field's name
    name: str,
    base_url: str,
    display_name: str = "",
    enabled: bool = True,
    settings: Any = None,
) -> ProviderId:
    """Store a provider without keys."""
    provider_id = ProviderId(str(uuid4()))
    await connection.execute(
        insert(providers).values(
            id=provider_id,
            type=type,
            name=name,
            display_name=display_name or name,
            enabled=enabled,
            base_url=base_url,
            settings=settings,
            created_at=now,
            updated_at=now,
        )
    )
    return provider_id


async def add_keys(
    connection: AsyncConnection,
    provider_id: ProviderId,
    keys: Iterable[SecretStr],
    sealer: Sealer,
    now: datetime,
) -> None:
    """Seal keys and store them. The first is used, so each is a moment younger."""
    for index, key in enumerate(keys):
        await connection.execute(
            insert(provider_keys).values(
                id=str(uuid4()),
                provider_id=provider_id,
                sealed=sealer.seal(key),
                masked=masked(key.get_secret_value()),
                created_at=now + timedelta(microseconds=index),
            )
        )


async def drop_keys(
    connection: AsyncConnection, provider_id: ProviderId, *, keep: Iterable[str] = ()
) -> None:
    """Delete the keys of a provider, except those named."""
    await connection.execute(
        delete(provider_keys).where(
            provider_keys.c.provider_id == provider_id,
            provider_keys.c.id.not_in(tuple(keep)),
        )
    )


async def change_provider(
    connection: AsyncConnection,
    provider_id: ProviderId,
    changes: Mapping[str, Any],
    now: datetime,
) -> None:
    """Set columns and the time of the change."""
    await connection.execute(
        update(providers)
        .where(providers.c.id == provider_id)
        .values(**changes, updated_at=now)
    )


async def list_providers(connection: AsyncConnection) -> list[ProviderRecord]:
    """All live providers by name, disabled ones too."""
    return await _select(connection, providers.c.deleted.is_(False))


async def all_providers(connection: AsyncConnection) -> list[ProviderRecord]:
    """All providers by name, deleted ones too."""
    return await _select(connection, true())


async def get_provider(
    connection: AsyncConnection, provider_id: str
) -> ProviderRecord | None:
    """The provider with this id, a deleted one too."""
    found = await _select(connection, providers.c.id == provider_id)
    return found[0] if found else None


async def find_provider(
    connection: AsyncConnection, id_or_name: str
) -> ProviderRecord | None:
    """The live provider with this id or name."""
    found = await _select(
        connection,
        providers.c.deleted.is_(False)
        & ((providers.c.id == id_or_name) | (providers.c.name == id_or_name)),
    )
    return found[0] if found else None


async def _select(
    connection: AsyncConnection, where: ColumnElement[bool]
) -> list[ProviderRecord]:
    rows = (
        await connection.execute(
            select(providers).where(where).order_by(providers.c.name)
        )
    ).all()
    keys = await connection.execute(
        select(provider_keys)
        .where(provider_keys.c.provider_id.in_([row.id for row in rows]))
        .order_by(provider_keys.c.created_at, provider_keys.c.id)
    )
    held: dict[str, list[KeyRow]] = {}
    for key in keys:
        held.setdefault(key.provider_id, []).append(
            KeyRow(
                id=key.id,
                sealed=key.sealed,
                masked=key.masked,
                created_at=key.created_at,
            )
        )
    return [
        ProviderRecord(**row._mapping, keys=tuple(held.get(row.id, ()))) for row in rows
    ]
