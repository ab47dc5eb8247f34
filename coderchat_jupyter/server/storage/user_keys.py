"""Keys that users bring for providers: sealed, and never read back to anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.sealing import Sealer
from coderchat_jupyter.server.storage.tables import user_keys

__all__ = ["UserKeyRow", "drop_user_key", "keyed_providers", "put_user_key", "user_key"]


@dataclass(frozen=True, slots=True)
class UserKeyRow:
    """A key as it is stored, and when it was."""

    sealed: str = field(repr=False)
    created_at: datetime


async def put_user_key(
    connection: AsyncConnection,
    user_id: str,
    provider_id: str,
    key: SecretStr,
    sealer: Sealer,
    now: datetime,
) -> None:
    """Store a key in place of the one before it."""
    await drop_user_key(connection, user_id, provider_id)
    await connection.execute(
        insert(user_keys).values(
            user_id=user_id,
            provider_id=provider_id,
            sealed=sealer.seal(key),
            created_at=now,
        )
    )


async def drop_user_key(
    connection: AsyncConnection, user_id: str, provider_id: str
) -> None:
    """Destroy a key, if there is one."""
    await connection.execute(
        delete(user_keys).where(
            user_keys.c.user_id == user_id, user_keys.c.provider_id == provider_id
        )
    )


async def user_key(
    connection: AsyncConnection, user_id: str, provider_id: str
) -> UserKeyRow | None:
    """The key of a user for a provider."""
    found = await connection.execute(
        select(user_keys.c.sealed, user_keys.c.created_at).where(
            user_keys.c.user_id == user_id, user_keys.c.provider_id == provider_id
        )
    )
    row = found.one_or_none()
    return None if row is None else UserKeyRow(row.sealed, row.created_at)


async def keyed_providers(connection: AsyncConnection, user_id: str) -> set[str]:
    """The ids of the providers for which a user has a key."""
    found = await connection.execute(
        select(user_keys.c.provider_id).where(user_keys.c.user_id == user_id)
    )
    return set(found.scalars())
