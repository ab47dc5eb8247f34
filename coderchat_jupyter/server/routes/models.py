"""The models a user may choose from."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from coderchat_jupyter.server.provider_rules import COPILOT, MAY_LACK_KEYS
from coderchat_jupyter.server.routes._endpoint import Call, answer, endpoint
from coderchat_jupyter.server.storage import model_configs, providers
from coderchat_jupyter.server.storage.rows import ModelConfigRow, ProviderRecord
from coderchat_jupyter.server.storage.user_keys import keyed_providers
from coderchat_jupyter.wire._go import encode
from coderchat_jupyter.wire.models import CatalogueModel, CatalogueProvider
from coderchat_jupyter.wire.providers import PROVIDER_TYPES

__all__ = ["catalogue"]


@endpoint
async def catalogue(call: Call) -> Response:
    """`GET /chats/models`: enabled models of enabled providers, by provider type."""
    async with call.service.database.read() as connection:
        held: set[str] = set()
        if call.service.settings.allow_user_keys:
            held = await keyed_providers(connection, call.user.id)
        enabled = [
            p
            for p in await providers.list_providers(connection)
            if p.enabled and p.type != COPILOT
        ]
        configs = [
            c
            for c in await model_configs.list_model_configs(connection)
            if c.enabled and c.provider_enabled
        ]
    types = {p.type for p in enabled}
    known = [t for t in PROVIDER_TYPES if t in types]
    entries = [
        _entry(kind, [p for p in enabled if p.type == kind], configs, held)
        for kind in (*known, *sorted(types.difference(known)))
    ]
    return answer({"providers": entries})


def _entry(
    kind: str,
    of_type: list[ProviderRecord],
    configs: list[ModelConfigRow],
    held: set[str],
) -> dict[str, Any]:
    models: dict[str, CatalogueModel] = {}
    for config in configs:
        if config.provider == kind:
            models.setdefault(
                config.model.lower(),
                CatalogueModel(
                    id=f"{kind}:{config.model}",
                    provider=kind,
                    model=config.model,
                    display_name=config.display_name or config.model,
                ),
            )
    usable = kind in MAY_LACK_KEYS or any(p.keys or p.id in held for p in of_type)
    entry: dict[str, Any] = encode(
        CatalogueProvider(
            provider=kind,
            available=usable,
            unavailable_reason="" if usable else "missing_api_key",
            models=tuple(models[name] for name in sorted(models)),
        )
    )
    if not models and configs:
        # The reference never made this list, and Go writes null for it.
        entry["models"] = None
    return entry
