"""Providers as the older API knows them: one of each type, with one key."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from coderchat_jupyter.server.older.shapes import Json
from coderchat_jupyter.server.storage.providers import list_providers
from coderchat_jupyter.server.storage.rows import ProviderRecord
from coderchat_jupyter.wire._go import ZERO_TIME, go_time
from coderchat_jupyter.wire.ids import ZERO_UUID
from coderchat_jupyter.wire.providers import PROVIDER_TYPES

__all__ = ["USUAL_URLS", "possible", "provider_of_type", "shown"]

USUAL_URLS: Final = {
    "anthropic": "https://api.anthropic.com",
    "bedrock": "https://bedrock-runtime.us-east-1.amazonaws.com",
    "google": "https://generativelanguage.googleapis.com",
    "openai": "https://api.openai.com/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "vercel": "https://ai-gateway.vercel.sh/v1",
}
"""Where a type is called if nobody says where: an address need not be given."""


async def provider_of_type(
    connection: AsyncConnection, kind: str
) -> ProviderRecord | None:
    """The provider of a type: if there are several, one that is enabled."""
    found = [row for row in await list_providers(connection) if row.type == kind]
    return min(found, key=lambda row: not row.enabled, default=None)


def shown(row: ProviderRecord) -> Json:
    """A provider that is set up; never its key."""
    told: Json = {
        "id": row.id,
        "provider": row.type,
        "display_name": row.display_name,
        "enabled": row.enabled,
        "has_api_key": bool(row.keys),
    }
    if row.base_url != USUAL_URLS.get(row.type, ""):
        told["base_url"] = row.base_url
    return {
        **told,
        "source": "database",
        "created_at": go_time(row.created_at),
        "updated_at": go_time(row.updated_at),
    }


def possible(kind: str) -> Json:
    """A type that could be set up."""
    return {
        "id": ZERO_UUID,
        "provider": kind,
        "display_name": PROVIDER_TYPES[kind],
        "enabled": False,
        "has_api_key": False,
        "source": "supported",
        "created_at": go_time(ZERO_TIME),
        "updated_at": go_time(ZERO_TIME),
    }
