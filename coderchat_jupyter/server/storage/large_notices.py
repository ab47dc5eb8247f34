"""What is too long to be told in one notification: kept for those who look it up."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.tables import large_notices

__all__ = ["keep_notice", "kept_notice"]


async def keep_notice(connection: AsyncConnection, payload: str, now: datetime) -> str:
    """Keep a payload; what to look it up by."""
    key = str(uuid4())
    await connection.execute(
        insert(large_notices).values(id=key, payload=payload, created_at=now)
    )
    return key


async def kept_notice(connection: AsyncConnection, key: str) -> str | None:
    """A payload, unless it is too old."""
    found = await connection.execute(
        select(large_notices.c.payload).where(large_notices.c.id == key)
    )
    return found.scalar_one_or_none()
