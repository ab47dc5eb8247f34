"""Settings: of the deployment, and of single users."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.storage.tables import settings

__all__ = ["DEPLOYMENT", "drop_setting", "get_setting", "put_setting", "settings_under"]

DEPLOYMENT: Final = ""
"""Whose the settings are that hold for everybody."""


async def get_setting(
    connection: AsyncConnection, name: str, owner: str = DEPLOYMENT
) -> Any:
    """What is stored, or None. JSON null is never stored."""
    found = await connection.execute(
        select(settings.c.value).where(
            settings.c.user_id == owner, settings.c.name == name
        )
    )
    return found.scalar_one_or_none()


async def put_setting(
    connection: AsyncConnection, name: str, value: Any, owner: str = DEPLOYMENT
) -> None:
    """Store a JSON value in place of what there was."""
    await drop_setting(connection, name, owner)
    await connection.execute(
        insert(settings).values(user_id=owner, name=name, value=value)
    )


async def drop_setting(
    connection: AsyncConnection, name: str, owner: str = DEPLOYMENT
) -> None:
    """Forget a setting, if it is there."""
    await connection.execute(
        delete(settings).where(settings.c.user_id == owner, settings.c.name == name)
    )


async def settings_under(
    connection: AsyncConnection, prefix: str, owner: str = DEPLOYMENT
) -> dict[str, Any]:
    """All settings whose names begin with `prefix`, by the rest of the name, sorted."""
    found = await connection.execute(
        select(settings.c.name, settings.c.value)
        .where(
            settings.c.user_id == owner,
            settings.c.name.startswith(prefix, autoescape=True),
        )
        .order_by(settings.c.name)
    )
    return {row.name[len(prefix) :]: row.value for row in found}
